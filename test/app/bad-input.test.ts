// Files that are no component, and components that misbehave, in the real window: each is said where the person looks, and
// everything else goes on. And a component that knows nothing of tLOS, which is welcome.

import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseWat, readWat } from '../main/wasm/wat.js'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import {
  countsOn,
  dismissToasts,
  dropOn,
  nodesOf,
  patienceMs,
  toastAbout,
  until,
  windowOf,
} from '../support/shell-page.js'

/** Knows nothing of tLOS. */
const adderText = `(component
  (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
  (func $add (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "add")))
  (instance $out (export "add" (func $add)))
  (export "demo:adder/add@0.1.0" (instance $out)))`
const megabyte = 1_048_576

describe('a shell that is given bad files', () => {
  let folder: string
  let shell: LaunchedShell
  let page: Page
  let local: string

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bad-'))
    const adder = await parseWat(adderText)
    await writeFile(path.join(folder, 'adder.wasm'), adder)
    await writeFile(path.join(folder, 'letter.wasm'), 'Dear reader, this is no program.')
    await writeFile(path.join(folder, 'core.wasm'), await parseWat('(module (func (export "f")))'))
    await writeFile(path.join(folder, 'cut.wasm'), adder.subarray(0, adder.length - 40))
    const huge = await open(path.join(folder, 'huge.wasm'), 'w')
    await huge.write(adder)
    await huge.truncate(200 * megabyte)
    await huge.close()
    const args = ['letter', 'core', 'cut', 'huge', 'absent', 'adder'].map((name) => path.join(folder, `${name}.wasm`))
    shell = await launchShell({ userDataDir: path.join(folder, 'data'), args })
    page = shell.page
    await until(async () => (await nodesOf(page)).length, 3)
    for (const id of ['counter', 'clock', 'notes', 'echo']) await windowOf(page, id).waitFor({ timeout: 60_000 })
    local = (await nodesOf(page))[0] ?? ''
  }, 150_000)

  afterAll(async () => {
    await shell.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** The list of notices has one with this title and this text. */
  async function isToldInList(title: string, text: RegExp): Promise<void> {
    await page.getByRole('button', { name: /attention/ }).press('Enter')
    const card = page.locator('.popup article').filter({ hasText: title })
    await card.getByText(text).waitFor({ timeout: patienceMs })
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached', timeout: patienceMs })
  }

  describe('on its command line', () => {
    it.each([
      ['letter.wasm', 'something else than WebAssembly', /not WebAssembly/],
      ['core.wasm', 'a core module', /core WebAssembly module, not a component/],
      ['cut.wasm', 'a truncated component', /truncated or damaged/],
      ['huge.wasm', 'a file of 200 MiB', /has 200 MiB, and at most 50 MiB/],
      ['absent.wasm', 'a file that is not there', /There is no such file/],
    ])('says of %s that it is %s', async (name, _what, why) => {
      await isToldInList(`${name} could not be opened`, why)
    })

    it('shows what was wrong on the screen as well, and counts on', async () => {
      expect(await toastAbout(page, 'huge.wasm could not be opened')).toMatch(/at most 50 MiB/)
      await dismissToasts(page)
      await countsOn(page)
    }, 60_000)

    it('starts a component that knows nothing of tLOS here, in a window made from its exports, and calls it', async () => {
      const adder = windowOf(page, 'adder', local)
      await adder.getByText('demo:adder/add@0.1.0').waitFor({ timeout: patienceMs })
      await adder.getByRole('textbox', { name: 'a', exact: true }).fill('40')
      await adder.getByRole('textbox', { name: 'b', exact: true }).fill('2')
      await adder.getByRole('button', { name: 'Call', exact: true }).press('Enter')
      await adder.getByText('42', { exact: true }).waitFor({ timeout: patienceMs })
    }, 60_000)
  })

  describe('dropped on a place', () => {
    it('says that a file of another kind is none', async () => {
      await dropOn(page, 'north', { name: 'letter.txt', bytes: Buffer.from('Dear reader') })
      expect(await toastAbout(page, 'letter.txt is not a .wasm file')).toMatch(/a file that ends in \.wasm/)
      await dropOn(page, 'north', { name: 'note.wasm', bytes: Buffer.from('Dear reader') })
      expect(await toastAbout(page, 'note.wasm is not WebAssembly')).toMatch(/does not begin as WebAssembly/)
      await dropOn(page, 'north', { name: 'void.wasm', bytes: new Uint8Array() })
      expect(await toastAbout(page, 'void.wasm is not WebAssembly')).toMatch(/empty/)
      await dismissToasts(page)
      await countsOn(page)
    }, 60_000)

    it('says that a core module is no component, and what to do about it', async () => {
      await dropOn(page, 'north', { name: 'core.wasm', bytes: await parseWat('(module (func (export "f")))') })
      expect(await toastAbout(page, 'core.wasm was not installed')).toMatch(/wasm-tools component new/)
      await dismissToasts(page)
    }, 60_000)

    it('says that a component was cut off, wherever that is', async () => {
      const whole = await parseWat(adderText)
      for (const length of [5, 30, whole.length - 1]) {
        await dropOn(page, 'north', { name: `cut-${length}.wasm`, bytes: whole.subarray(0, length) })
        expect(await toastAbout(page, `cut-${length}.wasm was not installed`)).toMatch(/cut off|truncated or damaged/i)
        await dismissToasts(page)
      }
      await countsOn(page)
    }, 90_000)

    it('says that 200 MiB are too many, without reading them', async () => {
      await dropOn(page, 'north', { name: 'large.wasm', bytes: new Uint8Array(megabyte), repeat: 200 })
      expect(await toastAbout(page, 'large.wasm is too large')).toMatch(/200.*at most 50/)
      await dismissToasts(page)
      await countsOn(page)
    }, 60_000)

    it('starts a component that knows nothing of tLOS there and calls it', async () => {
      await dropOn(page, 'south', { name: 'sum.wasm', bytes: await parseWat(adderText) })
      const sum = windowOf(page, 'sum', 'south')
      await sum.getByRole('textbox', { name: 'a', exact: true }).fill('-3')
      await sum.getByRole('textbox', { name: 'b', exact: true }).fill('1')
      await sum.getByRole('button', { name: 'Call', exact: true }).press('Enter')
      await sum.getByText('-2', { exact: true }).waitFor({ timeout: patienceMs })
      await dismissToasts(page)
    }, 90_000)
  })

  it('takes a file chosen in the launcher as it takes one that is dropped', async () => {
    await page.getByRole('button', { name: 'Launch' }).press('Enter')
    await page.locator('.launcher input[type=file]').setInputFiles(path.join(folder, 'huge.wasm'))
    expect(await toastAbout(page, 'huge.wasm is too large')).toMatch(/at most 50/)
    await page.locator('.launcher input[type=file]').setInputFiles(path.join(folder, 'core.wasm'))
    expect(await toastAbout(page, 'core.wasm was not installed')).toMatch(/core WebAssembly module/)
    await page.keyboard.press('Escape')
    await dismissToasts(page)
  }, 60_000)

  it('says of a component what it imports that nobody offers, in a toast and in its window', async () => {
    await dropOn(page, 'north', { name: 'wants.wasm', bytes: await readWat('wants-threads') })
    expect(await toastAbout(page, 'wants was not started on north')).toMatch(/wasi:threads.*nothing here offers it/)
    await windowOf(page, 'wants', 'north')
      .getByText(/nothing here offers it/)
      .waitFor({ timeout: patienceMs })
    await dismissToasts(page)
    await countsOn(page)
  }, 90_000)

  it('shows what a call fails with when nobody serves an interface that is not of WASI', async () => {
    await dropOn(page, 'north', { name: 'relay.wasm', bytes: await readWat('relay') })
    const relay = windowOf(page, 'relay', 'north')
    await relay.getByRole('textbox', { name: 'n', exact: true }).fill('1')
    await relay.getByRole('button', { name: 'Call', exact: true }).press('Enter')
    await relay.getByText(/demo:far\/numbers/).waitFor({ timeout: patienceMs })
    await dismissToasts(page)
    await countsOn(page)
  }, 90_000)

  it('says that a component trapped when it started', async () => {
    await dropOn(page, 'north', { name: 'trap.wasm', bytes: await readWat('start-traps') })
    expect(await toastAbout(page, 'trap was not started on north')).toMatch(/trapped: unreachable/)
    await windowOf(page, 'trap', 'north')
      .getByText(/trapped: unreachable/)
      .waitFor({ timeout: patienceMs })
    await dismissToasts(page)
    await countsOn(page)
  }, 90_000)

  it('goes on while a component loops for ever, and its window says what became of it', async () => {
    // Beside the counter on this very machine: the two share what there is to share.
    await dropOn(page, local, { name: 'hostile.wasm', bytes: await readWat('hostile') })
    const hostile = windowOf(page, 'hostile', local)
    await hostile.getByRole('button', { name: 'Call', exact: true }).press('Enter')
    await hostile.getByRole('button', { name: 'Calling…' }).waitFor({ timeout: patienceMs })
    await countsOn(page)
    await hostile.getByRole('button', { name: 'Calling…' }).waitFor({ timeout: 1_000 })
    expect(await toastAbout(page, `hostile failed on ${local}`)).toMatch(
      /loop-forever took longer than 10000 ms\. It is started again/,
    )
    // Soon it stands there again, and can be called.
    await hostile.getByRole('button', { name: 'Call', exact: true }).waitFor({ timeout: patienceMs })
    await dismissToasts(page)
    await countsOn(page)
  }, 120_000)

  it('kept everything that was there: actors, their count, and no trouble in the page', async () => {
    for (const id of ['counter', 'clock', 'notes', 'echo', 'adder']) {
      await windowOf(page, id).getByText('running', { exact: true }).waitFor({ state: 'attached', timeout: patienceMs })
    }
    expect(shell.pageErrors).toEqual([])
  }, 60_000)
})
