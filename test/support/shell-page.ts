// What tests of the whole shell do on its page as a person does: read notices, count, drop files. Stands on Playwright;
// starts nothing.

import type { Locator, Page } from 'playwright-core'
import { expect, vi } from 'vitest'

/** How long anything on a busy machine may take before a test calls it missing, ms. */
export const patienceMs = 40_000

/** Asks until the answer is this one; usable in hooks, unlike `expect.poll`. */
export async function until<T>(ask: () => Promise<T>, wanted: T): Promise<void> {
  await vi.waitFor(async () => expect(await ask()).toEqual(wanted), { timeout: patienceMs, interval: 100 })
}

export const windowOf = (page: Page, actor: string, node?: string): Locator =>
  page.getByRole('group', {
    name: node === undefined ? new RegExp(`^actor ${actor} on `) : `actor ${actor} on ${node}`,
    ...(node === undefined ? {} : { exact: true }),
  })

/** Presses the counter's button until it shows one more than before: the shell, the lattice and the actor go on. */
export async function countsOn(page: Page): Promise<number> {
  const before = await countOf(page)
  await windowOf(page, 'counter').getByRole('button', { name: 'Count', exact: true }).press('Enter')
  await until(() => countOf(page), before + 1)
  return before + 1
}

/** The number in the window of the counter. */
export async function countOf(page: Page): Promise<number> {
  const text = windowOf(page, 'counter').getByText(/^\d+$/).first()
  await text.waitFor({ timeout: patienceMs })
  return Number(await text.textContent())
}

/** A toast with this title; resolves to all that it says. */
export async function toastAbout(page: Page, title: RegExp | string): Promise<string> {
  const toast = page.locator('.toast').filter({ hasText: title }).last()
  await toast.waitFor({ timeout: patienceMs })
  return (await toast.innerText()).replace(/\s+/g, ' ')
}

/** Closes every toast, so that the next one is seen alone (at most four are shown). */
export async function dismissToasts(page: Page): Promise<void> {
  for (let left = 50; left > 0; left -= 1) {
    const button = page.locator('.toast').getByRole('button', { name: 'Dismiss' }).first()
    if (!(await button.isVisible())) return
    await button.press('Enter').catch(() => undefined)
  }
}

export interface DroppedFile {
  readonly name: string
  /** Its content, `repeat` times over. */
  readonly bytes: Uint8Array
  readonly repeat?: number
}

/** Drops a file from outside in the middle of a node's place, by the events a browser sends. */
export async function dropOn(page: Page, node: string, file: DroppedFile): Promise<void> {
  await page.evaluate(
    ([nodeName, name, base64, repeat]) => {
      const { tlos } = window as unknown as {
        tlos: { locate(id: string): { x: number; y: number; width: number; height: number } | undefined }
      }
      const place = tlos.locate(nodeName)
      if (place === undefined) throw new Error(`${nodeName} is not on the screen`)
      const part = new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))])
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(
        new File(
          Array.from({ length: repeat }, () => part),
          name,
        ),
      )
      const at = { clientX: place.x + place.width / 2, clientY: place.y + place.height / 2 }
      const target = document.elementFromPoint(at.clientX, at.clientY) ?? document.body
      for (const type of ['dragenter', 'dragover', 'drop']) {
        target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer, ...at }))
      }
    },
    [node, file.name, Buffer.from(file.bytes).toString('base64'), file.repeat ?? 1] as const,
  )
}

/** Friendly names of the places, the desktop's own first. */
export async function nodesOf(page: Page): Promise<string[]> {
  return await page.evaluate(async () => {
    const watched = await window.shell.call('lattice.watch')
    if (!watched.ok) return []
    const hosts = Object.values(watched.value.state.hosts)
    return hosts
      .filter((host) => host.liveness !== 'gone')
      .sort((a, b) => Number(b.kind === 'desktop') - Number(a.kind === 'desktop'))
      .map((host) => host.friendlyName)
  })
}

/** What a person arranged, as it is kept by main. */
export async function arrangement(page: Page): Promise<Partial<Arrangement>> {
  return await page.evaluate(async () => {
    const loaded = await window.shell.call('workspace.load')
    if (!loaded.ok || loaded.value === null) return {}
    const { viewpoint, places, windows } = loaded.value as unknown as Arrangement
    return { viewpoint, places, windows }
  })
}

interface Arrangement {
  readonly viewpoint: { readonly zoom: number } | undefined
  readonly places: Readonly<Record<string, unknown>>
  /** By host and component. */
  readonly windows: Readonly<Record<string, unknown>>
}

/** Looks from further away, until main knows of it: the page tells some time after its eye has come to rest. */
export async function lookFromFurther(page: Page): Promise<void> {
  const zoomOf = async (): Promise<number | undefined> => (await arrangement(page)).viewpoint?.zoom
  const before = await zoomOf()
  await page.keyboard.press('Control+-')
  await vi.waitFor(async () => expect([undefined, before]).not.toContain(await zoomOf()), {
    timeout: patienceMs,
    interval: 100,
  })
}

/** Main knows where these windows stand. */
export async function untilPlaced(page: Page, actors: readonly string[]): Promise<void> {
  const missing = async (): Promise<string[]> => {
    const keys = Object.keys((await arrangement(page)).windows ?? {})
    return actors.filter((id) => !keys.some((key) => key.endsWith(`/${id}`)))
  }
  await until(missing, [])
}
