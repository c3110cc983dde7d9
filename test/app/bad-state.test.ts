// A shell whose start is disturbed, in the real window: ports that are taken, state files that are not JSON, a second shell on
// the same folder, an end by force, and an end before it has begun. Nothing of what a person arranged is lost.

import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseWat } from '../main/wasm/wat.js'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { processesUnder } from '../support/processes.js'
import {
  arrangement,
  countOf,
  countsOn,
  lookFromFurther,
  nodesOf,
  patienceMs,
  until,
  untilPlaced,
  windowOf,
} from '../support/shell-page.js'

const root = path.resolve(import.meta.dirname, '../..')
const actors = ['counter', 'clock', 'notes', 'echo'] as const

describe('a shell whose start is disturbed', () => {
  let folder: string
  let userDataDir: string
  let shell: LaunchedShell
  let page: Page
  let names: string[]
  let before: unknown

  async function start(args: readonly string[] = []): Promise<void> {
    shell = await launchShell({ userDataDir, args })
    page = shell.page
  }

  async function secondSays(number: string): Promise<void> {
    const window = windowOf(page, 'second')
    await window.getByRole('button', { name: 'Call', exact: true }).press('Enter')
    await window.getByText(number, { exact: true }).waitFor({ timeout: patienceMs })
  }

  async function isWhole(): Promise<void> {
    for (const id of actors) await windowOf(page, id).waitFor({ timeout: patienceMs })
    await until(async () => (await nodesOf(page)).sort(), [...names].sort())
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bad-'))
    userDataDir = path.join(folder, 'data')
    await start()
    names = []
    await until(async () => (await nodesOf(page)).length, 3)
    names = await nodesOf(page)
    for (const id of actors) await windowOf(page, id).waitFor({ timeout: patienceMs })
    await countsOn(page)
    await countsOn(page)
    await untilPlaced(page, actors)
    await lookFromFurther(page)
    before = await arrangement(page)
    await shell.close()
  }, 150_000)

  afterAll(async () => {
    await shell.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  it('takes other ports when those of last time are taken, and is as it was', async () => {
    const ports = JSON.parse(await readFile(path.join(userDataDir, 'nats-ports.json'), 'utf8')) as Record<
      string,
      number
    >
    const squatters = Object.values(ports).map((port) => net.createServer().listen(port, '127.0.0.1'))
    try {
      await start()
      await isWhole()
      expect(await countOf(page)).toBe(2)
      await countsOn(page)
      expect(await arrangement(page)).toEqual(before)
      const now = JSON.parse(await readFile(path.join(userDataDir, 'nats-ports.json'), 'utf8')) as Record<
        string,
        number
      >
      expect(Object.values(now).filter((port) => Object.values(ports).includes(port))).toEqual([])
    } finally {
      for (const squatter of squatters) squatter.close()
    }
  }, 120_000)

  it('brings its window to the front for a second shell, which says so and ends well, and takes over its file', async () => {
    await writeFile(
      path.join(folder, 'second.wasm'),
      await parseWat(
        // It counts from 7 in its own memory, and knows nothing of being kept.
        '(component (core module $m (global $n (mut i32) (i32.const 6)) (func (export "f") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))) (core instance $i (instantiate $m)) (func (export "next") (result u32) (canon lift (core func $i "f"))))',
      ),
    )
    await shell.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize())
    const second = spawn(
      process.execPath,
      ['build/start.mjs', '--user-data-dir', userDataDir, path.join(folder, 'second.wasm')],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let said = ''
    for (const stream of [second.stdout, second.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const code = await new Promise((resolve) => second.once('exit', resolve))
    expect(said).toContain(`tLOS is already running on ${userDataDir}: its window was brought to the front.`)
    expect(code).toBe(0)
    const isUp = async (): Promise<unknown> =>
      await shell.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((w) => w.isMinimized()))
    await until(isUp, [false])
    await secondSays('7')
    await countsOn(page)
  }, 120_000)

  it('comes back with windows, places and count after its end by force, and ends what that left behind', async () => {
    await untilPlaced(page, ['second'])
    // Main knows of it some time before the disk does.
    const isKept = async (): Promise<boolean> =>
      (await readFile(path.join(userDataDir, 'workspace.json'), 'utf8')).includes('/second"')
    await until(isKept, true)
    const arranged = await arrangement(page)
    const children = (await processesUnder(userDataDir, '')).filter(({ pid }) => pid !== shell.app.process().pid)
    expect(children.some(({ command }) => command.includes('nats-server'))).toBe(true)
    expect(await countOf(page)).toBeGreaterThan(2)
    shell.app.process().kill('SIGKILL')
    await shell.close().catch(() => undefined)
    await start()
    await isWhole()
    await windowOf(page, 'second').waitFor({ timeout: patienceMs })
    expect(await arrangement(page)).toEqual(arranged)
    const servers = await processesUnder(userDataDir, 'nats-server')
    expect(servers).toHaveLength(1)
    for (const name of names.slice(1)) expect(await processesUnder(userDataDir, `--name ${name}`)).toHaveLength(1)
    // What was saved last is what it goes on from, and that something is lost is said.
    expect(await countOf(page)).toBe(2)
    await page.getByRole('button', { name: /attention/ }).press('Enter')
    await page
      .locator('.popup article')
      .getByText('counter lost what it kept in memory')
      .waitFor({ timeout: patienceMs })
    await page.keyboard.press('Escape')
    await countsOn(page)
    before = arranged
  }, 120_000)

  it('moves state files that are not JSON aside, says so, and goes on with what was there before', async () => {
    await countsOn(page)
    const count = await countOf(page)
    // An end by force lost what it had counted; the end of now does not.
    await secondSays('7')
    await shell.close()
    const files = ['workspace.json', 'window.json', 'desktop/identity.json', 'desktop/running.json']
    for (const file of files) {
      await writeFile(path.join(userDataDir, file), '{"windows": [1, 2')
    }
    await start()
    await until(async () => (await nodesOf(page)).length, 3)
    await page.getByRole('button', { name: /attention/ }).press('Enter')
    for (const file of files) {
      const card = page.locator('.popup article').filter({ hasText: path.join(userDataDir, file) })
      await card.getByText(/it is not JSON/).waitFor({ timeout: patienceMs })
      expect(await card.innerText()).toContain('It was kept as')
      const left = await readdir(path.dirname(path.join(userDataDir, file)))
      expect(left.filter((name) => name.startsWith(`${path.basename(file)}.broken-`))).toHaveLength(1)
    }
    await page.keyboard.press('Escape')
    await isWhole()
    await windowOf(page, 'second').waitFor({ timeout: patienceMs })
    expect(await countOf(page)).toBe(count)
    expect(await arrangement(page)).toEqual(before)
    await secondSays('8')
    await countsOn(page)
    await shell.close()
  }, 120_000)

  it('leaves nothing behind when it is closed while the lattice still starts', async () => {
    for (const waitMs of [0, 150, 500, 1_200]) {
      await start()
      await page.waitForTimeout(waitMs)
      await shell.close()
      await until(async () => (await processesUnder(userDataDir, '')).map(({ command }) => command), [])
    }
    await start()
    await isWhole()
    await windowOf(page, 'second').waitFor({ timeout: patienceMs })
    await countsOn(page)
    expect(shell.pageErrors).toEqual([])
  }, 150_000)

  it('goes on after errors of its own that nobody caught, and says so', async () => {
    await shell.app.evaluate(() => {
      setTimeout(() => {
        throw new Error('thrown by hand')
      }, 0)
      void Promise.reject(new Error('rejected by hand'))
    })
    await page.getByRole('button', { name: /attention/ }).press('Enter')
    for (const words of ['thrown by hand', 'rejected by hand']) {
      const card = page.locator('.popup article').filter({ hasText: words })
      await card.getByText('tLOS made an error that it did not expect').waitFor({ timeout: patienceMs })
    }
    await page.keyboard.press('Escape')
    await countsOn(page)
    expect(shell.output()).toMatch(/nobody caught: thrown by hand/)
  }, 90_000)
})
