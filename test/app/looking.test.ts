// Looking around in the real window with the hand: pan, tilt, zoom, a slab carried by its nameplate, a lost drawing context;
// then joining another lattice from the connection panel, and coming back.

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { openTransport } from '../../main/nats/connection.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'
import { actorOn, locate, nodeNamed, nodeNames, nodeOf, type Rect } from '../support/page.js'

const middle = (rect: Rect) => ({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 })

/** Motions end within a third of a second; on a busy machine later. */
async function settled(page: Page, id: string): Promise<Rect> {
  let before = await locate(page, id)
  for (;;) {
    await page.waitForTimeout(400)
    const now = await locate(page, id)
    if (Math.abs(now.x - before.x) + Math.abs(now.y - before.y) + Math.abs(now.width - before.width) < 0.5) return now
    before = now
  }
}

async function draw(
  page: Page,
  from: { x: number; y: number },
  by: { x: number; y: number },
  button: 'left' | 'right',
) {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down({ button })
  await page.mouse.move(from.x + by.x, from.y + by.y, { steps: 10 })
  await page.mouse.up({ button })
}

describe('looking around', () => {
  let userDataDir: string
  let shell: LaunchedShell
  let page: Page
  let desktop: string
  let server: NatsServer
  let node: NodeProcess | undefined

  beforeAll(async () => {
    userDataDir = await mkdtemp(path.join(os.tmpdir(), 'tlos-looking-'))
    server = await startNatsServer()
    shell = await launchShell({ userDataDir })
    page = shell.page
    for (const id of ['counter', 'clock', 'notes', 'echo']) await actorOn(page, id).waitFor({ timeout: 60_000 })
    for (const name of ['north', 'south']) await nodeNamed(page, name).waitFor({ timeout: 30_000 })
    desktop = await nodeOf(page, 'counter')
    await page.getByRole('button', { name: 'Close', exact: true }).first().click()
  }, 120_000)

  afterAll(async () => {
    await shell.close()
    await node?.stop()
    await server.close()
    await rm(userDataDir, { recursive: true, force: true })
  }, 60_000)

  /** A point of the plane with nothing on it: between the slabs behind and this desktop's. */
  const emptyPlane = async (): Promise<{ x: number; y: number }> => {
    const behind = await locate(page, 'south')
    const here = await locate(page, desktop)
    return { x: here.x + here.width + 40, y: Math.max(here.y + here.height / 2, behind.y + behind.height + 70) }
  }

  it('pans with the plane under the pointer', async () => {
    const before = await settled(page, desktop)
    await draw(page, await emptyPlane(), { x: -120, y: -60 }, 'left')
    const after = await settled(page, desktop)
    // What was under the pointer stays under it; what is nearer or further goes a little more or less.
    expect(after.x - before.x).toBeGreaterThan(-160)
    expect(after.x - before.x).toBeLessThan(-80)
    expect(after.y).toBeLessThan(before.y - 20)
  }, 90_000)

  it('tilts with the right button, and no word changes its size by more than a tenth', async () => {
    const before = await settled(page, desktop)
    const title = await locate(page, 'counter')
    await draw(page, await emptyPlane(), { x: 0, y: 90 }, 'right')
    const after = await settled(page, desktop)
    expect(after.height / after.width).toBeGreaterThan((before.height / before.width) * 1.1)
    expect(Math.abs((await locate(page, 'counter')).width / title.width - 1)).toBeLessThan(0.1)
  }, 90_000)

  it('zooms with the wheel about the pointer, and 0 shows everything again', async () => {
    const before = await settled(page, 'counter')
    const at = middle(before)
    await page.mouse.move(at.x, at.y)
    for (let i = 0; i < 4; i += 1) await page.mouse.wheel(0, -100)
    const near = await settled(page, 'counter')
    expect(near.width).toBeGreaterThan(before.width * 1.2)
    expect(Math.abs(middle(near).x - at.x)).toBeLessThan(12)
    await page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    })
    await page.keyboard.press('0')
    await settled(page, 'counter')
    const width = await page.evaluate(() => window.innerWidth)
    for (const name of await nodeNames(page)) {
      const place = await locate(page, name)
      expect(place.x).toBeGreaterThan(0)
      expect(place.x + place.width).toBeLessThan(width)
    }
  }, 60_000)

  it('carries a slab by its nameplate, with what stands on it, and undoes that', async () => {
    const lip = nodeNamed(page, 'north').locator('.lip')
    const before = await settled(page, 'north')
    const clock = await locate(page, 'clock')
    // Away from the other one: who stands left is a matter of who came first.
    const way = before.x < (await locate(page, 'south')).x ? -1 : 1
    const box = await lip.boundingBox()
    if (box === null) throw new Error('the nameplate of north is not on the screen')
    await draw(page, { x: box.x + box.width / 2, y: box.y + box.height / 2 }, { x: way * 60, y: 14 }, 'left')
    const after = await settled(page, 'north')
    expect((after.x - before.x) * way).toBeGreaterThan(30)
    expect(((await locate(page, 'clock')).x - clock.x) * way).toBeGreaterThan(30)
    await page.keyboard.press('Control+z')
    const undone = await settled(page, 'north')
    expect(Math.abs(undone.x - before.x) + Math.abs(undone.y - before.y)).toBeLessThan(3)
  }, 90_000)

  it('says when the drawing context is lost, works on meanwhile, and draws again when it is back', async () => {
    await page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('#space canvas')
      const lose = canvas?.getContext('webgl2')?.getExtension('WEBGL_lose_context')
      if (lose === undefined || lose === null) throw new Error('the space is not drawn with WebGL')
      Object.assign(window, { tlosLoseContext: lose })
      lose.loseContext()
    })
    const message = page.locator('.stage-message').first()
    await message.waitFor({ timeout: 25_000 })
    await actorOn(page, 'counter').getByRole('button', { name: 'Count', exact: true }).click()
    await actorOn(page, 'counter').getByText('1', { exact: true }).waitFor({ timeout: 25_000 })
    const frames = await page.evaluate(() => window.tlos.frames().count)
    await page.evaluate(() => {
      // Put there above.
      ;(window as unknown as { tlosLoseContext: WEBGL_lose_context }).tlosLoseContext.restoreContext()
    })
    await message.waitFor({ state: 'detached', timeout: 25_000 })
    await expect
      .poll(() => page.evaluate(() => window.tlos.frames().count), { timeout: 20_000 })
      .toBeGreaterThan(frames)
  }, 60_000)

  it('shows what was said on the lattice, filtered, with the raw event', async () => {
    await page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    })
    await page.keyboard.press('e')
    const panel = page.getByRole('dialog', { name: 'Events of the lattice' })
    await panel
      .getByRole('button', { name: /component_scaled/ })
      .first()
      .waitFor({ timeout: 25_000 })
    await panel.getByRole('textbox').fill('component_scaled clock')
    const rows = panel.getByRole('button', { name: /component_scaled/ })
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBeGreaterThan(0)
    for (const text of await rows.allTextContents()) expect(text).toContain('clock')
    await rows.first().click()
    await panel.getByText(/"max_instances": 1/).waitFor({ timeout: 25_000 })
    await panel.getByRole('textbox').fill('nothing-of-this-kind')
    await panel.getByText('Nothing that was said has all of these words.').waitFor({ timeout: 25_000 })
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached', timeout: 25_000 })
  }, 90_000)

  it('refuses to join what is no server, in words beside the field', async () => {
    await page.getByRole('button', { name: 'default' }).first().click()
    const form = page.locator('.connect-form')
    await form.getByLabel('Server').fill('somewhere')
    await form.getByRole('button', { name: 'Connect', exact: true }).click()
    await form.getByText(/Give a URL like/).waitFor({ timeout: 25_000 })
  }, 90_000)

  it('joins another lattice from the panel, and comes back to its own with the count', async () => {
    node = await startNodeProcess({ natsUrl: server.tcpUrl, name: 'attic', heartbeatMs: 1_000 })
    const form = page.locator('.connect-form')
    await form.getByLabel('Server').fill(server.tcpUrl)
    await form.getByRole('button', { name: 'Connect', exact: true }).click()
    await nodeNamed(page, 'attic').waitFor({ timeout: 30_000 })
    // A host of wasmCloud v2 on the same server is a place that says what it is, and that it takes nothing.
    const peer = await openTransport({ servers: server.tcpUrl })
    const v2 = { id: 'rack-7', friendlyName: 'lively-field', version: '2.7.0', workloadCount: '3', componentCount: '5' }
    peer.publish('runtime.operator.heartbeat.rack-7', new TextEncoder().encode(JSON.stringify(v2)))
    const place = nodeNamed(page, 'lively-field')
    await place.getByText('3 workloads, 5 components').waitFor({ state: 'attached', timeout: 20_000 })
    await place.getByText('nothing can be dropped here').waitFor({ state: 'attached', timeout: 25_000 })
    await place.getByText('wasmCloud v2 host, read only').waitFor({ state: 'attached', timeout: 25_000 })
    await peer.close()
    // Nothing that ran at home is started in a lattice of the same name.
    await expect
      .poll(
        () =>
          page.evaluate(async () => {
            const watched = await window.shell.call('lattice.watch')
            return watched.ok ? Object.keys(watched.value.state.components) : watched.failure.message
          }),
        { timeout: 20_000 },
      )
      .toEqual([])
    await form.getByRole('button', { name: 'Back to my own lattice' }).click()
    await nodeNamed(page, 'north').waitFor({ timeout: 30_000 })
    await page.keyboard.press('Escape')
    await actorOn(page, 'counter', desktop).getByText('1', { exact: true }).waitFor({ timeout: 30_000 })
    expect(await nodeNames(page)).not.toContain('attic')
  }, 120_000)

  it('said nothing wrong on its console', () => {
    expect(shell.pageErrors.filter((line) => !/context/i.test(line))).toEqual([])
  })
})
