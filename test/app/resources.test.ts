// Resources by hand in the real window: a component that gives out resources gets a window made from its WIT, where a person
// makes one, sees it by its short name, works on it and drops it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readWat } from '../main/wasm/wat.js'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { patienceMs, windowOf } from '../support/shell-page.js'

describe('a made window of a component with resources', () => {
  let folder: string
  let shell: LaunchedShell
  let page: Page
  let coins: Locator

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-resources-app-'))
    const file = path.join(folder, 'coins.wasm')
    await writeFile(file, await readWat('coins'))
    shell = await launchShell({ userDataDir: path.join(folder, 'data'), args: ['--no-demo', file] })
    page = shell.page
    coins = windowOf(page, 'coins')
    await coins.getByText('demo:mint/coins@0.1.0').waitFor({ timeout: 60_000 })
  }, 150_000)

  afterAll(async () => {
    await shell.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** The form of a function, opened. */
  async function formOf(signature: string): Promise<Locator> {
    const head = coins.getByRole('button', { name: signature, exact: true })
    if ((await head.getAttribute('aria-expanded')) !== 'true') await head.press('Enter')
    return coins.locator('.form-function').filter({ has: page.getByRole('button', { name: signature, exact: true }) })
  }

  const callIn = (form: Locator): Promise<void> =>
    form.getByRole('button', { name: 'Call', exact: true }).press('Enter')
  const held = (): Locator => coins.getByRole('region', { name: 'Resources that you hold' }).getByRole('listitem')

  it('makes one and shows it by a short name', async () => {
    const form = await formOf('coin (value: u32) → coin')
    await form.getByRole('textbox', { name: 'value', exact: true }).fill('5')
    await callIn(form)
    await form
      .getByRole('status')
      .filter({ hasText: /^coin [0-9a-f]{4}$/ })
      .waitFor({ timeout: patienceMs })
    const name = await form.getByRole('status').textContent()
    await held()
      .filter({ hasText: name ?? '' })
      .waitFor({ timeout: patienceMs })
  }, 60_000)

  it('calls a method on it, and asks for one where none was chosen', async () => {
    const form = await formOf('coin.value (self: borrow<coin>) → u32')
    await callIn(form)
    await form.getByRole('alert').filter({ hasText: 'Choose one that you hold' }).waitFor({ timeout: patienceMs })
    await form.getByRole('combobox', { name: 'self', exact: true }).selectOption({ index: 1 })
    await callIn(form)
    await form.getByRole('status').filter({ hasText: /^5$/ }).waitFor({ timeout: patienceMs })
    expect(await held().count()).toBe(1)
  }, 60_000)

  it('counts it among the numbers, and drops it', async () => {
    await coins.getByRole('tab', { name: 'Numbers' }).press('Enter')
    const row = coins.locator('.numbers dl > *').filter({ hasText: 'Resources given out' }).first()
    await row.getByText('1', { exact: true }).waitFor({ timeout: patienceMs })
    await coins.getByRole('tab', { name: 'Functions' }).press('Enter')
    await held().getByRole('button', { name: 'Drop', exact: true }).press('Enter')
    await held().waitFor({ state: 'detached', timeout: patienceMs })
    const form = await formOf('dead () → u32')
    await callIn(form)
    await form.getByRole('status').filter({ hasText: /^1$/ }).waitFor({ timeout: patienceMs })
  }, 60_000)
})
