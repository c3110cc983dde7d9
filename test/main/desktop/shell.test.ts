// The border in the real Electron: a sandboxed window on our own scheme, the preload script, the guard, and what happens when
// somebody tries to get past them.

import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calls, events } from '../../../preload/contract.js'
import type { spawnUtilityPool as spawnPool } from '../../../main/desktop/electron-pool.js'
import { ensureSetup } from '../../../build/setup.mjs'
import { launchShell, type LaunchedShell } from '../../support/electron.js'

const root = path.resolve(import.meta.dirname, '../../..')
let folder: string
let env: Record<string, string>
let shell: LaunchedShell

async function bundle(entry: string, outfile: string): Promise<void> {
  const options: BuildOptions = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18.15',
    external: ['electron'],
  }
  await build({ ...options, entryPoints: [path.join(root, entry)], outfile })
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-shell-'))
  const at = (name: string): string => path.join(folder, name)
  await mkdir(at('page'))
  await mkdir(at('data'))
  await writeFile(
    at('page/index.html'),
    '<!doctype html><title>page</title><body><script>window.inline = 1</script><script src="page.js"></script>',
  )
  await writeFile(at('page/page.js'), 'window.loaded = 1')
  await writeFile(at('secret.txt'), 'secret')
  await writeFile(at('package.json'), '{ "name": "border", "main": "main.cjs" }')
  await bundle('test/main/desktop/programs/shell-app.ts', at('main.cjs'))
  await bundle('test/main/desktop/programs/pool.ts', at('pool.cjs'))
  await bundle('preload/index.ts', at('preload.cjs'))
  env = { TLOS_TEST_PAGE: at('page'), TLOS_TEST_PRELOAD: at('preload.cjs'), TLOS_TEST_DATA: at('data') }
  shell = await launchShell({ appFolder: folder, env })
  await shell.page.waitForFunction(() => (window as unknown as { loaded?: number }).loaded === 1)
}, 120_000)

afterAll(async () => {
  await shell.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** What main was told so far. */
const told = () => shell.app.evaluate(() => (globalThis as unknown as { told: unknown[] }).told)
const publish = (name: string, payload: unknown) =>
  shell.app.evaluate(
    (_electron, [event, value]) =>
      (globalThis as unknown as { publish(n: unknown, p: unknown): void }).publish(event, value),
    [name, payload] as const,
  )
/** In the page, as any script there could. */
type Any = {
  call(name: unknown, ...args: unknown[]): Promise<unknown>
  on(name: unknown, listener: unknown): () => void
}

describe('the bridge', () => {
  it('is the only thing the page has, and cannot be replaced', async () => {
    const seen = await shell.page.evaluate(() => {
      const before = window.shell
      Reflect.set(window, 'shell', 1)
      return [
        Object.keys(window.shell).sort(),
        window.shell === before,
        [typeof require, typeof process, typeof module, typeof Buffer, 'electron' in window],
        (window as unknown as { inline?: number }).inline,
      ]
    })
    const none = 'undefined'
    expect(seen).toEqual([['call', 'on'], true, [none, none, none, none, false], undefined])
  })

  it('carries every call of the table to main and its outcome back', async () => {
    const outcomes = await shell.page.evaluate(
      async (names) => Promise.all(names.map((name) => (window.shell as unknown as Any).call(name, 1, 2, 3, 4, 5, 6))),
      Object.keys(calls),
    )
    for (const [at, name] of Object.keys(calls).entries()) {
      expect(outcomes[at]).toMatchObject({
        ok: false,
        failure: { code: 'invalid', message: expect.stringContaining(name) as string },
      })
    }
    expect(await shell.page.evaluate(() => (window.shell as unknown as Any).call('node.start', 'north'))).toEqual({
      ok: true,
      value: ['north'],
    })
  })

  it('never rejects: unknown names, failures and bugs are outcomes', async () => {
    const outcomes = await shell.page.evaluate(async () => {
      const any = window.shell as unknown as Any
      return Promise.all([any.call('no.such'), any.call('__proto__'), any.call(undefined), any.call('lattice.retry')])
    })
    const invalid = {
      ok: false,
      failure: { code: 'invalid', message: expect.stringMatching(/^the shell has no call/) as string },
    }
    const failure = { code: 'unreachable', message: 'nobody there', about: 'hub' }
    expect(outcomes).toEqual([invalid, invalid, invalid, { ok: false, failure }])
  })

  it('carries bytes and 64-bit numbers whole in both directions', async () => {
    const seen = await shell.page.evaluate(async () => {
      const host = 'N'.padEnd(56, 'A')
      const any = window.shell as unknown as Any
      const sent = [2n ** 64n - 1n, new Uint8Array([255, 0]), { list: [1n] }]
      const outcome = (await any.call('component.call', 'echo', host, 'a:b/c', 'f', sent)) as {
        ok: boolean
        value: {
          big: bigint
          bytes: Uint8Array
          args: [string, string, string, string, [bigint, Uint8Array, { list: bigint[] }]]
        }
      }
      const { big, bytes, args } = outcome.value
      const [number, back, nested] = args[4]
      return [
        outcome.ok,
        String(big),
        bytes instanceof Uint8Array,
        [...bytes],
        String(number),
        [...back],
        String(nested.list[0]),
      ]
    })
    expect(seen).toEqual([true, '9223372036854775808', true, [1, 2, 3], '18446744073709551615', [255, 0], '1'])
  })

  it('brings events to each listener until it unsubscribes, and a bad one hurts no other', async () => {
    await shell.page.evaluate(() => {
      const heard: unknown[] = []
      const any = window.shell as unknown as Any
      const listen = (tag: string) => (payload: { phase: string }) => void heard.push(`${tag}${payload.phase}`)
      any.on('move.progressed', () => {
        throw new Error('bad listener')
      })
      const off = any.on('move.progressed', listen('a'))
      any.on('move.progressed', listen('b'))
      Object.assign(window, { heard, off })
    })
    const heard = () => shell.page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)
    await publish('move.progressed', { phase: '1' })
    await expect.poll(heard).toEqual(['a1', 'b1'])
    await shell.page.evaluate(() => {
      const { off } = window as unknown as { off: () => void }
      off()
      off()
    })
    await publish('move.progressed', { phase: '2' })
    await expect.poll(heard).toEqual(['a1', 'b1', 'b2'])
  })

  it('refuses to listen to what is no event', async () => {
    const refused = await shell.page.evaluate((names) => {
      const any = window.shell as unknown as Any
      const attempt = (name: unknown, listener: unknown): string => {
        try {
          any.on(name, listener)
          return 'subscribed'
        } catch (error) {
          return (error as Error).message
        }
      }
      return [
        ...names.map((name) => attempt(name, () => undefined)),
        attempt('x', () => undefined),
        attempt(names[0], 1),
      ]
    }, Object.keys(events))
    const fine = Object.keys(events).map(() => 'subscribed')
    expect(refused).toEqual([...fine, 'the shell has no event x', expect.stringContaining('is no function')])
  })
})

describe('the guard', () => {
  it('answers no other frame and no other window', async () => {
    const seen = await shell.app.evaluate(async ({ BrowserWindow }, preload) => {
      const other = new BrowserWindow({ show: false, webPreferences: { sandbox: true, preload } })
      await other.loadURL('tlos-app://shell/index.html')
      const outcome: unknown = await other.webContents.executeJavaScript('window.shell.call("node.start", "north")')
      other.destroy()
      return outcome
    }, env['TLOS_TEST_PRELOAD'] ?? '')
    expect(seen).toMatchObject({ ok: false, failure: { code: 'refused' } })
  })

  it('keeps the page from files, other hosts, other windows, other pages and permissions', async () => {
    const url = shell.page.url()
    const seen = await shell.page.evaluate(async () => {
      const attempt = async (where: string): Promise<string> =>
        fetch(where).then(
          async (response) => `${response.status}`,
          () => 'blocked',
        )
      const fetched = []
      for (const where of [
        'page.js',
        '..%2fsecret.txt',
        'tlos-app://other/x',
        'https://example.org/',
        'file:///etc/passwd',
      ]) {
        fetched.push(await attempt(where))
      }
      const frame = document.createElement('iframe')
      frame.src = 'https://example.org/'
      document.body.append(frame)
      const opened = window.open('https://example.org/')
      location.href = 'https://example.org/'
      location.href = 'tlos-app://shell/page.js'
      const link = document.createElement('a')
      link.href = 'data:text/plain,hello'
      link.download = 'x.txt'
      link.click()
      const notify = await Notification.requestPermission()
      const place = await new Promise<string>((resolve) => {
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          () => resolve('denied'),
        )
      })
      const evaluated = await Promise.resolve()
        .then(() => Reflect.construct(Function, ['return 1']) as unknown)
        .then(() => 'ran')
        .catch(() => 'refused')
      return { fetched, opened, notify, place, evaluated }
    })
    expect(seen).toEqual({
      fetched: ['200', '403', 'blocked', 'blocked', 'blocked'],
      opened: null,
      notify: 'denied',
      place: 'denied',
      evaluated: 'refused',
    })
    await shell.page.waitForTimeout(200)
    expect([shell.page.url(), shell.app.windows().length]).toEqual([url, 1])
    const said = (await told()).join('\n')
    expect(said).toContain('refused: a window for https://example.org/')
    expect(said).toContain('refused: going to https://example.org/')
    expect(said).toContain('refused: going to tlos-app://shell/page.js')
  })
})

describe('the window', () => {
  it('brings the first shell to the front when a second is started, which ends well and says so', async () => {
    const setup = await ensureSetup()
    const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const second = spawn(setup.electron!.file, [...flags, folder, 'a b.wasm'], {
      env: { ...setup.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: folder,
    })
    let said = ''
    second.stderr.on('data', (chunk) => (said += String(chunk)))
    const code = await new Promise((resolve) => second.once('exit', resolve))
    await setup.display?.stop()
    expect([code, said]).toEqual([0, expect.stringContaining('tLOS is already running on')])
    await expect.poll(told).toContainEqual({ args: expect.arrayContaining(['a b.wasm']) as string[], cwd: folder })
  }, 60_000)

  it('loads a crashed page again, once', async () => {
    const crash = () =>
      shell.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer())
    const isBack = () =>
      shell.app.evaluate(({ BrowserWindow }) => {
        const { webContents } = BrowserWindow.getAllWindows()[0]!
        return webContents.isCrashed() ? false : webContents.executeJavaScript('window.loaded').catch(() => undefined)
      })
    await crash()
    await expect.poll(told).toContainEqual({ kind: 'crashed', reason: expect.any(String) as string, reloaded: true })
    await expect.poll(isBack, { timeout: 20_000 }).toBe(1)
    await crash()
    await expect.poll(told).toContainEqual({ kind: 'crashed', reason: expect.any(String) as string, reloaded: false })
  }, 30_000)
})

describe('a pool process of the desktop', () => {
  it('talks, has arguments and an id, and is ended even while it spins', async () => {
    const seen = await shell.app.evaluate(
      async (_electron, entry) => {
        const { spawnUtilityPool } = globalThis as unknown as { spawnUtilityPool: typeof spawnPool }
        const heard: unknown[] = []
        const ended: string[] = []
        let output = ''
        const pool = spawnUtilityPool(entry, ['worker.cjs'], {
          onMessage: (message) => heard.push(message),
          onExit: (reason) => ended.push(reason),
          onOutput: (text) => (output += text),
        })
        const until = async (isSo: () => boolean): Promise<void> => {
          for (let n = 0; n < 200 && !isSo(); n += 1) await new Promise((resolve) => setTimeout(resolve, 25))
        }
        pool.post({ big: 1n, bytes: new Uint8Array([7]) })
        await until(() => heard.length > 0 && output !== '')
        pool.post('spin')
        await new Promise((resolve) => setTimeout(resolve, 100))
        const hadPid = typeof pool.pid === 'number'
        pool.kill()
        pool.kill()
        await until(() => ended.length > 0)
        pool.post('too late')
        const [first] = heard as [{ data: { big: bigint; bytes: Uint8Array }; args: string[] }]
        return [String(first.data.big), [...first.data.bytes], first.args, output, hadPid, ended]
      },
      path.join(folder, 'pool.cjs'),
    )
    expect(seen).toEqual(['1', [7], ['worker.cjs'], 'pool is here\n', true, ['the pool process was ended']])
  }, 30_000)
})

it('the preload script is one file that needs nothing but electron, and stays small', async () => {
  const text = await readFile(path.join(folder, 'preload.cjs'), 'utf8')
  expect([...text.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1])).toEqual(['electron'])
  // Unminified, with the schemas of the contract: the price of walking its tables.
  expect((await stat(path.join(folder, 'preload.cjs'))).size).toBeLessThan(100_000)
})

it('the place of the window outlives it', async () => {
  const bounds = { x: 40, y: 30, width: 900, height: 600 }
  await shell.app.evaluate(({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]!.setBounds(wanted), bounds)
  const saved = () => readFile(path.join(folder, 'data/state/window.json'), 'utf8').catch(() => '{}')
  await expect
    .poll(async () => (JSON.parse(await saved()) as { bounds?: object }).bounds)
    .toMatchObject({ width: expect.any(Number) as number })
})

it('what a busy page still has to say when its window is closed is heard', async () => {
  await shell.close()
  shell = await launchShell({ appFolder: folder, env })
  await shell.page.waitForFunction(() => (window as unknown as { loaded?: number }).loaded === 1)
  await shell.page.evaluate(() => {
    const any = window.shell as unknown as Any
    any.on('shell.closing', () => {
      // Longer than Chromium waits for a page that it is tearing down.
      const until = performance.now() + 1_200
      while (performance.now() < until);
      void any.call('workspace.save', { late: 1 }).then(() => any.call('shell.settled'))
    })
  })
  await shell.close()
  expect(JSON.parse(await readFile(path.join(folder, 'data/saved.json'), 'utf8'))).toEqual({ late: 1 })
}, 60_000)
