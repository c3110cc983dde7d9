// The Grants tab of the inspector as a person uses it, and what a test component answers. Stands on Playwright; starts nothing.

import type { Locator, Page } from 'playwright-core'
import { command } from './page.js'
import { patienceMs } from './shell-page.js'

export const inspectorOf = (page: Page): Locator => page.locator('.inspector')

/** The part of the inspector with this heading. */
export const sectionOf = (page: Page, title: string): Locator =>
  inspectorOf(page)
    .locator('section')
    .filter({ has: page.getByRole('heading', { name: title, exact: true }) })

export async function openGrants(page: Page, id: string): Promise<void> {
  await command(page, `what ${id} was granted`)
  await inspectorOf(page).getByRole('tab', { name: 'Grants', selected: true }).waitFor({ timeout: patienceMs })
}

/** Calls `act` of a test component, over the bridge as its window does. */
export async function actOf(page: Page, id: string, ...what: readonly unknown[]): Promise<string> {
  const outcome = await page.evaluate(
    async ([wanted, text]) => {
      const all = await window.shell.call('lattice.watch')
      const found = all.ok ? Object.values(all.value.state.components).find((one) => one.id === wanted) : undefined
      if (found === undefined) return undefined
      return await window.shell.call('component.call', found.id, found.hostId, '', 'act', [text])
    },
    [id, JSON.stringify(what)] as const,
  )
  return outcome?.ok === true ? String(outcome.value) : JSON.stringify(outcome)
}
