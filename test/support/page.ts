// What tests of the real window do to the page again and again: find actors and nodes by their accessible names, drag,
// and ask the palette. Stands on Playwright; the names are those of product.md.

import type { Locator, Page } from 'playwright-core'

export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The window of an actor, on a node or wherever it is. */
export function actorOn(page: Page, id: string, node?: string): Locator {
  return node === undefined
    ? page.getByRole('group', { name: new RegExp(`^actor ${id} on `) })
    : page.getByRole('group', { name: `actor ${id} on ${node}`, exact: true })
}

export function nodeNamed(page: Page, name: string): Locator {
  return page.getByRole('region', { name: `node ${name}`, exact: true })
}

/** Friendly names of the nodes shown, in the order of the page. */
export async function nodeNames(page: Page): Promise<string[]> {
  return await page
    .getByRole('region', { name: /^node / })
    .evaluateAll((all) => all.map((e) => (e.getAttribute('aria-label') ?? '').replace(/^node /, '')))
}

/** The name of the node that an actor is on. */
export async function nodeOf(page: Page, id: string): Promise<string> {
  return ((await actorOn(page, id).getAttribute('aria-label')) ?? '').replace(`actor ${id} on `, '')
}

/** Where an actor's title bar or a node's place is on the screen. */
export async function locate(page: Page, id: string): Promise<Rect> {
  const rect = await page.evaluate((wanted) => window.tlos.locate(wanted), id)
  if (rect === undefined) throw new Error(`${id} is not on the screen`)
  return rect
}

/** Drags an actor by its title bar to the middle of a node's place, as a hand would: in steps. */
export async function dragTo(page: Page, actor: string, node: string, beforeDrop?: () => Promise<void>): Promise<void> {
  const from = await locate(page, actor)
  const to = await locate(page, node)
  await page.mouse.move(from.x + from.width / 3, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 20 })
  await beforeDrop?.()
  await page.mouse.up()
}

/** Types into the command palette and does the first thing it offers. */
export async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('combobox', { name: 'command palette' })
  await palette.fill(words)
  await page.getByRole('option').first().waitFor()
  await palette.press('Enter')
}
