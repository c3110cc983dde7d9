// The scripts of build/, each at its border: what a person types, what signals do, what is printed.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolvePaths } from '../../build/arguments.mjs'
import { judge, table } from '../../build/bench.mjs'
import { control, parse } from '../../build/fpm.mjs'
import { png, sizes, svg } from '../../build/icons.mjs'
import { packagesFor } from '../../build/setup/debian.mjs'
import { startDisplay } from '../../build/setup/display.mjs'
import { processesUnder } from '../support/processes.js'

const root = path.resolve(import.meta.dirname, '../..')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-scripts-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('the arguments of npm start', () => {
  const resolve = (args: string[]) =>
    resolvePaths(args, {
      resolve: (typed: string) => path.resolve('/home/ann', typed),
      exists: (file: string) => file.endsWith('here'),
    })

  it('mean what they mean where the person typed them', () => {
    expect(resolve(['a/b.wasm', '/c.wasm', 'here', '--user-data-dir', 'd', '--user-data-dir=e'])).toEqual([
      '/home/ann/a/b.wasm',
      '/c.wasm',
      '/home/ann/here',
      '--user-data-dir',
      '/home/ann/d',
      '--user-data-dir=/home/ann/e',
    ])
  })

  it('are paths after every option that takes one, also of a file that is not there yet', () => {
    const options = [
      'state-dir',
      'oci-ca-file',
      'nats-creds',
      'ctl-seed',
      'rpc-jwt',
      'nats-tls-ca-file',
      'rpc-password-file',
    ]
    for (const option of options) {
      expect(resolve([`--${option}`, 'new'])).toEqual([`--${option}`, '/home/ann/new'])
      expect(resolve([`--${option}=new`])).toEqual([`--${option}=/home/ann/new`])
    }
    expect(resolve(['--nats-user', 'ann', '--host-seed', 'x'])).toEqual(['--nats-user', 'ann', '--host-seed', 'x'])
  })

  it('are the words of a command at its beginning, whatever files are there', () => {
    const all = (args: string[]) =>
      resolvePaths(args, { resolve: (typed: string) => path.resolve('/home/ann', typed), exists: () => true })
    expect(all(['capture', 'replay', 'capture'])).toEqual(['capture', 'replay', '/home/ann/capture'])
    expect(all(['replay'])).toEqual(['/home/ann/replay'])
  })

  it('are left alone when they are no paths', () => {
    const args = [
      '--lattice',
      'here',
      '--nats',
      'nats://x:1',
      '--no-demo',
      '--label',
      'k=here',
      'tlos://sha256/00',
      'gone',
    ]
    expect(resolve(args)).toEqual(args)
  })
})

describe('setup', () => {
  const setup = (args: string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [path.join(root, 'build/setup.mjs'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
      timeout: 60_000,
    })

  it('starts no program and asks no server when all is there, and prints JSON and nothing else on stdout', () => {
    expect(setup([]).status).toBe(0)
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tlos-setup-'))
    const deeds = path.join(folder, 'deeds')
    writeFileSync(
      path.join(folder, 'watch.cjs'),
      `const processes = require('node:child_process')
       const { Socket } = require('node:net')
       const tell = (object, name) => {
         const real = object[name]
         object[name] = function (...args) {
           require('node:fs').appendFileSync(${JSON.stringify(deeds)}, name + '\\n')
           return real.apply(this, args)
         }
       }
       tell(processes.ChildProcess.prototype, 'spawn')
       for (const name of ['spawnSync', 'execFileSync', 'execSync']) tell(processes, name)
       tell(Socket.prototype, 'connect')
       require('node:module').syncBuiltinESMExports()`,
    )
    const watched = { NODE_OPTIONS: `--require ${path.join(folder, 'watch.cjs')}` }
    const run = setup(['--json'], watched)
    expect(existsSync(deeds) ? readFileSync(deeds, 'utf8') : '').toBe('')
    // The watch does see what it is for.
    const code = `import { spawnSync, execFile } from 'node:child_process'
      import { connect } from 'node:net'
      spawnSync('true'); execFile('true'); connect(1, '127.0.0.1').on('error', () => undefined)`
    spawnSync(process.execPath, ['--input-type=module', '-e', code], { env: { ...process.env, ...watched } })
    expect(readFileSync(deeds, 'utf8').trim().split('\n').sort()).toEqual(['connect', 'spawn', 'spawnSync'])
    rmSync(folder, { recursive: true, force: true })
    expect(JSON.parse(run.stdout)).toMatchObject({
      electron: { file: expect.any(String), version: expect.stringMatching(/^\d+\./) },
      natsServer: { version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    })
  })

  it('says which variable leads nowhere', () => {
    for (const name of ['TLOS_NATS_SERVER', 'ELECTRON_EXEC_PATH']) {
      const run = setup([], { [name]: '/nowhere/at/all' })
      expect(run.status).toBe(1)
      expect(run.stderr).toContain(`${name} leads to /nowhere/at/all`)
      expect(run.stderr).not.toContain('    at ')
    }
  })

  it('refuses what it does not know', () => {
    expect(setup(['--jsno'])).toMatchObject({ status: 64, stderr: expect.stringContaining('--jsno') })
  })

  it('without root prints the exact line to type and fails', () => {
    const code = `
      import { install } from ${JSON.stringify(path.join(root, 'build/setup/debian.mjs'))}
      if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534) }
      try { install(() => undefined, [['libgtk-3-0t64', 'libgtk-3-0'], ['nats-server'], ['xvfb']], ['libgtk-3.so.0', 'nats-server', 'Xvfb']) }
      catch (error) { console.log(error.message); process.exitCode = error.exitCode }`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    })
    expect(run.stdout).toMatch(
      /^ {2}(sudo apt-get update && )?sudo apt-get install -y libgtk-3-0(t64)? nats-server xvfb$/m,
    )
    expect(run.status).toBe(1)
  })

  it('knows the packages of every library that Electron names', async () => {
    const { electron } = JSON.parse(setup(['--json']).stdout)
    const bytes = await readFile(electron.file, 'latin1')
    const needed = [...new Set(bytes.match(/\blib[\w.+-]+\.so(?:\.\d+)*(?=\0)/g) ?? [])]
    const asked = needed.filter((name) =>
      /^lib(gtk|nss|nspr|asound|gbm|drm|atk|cups|dbus|X|xcb|xkb|pango|cairo|expat|glib|gobject|gio)/.test(name),
    )
    expect(asked.length).toBeGreaterThan(10)
    const linked = spawnSync('ldd', [electron.file], { encoding: 'utf8' }).stdout
    const direct = asked.filter((name) => linked.includes(`${name} =>`))
    expect(packagesFor(direct).unknown).toEqual([])
  })
})

describe('a virtual display', () => {
  const running = async (authority: string) => (await processesUnder(path.dirname(authority), 'Xvfb')).length

  /** First byte of the answer to a connection without a cookie: 0 refused, 1 accepted. */
  const answerWithoutCookie = (display: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const socket = connect(`/tmp/.X11-unix/X${display.slice(1)}`)
      socket.once('error', reject)
      socket.once('data', (bytes) => {
        socket.destroy()
        resolve(bytes[0])
      })
      socket.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
    })

  it('starts beside another, refuses who does not know its cookie, and is gone after stop', async () => {
    const [one, two] = await Promise.all([startDisplay('/usr/bin/Xvfb'), startDisplay('/usr/bin/Xvfb')])
    expect(one.env.DISPLAY).not.toBe(two.env.DISPLAY)
    expect(await answerWithoutCookie(one.env.DISPLAY)).toBe(0)
    expect(await running(one.env.XAUTHORITY)).toBe(1)
    await Promise.all([one.stop(), two.stop()])
    await one.stop()
    expect([await running(one.env.XAUTHORITY), await running(two.env.XAUTHORITY)]).toEqual([0, 0])
  })

  it('ends with its process, also when that is killed', async () => {
    const module = path.join(root, 'build/setup/display.mjs')
    const code = `import { startDisplay } from ${JSON.stringify(module)}
      console.log((await startDisplay('/usr/bin/Xvfb')).env.XAUTHORITY); setInterval(() => 0, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    const authority = await new Promise<string>((resolve) =>
      child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim())),
    )
    expect(await running(authority)).toBe(1)
    child.kill('SIGKILL')
    await expect.poll(() => running(authority), { timeout: 20_000 }).toBe(0)
    await rm(path.dirname(authority), { recursive: true, force: true })
  })
})

describe('a program that a script runs', () => {
  const start = (program: string) => {
    const module = path.join(root, 'build/child.mjs')
    const code = `import { runChild } from ${JSON.stringify(module)}
      process.exitCode = await runChild(process.execPath, ['-e', ${JSON.stringify(program)}])`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { child, exit, stdout: () => stdout }
  }

  it('gives its exit code', async () => {
    expect(await start('process.exit(7)').exit).toBe(7)
  })

  it('gets a signal once, though terminal and npm both send it, and may take its time', async () => {
    const run =
      start(`let n = 0; process.on('SIGINT', () => { n += 1; setTimeout(() => { console.log('got ' + n); process.exit(3) }, 400) })
      console.log('ready'); setInterval(() => 0, 1000)`)
    await expect.poll(run.stdout).toContain('ready')
    run.child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 50))
    run.child.kill('SIGINT')
    expect(await run.exit).toBe(3)
    expect(run.stdout()).toContain('got 1')
  })

  it('is ended by force by a later signal', async () => {
    const run = start(
      `process.on('SIGTERM', () => console.log('no')); console.log('ready'); setInterval(() => 0, 1000)`,
    )
    await expect.poll(run.stdout).toContain('ready')
    run.child.kill('SIGTERM')
    await expect.poll(run.stdout).toContain('no')
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    run.child.kill('SIGTERM')
    expect(await run.exit).toBe(128 + os.constants.signals.SIGKILL)
  })
})

describe('the summary of npm test', () => {
  it('counts what passed, failed and was skipped, with reasons, and names what failed, or passed only at the second try', async () => {
    const place = path.join(folder, 'suite')
    await mkdir(place)
    await writeFile(
      path.join(place, 'a.test.js'),
      `import { expect, it } from 'vitest'
       it('passes', () => undefined); it('fails', () => expect(1).toBe(2))
       it('needs more', (context) => context.skip('there is no moon')); it.todo('later')
       let tries = 0; it('passes later', { retry: 1 }, () => expect(++tries).toBe(2))`,
    )
    await writeFile(path.join(place, 'b.test.js'), `import './nowhere.js'`)
    const counts = path.join(folder, 'counts.json')
    spawnSync(
      process.execPath,
      [
        path.join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--root',
        place,
        '--reporter',
        path.join(root, 'build/test-reporter.mjs'),
      ],
      { cwd: root, env: { ...process.env, TLOS_TEST_COUNTS: counts }, timeout: 60_000 },
    )
    expect(JSON.parse(await readFile(counts, 'utf8'))).toMatchObject({
      files: 2,
      passed: 2,
      failed: 2,
      skipped: 2,
      reasons: [
        expect.stringMatching(/needs more: there is no moon$/),
        expect.stringMatching(/later: no reason given$/),
      ],
      unsteady: [expect.stringMatching(/passes later: expected 1 to be 2/)],
      failures: [
        expect.stringMatching(/a\.test\.js > fails: expected 1 to be 2[^]*at .*a\.test\.js:2:/),
        expect.stringMatching(/b\.test\.js: .*nowhere/),
      ],
    })
  })
})

describe('a row of the benchmarks', () => {
  it('is compared with its baseline and its aim', () => {
    const rows = [
      judge({ name: 'first frame', value: 900, unit: 'ms', baseline: 600, aim: 1.5 }),
      judge({ name: 'idle', value: 2, unit: '%', aim: 1 }),
    ]
    expect(rows).toMatchObject([{ ratio: 1.5, kept: true }, { kept: false }])
    expect(table(rows)).toMatch(/first frame +900 ms +600 ms +1\.50x +kept \(1\.5x\)\n.*idle +2 % +MISSED \(1\)/)
  })

  it('must be one', () => {
    expect(() => judge({ name: 'x', value: Number.NaN, unit: 'ms' })).toThrow('not a row')
  })
})

describe('the icon', () => {
  it('in the repository is the one that is drawn', async () => {
    const kept = (name: string) => readFile(path.join(root, 'build/icons', name))
    expect((await readdir(path.join(root, 'build/icons'))).sort()).toEqual(
      ['tlos.svg', ...sizes.map((n) => `${n}x${n}.png`)].sort(),
    )
    expect(await kept('tlos.svg')).toEqual(Buffer.from(svg()))
    for (const size of [16, 32]) expect(await kept(`${size}x${size}.png`)).toEqual(png(size))
  })

  it('is a PNG with all its rows', () => {
    const bytes = png(32)
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([32, 32])
    const at = bytes.indexOf('IDAT')
    expect(inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4))).length).toBe(32 * (32 * 4 + 1))
  })
})

describe('the part of fpm that we are', () => {
  it('writes a control file that dpkg accepts', async () => {
    const tree = path.join(folder, 'tree')
    await mkdir(tree)
    await writeFile(path.join(tree, 'hello'), 'hello\n')
    const deb = path.join(folder, 'x.deb')
    const args = ['-s', 'dir', '--force', '-t', 'deb', '-d', 'libc6', '-d', 'a | b', '--deb-recommends', 'nats-server']
    const meta = [
      '--architecture',
      'x86_64',
      '--name',
      'x',
      '--version',
      '1.2.3',
      '--maintainer',
      'M <m@x.invalid>',
      '--url',
      'https://x.invalid',
    ]
    const rest = ['--description', 'short\n  long line', '--category', 'utils', '--package', deb, `${tree}/=/opt/x`]
    const run = spawnSync(process.execPath, [path.join(root, 'build/fpm.mjs'), ...args, ...meta, ...rest], {
      encoding: 'utf8',
    })
    expect(run.stderr).toBe('')
    const fields = spawnSync('dpkg-deb', ['-f', deb, 'Package', 'Depends', 'Recommends', 'Architecture'], {
      encoding: 'utf8',
    })
    expect(fields.stdout).toBe('Package: x\nDepends: libc6, a | b\nRecommends: nats-server\nArchitecture: amd64\n')
    expect(spawnSync('dpkg-deb', ['-c', deb], { encoding: 'utf8' }).stdout).toContain('./opt/x/hello')
    expect(control(parse([...meta, '--description', 'short']), 4)).toContain('Description: short\n')
  })
})
