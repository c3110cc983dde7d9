// The Debian package, made from what is built by the real electron-builder and its configuration; only the runtime in it is
// a stand-in, so that it takes seconds. `npm test` builds first.

import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pack } from '../../build/package.mjs'

const root = path.resolve(import.meta.dirname, '../..')
const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' })

describe.skipIf(process.platform !== 'linux')('the package', () => {
  let folder: string
  let deb: string
  /** The files of the package, unpacked. */
  let tree: string
  let paths: readonly string[]
  let app: string

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-package-'))
    const runtime = path.join(folder, 'runtime')
    await mkdir(path.join(runtime, 'resources'), { recursive: true })
    for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']) {
      await writeFile(path.join(runtime, name), '#!/bin/sh\n')
      await chmod(path.join(runtime, name), 0o755)
    }
    const release = path.join(folder, 'release')
    deb = await pack({ runtime, electronVersion: '25.1.1', release, stdio: 'ignore' })
    tree = path.join(folder, 'tree')
    run('dpkg-deb', '-x', deb, tree)
    paths = run('find', tree, '-type', 'f', '-printf', '/%P\n').trim().split('\n')
    app = path.join(tree, 'opt/tLOS/resources/app')
  }, 120_000)
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('says who it is and what it needs', async () => {
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string }
    const architecture = run('dpkg', '--print-architecture').trim()
    expect(path.basename(deb)).toBe(`tlos_${version}_${architecture}.deb`)
    const fields = ['Package', 'Version', 'Architecture', 'Recommends', 'Section']
    expect(run('dpkg-deb', '-f', deb, ...fields)).toBe(
      `Package: tlos\nVersion: ${version}\nArchitecture: ${architecture}\nRecommends: nats-server\nSection: utils\n`,
    )
    const needs = run('dpkg-deb', '-f', deb, 'Depends').trim().split(', ')
    expect(needs).toEqual(expect.arrayContaining(['libgtk-3-0t64 | libgtk-3-0', 'libnss3', 'libgbm1']))
  })

  it('holds every program of ours and the components, whole', async () => {
    const { main } = JSON.parse(await readFile(path.join(app, 'package.json'), 'utf8')) as { main: string }
    const programs = ['index', 'node', 'pool', 'worker', 'transpile'].map((name) => `out/main/${name}.cjs`)
    expect(programs).toContain(main)
    const components = JSON.parse(await readFile(path.join(app, 'out/components/index.json'), 'utf8')) as readonly {
      file: string
    }[]
    expect(components.length).toBeGreaterThanOrEqual(4)
    const wanted = [...programs, 'out/preload/index.cjs', 'out/renderer/index.html', 'LICENSE']
    wanted.push(...components.map(({ file }) => `out/components/${file}`))
    const bytes = async (base: string, file: string): Promise<Buffer | undefined> =>
      await readFile(path.join(base, file)).catch(() => undefined)
    for (const file of wanted) {
      const built = await readFile(path.join(root, file))
      expect((await bytes(app, file))?.equals(built), file).toBe(true)
    }
    const prepared = run('find', path.join(app, 'out/components/prepared'), '-name', 'prepared.json').trim().split('\n')
    expect(prepared.length).toBe(components.length)
  })

  it('runs the headless node without anything beside it', () => {
    expect(run(process.execPath, path.join(app, 'out/main/node.cjs'), '--version')).toMatch(/^tlos \d+\.\d+\.\d+\n$/)
  })

  it('carries the licence of every package whose code is in it', async () => {
    const { dependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const text = await readFile(path.join(tree, 'usr/share/doc/tlos/copyright'), 'utf8')
    for (const [name, version] of Object.entries(dependencies)) expect(text).toContain(`\n${name} ${version} (`)
    expect(text).toContain('\ncomponentize-qjs ')
    // What they bring along themselves, and the texts, not only the names.
    expect(text).toContain('\nscheduler ')
    expect(text).toMatch(/Permission is hereby granted, free of charge/)
    expect(text).toMatch(/SIL OPEN FONT LICENSE/i)
    expect(text).not.toMatch(/\(no licence named\)/)
    expect(await readFile(path.join(app, 'out/THIRD-PARTY.txt'), 'utf8')).toBe(text)
  })

  it('is an application of the menu and a session of the login screen', async () => {
    expect(paths).toContain('/usr/share/applications/tlos.desktop')
    const session = await readFile(path.join(tree, 'usr/share/xsessions/tlos.desktop'), 'utf8')
    const [, program = ''] = /^Exec=(.*)$/m.exec(session) ?? []
    expect(paths).toContain(program)
    const script = await readFile(path.join(tree, program), 'utf8')
    const starts = [...script.matchAll(/(\/opt\/\S+) --session/g)].map(([, file]) => file)
    expect(starts).toEqual(['/opt/tLOS/tlos', '/opt/tLOS/tlos'])
    expect(run('find', tree, '-perm', '-u+x', '-type', 'f', '-printf', '/%P\n')).toContain('/opt/tLOS/tlos\n')
    expect(paths.filter((file) => /hicolor\/\d+x\d+\/apps\/tlos\.png$/.test(file)).length).toBeGreaterThanOrEqual(5)
  })

  it('carries nothing that does not run: no packages, sources, tests, source maps or hidden files', () => {
    const ours = paths.filter((file) => file.startsWith('/opt/tLOS/resources/app/'))
    const odd = ours.filter((file) => /node_modules|\.map$|\.tsx?$|\/test\/|\/\./.test(file))
    expect(odd).toEqual([])
  })

  it('can be read by everybody and changed by root alone', () => {
    const modes = run('dpkg-deb', '-c', deb).trim().split('\n')
    expect(modes.filter((line) => !/^[-dl]rw[-x]r-[-x]r-[-x] root\/root /.test(line) && !line.startsWith('l'))).toEqual(
      [],
    )
  })
})
