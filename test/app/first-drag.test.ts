// The main job, end to end, in the real window: start, count, drag, count on; a node dies; the server restarts; quit and
// come back. Nodes are separate processes, the server is the real one, the component is the built one.

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { actorOn, dragTo, locate, nodeNames, nodeOf } from '../support/page.js'
import { processesUnder } from '../support/processes.js'
import { arrangement, lookFromFurther } from '../support/shell-page.js'

const counterOn = (page: Page, name?: string): Locator => actorOn(page, 'counter', name)

describe('from clone to first drag', () => {
  let userDataDir: string
  let shell: LaunchedShell
  let page: Page
  let desktop: string
  let target: string

  beforeAll(async () => {
    userDataDir = await mkdtemp(path.join(os.tmpdir(), 'tlos-app-'))
    shell = await launchShell({ userDataDir })
    page = shell.page
  }, 120_000)

  afterAll(async () => {
    await shell.close()
    await rm(userDataDir, { recursive: true, force: true })
  }, 60_000)

  it('shows three nodes of a lattice of its own, with actors running', async () => {
    await expect.poll(() => nodeNames(page), { timeout: 60_000 }).toHaveLength(3)
    for (const id of ['counter', 'clock', 'notes', 'echo']) {
      await page.getByRole('group', { name: new RegExp(`^actor ${id} on `) }).waitFor({ timeout: 60_000 })
    }
    const names = await nodeNames(page)
    desktop = await nodeOf(page, 'counter')
    expect(names).toContain(desktop)
    target = names.find((name) => name !== desktop) ?? ''
  }, 150_000)

  it('runs the page in a sandboxed renderer without Node', async () => {
    expect(await page.evaluate(() => [typeof require, typeof process, typeof window.shell.call])).toEqual([
      'undefined',
      'undefined',
      'function',
    ])
  })

  it('counts when the button in the window of the counter is pressed', async () => {
    for (let i = 0; i < 3; i += 1) await counterOn(page).getByRole('button', { name: 'Count', exact: true }).click()
    await counterOn(page).getByText('3', { exact: true }).waitFor({ timeout: 25_000 })
  }, 90_000)

  it('says what a node would answer before the drop, moves the counter on the drop, and the count goes on', async () => {
    await dragTo(page, 'counter', target, async () => {
      await page
        .getByRole('region', { name: `node ${target}` })
        .getByText(/accepts/)
        .waitFor({ timeout: 25_000 })
    })
    await counterOn(page, target).waitFor({ timeout: 20_000 })
    await page
      .getByText(/counter moved/i)
      .first()
      .waitFor({ timeout: 25_000 })
    const receipts = await page.evaluate(async () => await window.shell.call('move.receipts', 'counter' as never))
    expect(receipts).toMatchObject({
      ok: true,
      value: [{ outcome: 'moved', callsLost: 0, callsTwice: 0, toName: target, stateKind: 'exported' }],
    })
    await counterOn(page, target).getByRole('button', { name: 'Count', exact: true }).click()
    await counterOn(page, target).getByText('4', { exact: true }).waitFor({ timeout: 25_000 })
    const title = await locate(page, 'counter')
    const place = await locate(page, target)
    const middle = title.x + title.width / 2
    expect(middle > place.x && middle < place.x + place.width).toBe(true)
  }, 60_000)

  it('moves back the same way', async () => {
    await dragTo(page, 'counter', desktop)
    await counterOn(page, desktop).waitFor({ timeout: 20_000 })
    await counterOn(page, desktop).getByRole('button', { name: 'Count', exact: true }).click()
    await counterOn(page, desktop).getByText('5', { exact: true }).waitFor({ timeout: 25_000 })
  }, 60_000)

  it('recovers by itself from a restart of the NATS server, with nothing wrong in the picture', async () => {
    const before = await nodeNames(page)
    const [server] = await processesUnder(userDataDir, 'nats-server')
    if (server === undefined) throw new Error('no nats-server of this shell is running')
    process.kill(server.pid, 'SIGKILL')
    await expect
      .poll(async () => (await processesUnder(userDataDir, 'nats-server')).filter((p) => p.pid !== server.pid).length, {
        timeout: 25_000,
      })
      .toBe(1)
    await expect
      .poll(
        async () => {
          const watched = await page.evaluate(async () => await window.shell.call('lattice.watch'))
          if (!watched.ok) return watched.failure.message
          const { connection, hosts } = watched.value.state
          return [connection.state, ...Object.values(hosts).map((h) => h.liveness)].join(' ')
        },
        { timeout: 25_000, interval: 100 },
      )
      .toBe('live fresh fresh fresh')
    await counterOn(page, desktop).getByRole('button', { name: 'Count', exact: true }).click()
    await counterOn(page, desktop).getByText('6', { exact: true }).waitFor({ timeout: 25_000 })
    expect(await nodeNames(page)).toEqual(before)
  }, 60_000)

  it('comes back after quitting with its windows, places, viewpoint and the count', async () => {
    await lookFromFurther(page)
    const names = await nodeNames(page)
    const before = await arrangement(page)
    const place = await locate(page, 'counter')
    await shell.close()
    shell = await launchShell({ userDataDir })
    page = shell.page
    await counterOn(page, desktop).waitFor({ timeout: 60_000 })
    await expect.poll(async () => (await nodeNames(page)).sort(), { timeout: 30_000 }).toEqual([...names].sort())
    expect(await arrangement(page)).toEqual(before)
    await counterOn(page, desktop).getByText('6', { exact: true }).waitFor({ timeout: 30_000 })
    const after = await locate(page, 'counter')
    expect(Math.abs(after.x - place.x) + Math.abs(after.y - place.y)).toBeLessThan(4)
  }, 150_000)

  it('turns the place of a killed node stale, then gone, and says what became of the counter', async () => {
    await dragTo(page, 'counter', target)
    await counterOn(page, target).waitFor({ timeout: 20_000 })
    // The third move, entirely over: a node that dies before that gives the counter back to where it was.
    await expect
      .poll(
        async () => {
          const kept = await page.evaluate(async () => await window.shell.call('move.receipts', 'counter' as never))
          return kept.ok ? kept.value.length : 0
        },
        { timeout: 20_000 },
      )
      .toBe(3)
    const [node] = await processesUnder(userDataDir, `--name ${target}`)
    if (node === undefined) throw new Error(`no process of node ${target}`)
    process.kill(node.pid, 'SIGKILL')
    const liveness = async (): Promise<string | undefined> =>
      await page.evaluate(async (name) => {
        const watched = await window.shell.call('lattice.watch')
        if (!watched.ok) return undefined
        return Object.values(watched.value.state.hosts).find((host) => host.friendlyName === name)?.liveness
      }, target)
    await expect.poll(liveness, { timeout: 25_000, interval: 100 }).toBe('stale')
    await expect.poll(liveness, { timeout: 40_000 }).toBe('gone')
    await page
      .getByRole('region', { name: `node ${target}` })
      .getByText(/gone since/)
      .waitFor({ timeout: 25_000 })
    await page
      .getByText(/What counter kept in memory since it was last saved is lost/)
      .first()
      .waitFor({ timeout: 25_000 })
  }, 120_000)

  it('leaves no process behind when it is closed', async () => {
    await shell.close()
    await expect.poll(async () => (await processesUnder(userDataDir, '')).length, { timeout: 20_000 }).toBe(0)
  }, 90_000)
})
