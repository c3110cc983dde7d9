// Working in the space of the real window: keyboard, palette, cables, the flat view, and nothing drawn while nothing happens.

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { actorOn, command, dragTo, locate, nodeNamed, nodeOf } from '../support/page.js'

describe('the space', () => {
  let userDataDir: string
  let shell: LaunchedShell
  let page: Page
  let desktop: string

  beforeAll(async () => {
    userDataDir = await mkdtemp(path.join(os.tmpdir(), 'tlos-space-'))
    shell = await launchShell({ userDataDir })
    page = shell.page
    for (const id of ['counter', 'clock', 'notes', 'echo']) await actorOn(page, id).waitFor({ timeout: 60_000 })
    desktop = await nodeOf(page, 'counter')
    for (const name of ['north', 'south']) await nodeNamed(page, name).waitFor({ timeout: 30_000 })
  }, 120_000)

  afterAll(async () => {
    await shell.close()
    await rm(userDataDir, { recursive: true, force: true })
  }, 60_000)

  it('explains itself at the first start, and not again once it was closed', async () => {
    const hint = page.getByText(/Each slab is a machine/)
    await hint.waitFor({ timeout: 25_000 })
    await page.getByRole('button', { name: 'Close', exact: true }).first().click()
    await hint.waitFor({ state: 'detached', timeout: 25_000 })
  }, 90_000)

  it('lists the cables by name', async () => {
    const links = page.getByRole('list', { name: 'links' })
    await expect.poll(() => links.getByRole('listitem').allTextContents(), { timeout: 20_000 }).toHaveLength(1)
    expect((await links.getByRole('listitem').allTextContents())[0]).toMatch(/notes.*keyvalue/)
  }, 90_000)

  it('moves an actor by the keyboard alone', async () => {
    await actorOn(page, 'counter').getByRole('button', { name: 'Count', exact: true }).click()
    await actorOn(page, 'counter').getByText('1', { exact: true }).waitFor({ timeout: 25_000 })
    await page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    })
    await page.keyboard.press('m')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await expect.poll(() => nodeOf(page, 'counter'), { timeout: 20_000 }).not.toBe(desktop)
    await actorOn(page, 'counter').getByText('1', { exact: true }).waitFor({ timeout: 25_000 })
  }, 60_000)

  it('moves it back by the palette', async () => {
    await command(page, `move counter to ${desktop}`)
    await expect.poll(() => nodeOf(page, 'counter'), { timeout: 20_000 }).toBe(desktop)
    await actorOn(page, 'counter').getByText('1', { exact: true }).waitFor({ timeout: 25_000 })
  }, 60_000)

  it('gives up a drag on Escape: nothing moves', async () => {
    const before = await locate(page, 'counter')
    const to = await locate(page, 'north')
    await page.mouse.move(before.x + before.width / 3, before.y + before.height / 2)
    await page.mouse.down()
    await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 10 })
    await page.keyboard.press('Escape')
    await page.mouse.up()
    await page.waitForTimeout(500)
    expect(await nodeOf(page, 'counter')).toBe(desktop)
    const after = await locate(page, 'counter')
    expect(Math.abs(after.x - before.x) + Math.abs(after.y - before.y)).toBeLessThan(3)
  }, 90_000)

  it('keeps what notes wrote in the lattice: it is there on another node', async () => {
    const notes = actorOn(page, 'notes')
    await notes.getByRole('textbox').fill('Order bolts')
    await notes.getByRole('button', { name: 'Add', exact: true }).click()
    await notes.getByText('Order bolts').waitFor({ timeout: 25_000 })
    await dragTo(page, 'notes', 'south')
    await actorOn(page, 'notes', 'south').getByText('Order bolts').waitFor({ timeout: 20_000 })
    await dragTo(page, 'notes', desktop)
    await actorOn(page, 'notes', desktop).getByText('Order bolts').waitFor({ timeout: 20_000 })
  }, 90_000)

  it('takes the grant away when the cable is cut, at once and in words, and gives it back with a new one', async () => {
    await command(page, 'cut the cable from notes')
    const confirm = page.getByRole('dialog').getByRole('button', { name: /cut/i })
    if (await confirm.isVisible().catch(() => false)) await confirm.click()
    await expect
      .poll(() => page.getByRole('list', { name: 'links' }).getByRole('listitem').count(), { timeout: 20_000 })
      .toBe(0)
    const notes = actorOn(page, 'notes')
    await notes.getByRole('textbox').fill('Never stored')
    await notes.getByRole('button', { name: 'Add', exact: true }).click()
    await notes
      .getByText(/store|link|cable/i)
      .first()
      .waitFor({ timeout: 25_000 })
    await command(page, 'link notes to keyvalue')
    await expect
      .poll(() => page.getByRole('list', { name: 'links' }).getByRole('listitem').count(), { timeout: 20_000 })
      .toBe(1)
    const again = notes.getByRole('button', { name: 'Try again' })
    // Notes may have noticed by itself. By the keyboard: in a small window the button may be further down than is seen.
    if ((await again.count()) > 0) await again.press('Enter', { timeout: 3_000 }).catch(() => undefined)
    await expect.poll(() => again.count(), { timeout: 20_000 }).toBe(0)
  }, 90_000)

  it('draws a cable by hand: what fits is marked, anything else refuses, letting go on it grants', async () => {
    await command(page, 'cut the cable from notes')
    await page.getByRole('dialog').getByRole('button', { name: /cut/i }).click()
    const cables = page.getByRole('list', { name: 'links' }).getByRole('listitem')
    await expect.poll(() => cables.count(), { timeout: 20_000 }).toBe(0)

    const notes = actorOn(page, 'notes')
    const middleOf = async (of: Locator): Promise<{ x: number; y: number }> => {
      const box = await of.boundingBox()
      if (box === null) throw new Error('it is not on the screen')
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    }
    const store = nodeNamed(page, desktop).getByRole('button', { name: 'Key-value store' })
    const lead = async (to: Locator): Promise<void> => {
      await notes.hover({ position: { x: 60, y: 12 } })
      const from = await middleOf(notes.getByRole('button', { name: 'Draw a cable from notes' }))
      await page.mouse.move(from.x, from.y)
      await page.mouse.down()
      const at = await middleOf(to)
      await page.mouse.move(at.x, at.y, { steps: 12 })
    }
    // A hand is never quite still: what the last step came too early for is seen with the next.
    const isSaid = async (what: string, over: Locator): Promise<void> => {
      const at = await middleOf(over)
      let steps = 0
      const isShown = async (): Promise<boolean> => {
        await page.mouse.move(at.x + (steps++ % 2), at.y)
        return await page.getByText(what).isVisible()
      }
      await expect.poll(isShown, { timeout: 25_000 }).toBe(true)
    }

    // Escape lets go of it, and nothing was linked.
    await lead(store)
    await page.getByText(/^Let go: notes may use wasi:keyvalue/).waitFor({ timeout: 25_000 })
    expect(await store.getAttribute('class')).toContain('wire-fits')
    await page.keyboard.press('Escape')
    await page.mouse.up()
    await page.getByText(/^Let go: notes may use/).waitFor({ state: 'detached', timeout: 25_000 })
    expect(await cables.count()).toBe(0)

    const counter = actorOn(page, 'counter').locator('.title-bar')
    await lead(counter)
    await isSaid('counter has nothing that notes asks for.', counter)
    await page.mouse.up()
    await page.getByText(/notes imports nothing that counter offers/).waitFor({ timeout: 25_000 })
    expect(await cables.count()).toBe(0)

    await lead(store)
    await page.getByText(/^Let go: notes may use wasi:keyvalue/).waitFor({ timeout: 25_000 })
    await page.mouse.up()
    await expect.poll(() => cables.count(), { timeout: 20_000 }).toBe(1)
  }, 90_000)

  it('calls a function of a component that knows nothing of the shell, from the form made of its WIT', async () => {
    const echo = actorOn(page, 'echo')
    await echo.getByRole('textbox').first().fill('hello there')
    await echo.getByRole('button', { name: /^Call/ }).first().click()
    await echo.getByText('"hello there"').first().waitFor({ timeout: 25_000 })
  }, 90_000)

  it('flattens and tilts without moving a foot from its slab', async () => {
    const isOnPlace = async (): Promise<boolean> => {
      const window = await locate(page, 'counter')
      const place = await locate(page, desktop)
      const middle = window.x + window.width / 2
      return middle > place.x && middle < place.x + place.width && window.y < place.y + place.height
    }
    await page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    })
    const tilted = await locate(page, desktop)
    const title = await locate(page, 'counter')
    await page.keyboard.press('f')
    await page.waitForTimeout(700)
    const flat = await locate(page, desktop)
    expect(flat.height).toBeGreaterThan(tilted.height)
    // The pitch alone: no word changes its size by more than a tenth.
    const flatTitle = await locate(page, 'counter')
    expect(Math.abs(flatTitle.width / title.width - 1)).toBeLessThan(0.1)
    expect(await isOnPlace()).toBe(true)
    await page.keyboard.press('f')
    await page.waitForTimeout(700)
    const again = await locate(page, desktop)
    expect(Math.abs(again.height - tilted.height) + Math.abs(again.y - tilted.y)).toBeLessThan(3)
  }, 90_000)

  it('draws nothing while nothing happens', async () => {
    await page.mouse.move(5, 300)
    // Traffic of the last ten seconds fades out of the meters first.
    await page.waitForTimeout(16_000)
    const before = await page.evaluate(() => window.tlos.frames().count)
    await page.waitForTimeout(4_000)
    expect((await page.evaluate(() => window.tlos.frames().count)) - before).toBe(0)
  }, 60_000)

  it('said nothing wrong on its console', () => {
    expect(shell.pageErrors).toEqual([])
  })
})
