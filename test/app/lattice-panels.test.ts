// Panels of the lattice's tools in the real window, each against what it is about: claims of a signed component, a host's own
// inventory, HTTP to a component, a recording, all cables at once, and a provider that wants to be permitted.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient, type LatticeClient } from '../../main/lattice/client.js'
import { openImages, type Images } from '../../main/lattice/images.js'
import { openTransport } from '../../main/nats/connection.js'
import type { Transport } from '../../main/nats/transport.js'
import { buildGuest } from '../main/wasm/wasi-guest.js'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'
import { actorOn, nodeNamed } from '../support/page.js'
import { type Archives, buildTestProvider, openArchives, script, thisTarget } from '../support/provider-archive.js'
import { toastAbout } from '../support/shell-page.js'
import { signComponent } from '../support/sign-component.js'

const patience = { timeout: 40_000 }

let server: NatsServer
let folder: string
let node: NodeProcess
let transport: Transport
let client: LatticeClient
let images: Images
let archives: Archives
let shell: LaunchedShell
let page: Page

const launch = (): Promise<LaunchedShell> =>
  launchShell({
    userDataDir: path.join(folder, 'shell'),
    args: ['--nats', server.tcpUrl, '--name', 'desk', '--heartbeat-ms', '1000'],
  })

beforeAll(async () => {
  server = await startNatsServer()
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-panels-'))
  archives = await openArchives()
  node = await startNodeProcess({
    natsUrl: server.tcpUrl,
    name: 'attic',
    stateDir: path.join(folder, 'attic'),
    heartbeatMs: 1_000,
    labels: { floor: 'top' },
  })
  transport = await openTransport({ servers: server.tcpUrl })
  client = createClient({ transport, lattice: 'default' })
  images = openImages({ transport, lattice: 'default', cacheDir: path.join(folder, 'own'), allowFiles: false })
  const echo = await readFile(path.resolve('out/components/echo.wasm'))
  const signed = signComponent(echo, { wascap: { name: 'Signed echo', ver: '1.2.3', tags: ['home', 'test'] } })
  for (const [componentId, bytes] of [
    ['signed-echo', signed],
    ['web', await buildGuest('web')],
  ] as const) {
    await client.scale(node.hostId, { componentId, imageRef: await images.put(bytes), count: 1 })
  }
  shell = await launch()
  page = shell.page
  await actorOn(page, 'web', 'attic').waitFor({ timeout: 60_000 })
}, 180_000)

afterAll(async () => {
  await shell.close()
  await node.stop()
  await transport.close()
  await server.close()
  await archives.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

/** Types into the palette and does what has exactly this name. */
async function order(title: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'command palette' }).fill(title.replace('…', ''))
  await page.getByRole('option').filter({ hasText: title }).first().click()
}

const panel = (name: string | RegExp): Locator => page.getByRole('dialog', { name })
const press = async (where: Locator, name: string): Promise<void> =>
  where.getByRole('button', { name, exact: true }).click()
/** Answers the question that a deed asks first. */
const agree = async (yes: string): Promise<void> => press(page.locator('dialog[open]'), yes)

describe('what a lattice tells of itself', () => {
  it('claims: who signed what, as the hosts checked it', async () => {
    const [claims] = await client.claims()
    await order('Claims')
    const table = panel('Claims').getByRole('table', { name: 'Claims' })
    await table.waitFor(patience)
    expect(await table.getByRole('columnheader').allTextContents()).toEqual([
      'Name',
      'Subject',
      'Issuer',
      'Version',
      'Tags',
    ])
    const row = table.getByRole('row').filter({ hasText: 'Signed echo' })
    expect(await row.getByRole('cell').allTextContents()).toEqual([
      'Signed echo',
      claims?.['sub'],
      claims?.['iss'],
      '1.2.3',
      'home,test',
    ])
    await page.keyboard.press('Escape')
  }, 90_000)

  it('the inventory of a host, asked of it itself again and again', async () => {
    await order('Inspect attic')
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByRole('tab', { name: 'JSON' }).click()
    const json = details.locator('.raw-json')
    const inventory = async (): Promise<Record<string, unknown>> => {
      const text = await json.textContent({ timeout: 2_000 }).catch(() => undefined)
      const shown = JSON.parse(text ?? '{}') as { inventory?: Record<string, unknown> }
      return shown.inventory ?? {}
    }
    await expect.poll(inventory, patience).toMatchObject({ hostId: node.hostId, labels: { floor: 'top' } })
    const { components } = await inventory()
    expect((components as { id: string }[]).map(({ id }) => id).sort()).toEqual(['signed-echo', 'web'])
    // Nobody touches the window: it is asked again by itself.
    await client.putLabel(node.hostId, 'shelf', 'third')
    await expect.poll(inventory, patience).toMatchObject({ labels: { floor: 'top', shelf: 'third' } })
    await press(details, 'Close')
  }, 90_000)
})

describe('an HTTP request', () => {
  it('reaches a component of another node, and its answer or its error is shown', async () => {
    await order('Send an HTTP request to web…')
    const form = panel('Send an HTTP request to web')
    await form.getByLabel('Method').selectOption('POST')
    await form.getByLabel('Path').fill('nowhere')
    await press(form, 'Send')
    await form.getByText('A path begins with /.').waitFor(patience)
    await form.getByLabel('Path').fill('/said?a=1')
    await form.getByLabel('Host and port it is told').fill('shop.example:8080')
    await form.getByLabel('Headers').fill('x-asked=by hand')
    await form.getByLabel('Body').fill('hello there')
    await press(form, 'Send')
    await form.getByText('web answered: 201').waitFor(patience)
    const text = (await form.locator('.raw-json').textContent()) ?? ''
    const [head = '', body = ''] = text.split('\n\n')
    expect(head.split('\n')).toEqual(expect.arrayContaining(['content-type: application/json', 'set-cookie: a=1']))
    expect(JSON.parse(body)).toMatchObject({
      method: 'post',
      authority: 'shop.example:8080',
      path: '/said?a=1',
      asked: ['by hand'],
      body: 'hello there',
    })
    await form.getByLabel('Path').fill('/error')
    await press(form, 'Send')
    await form.getByRole('alert').filter({ hasText: 'on purpose' }).waitFor(patience)
    expect(await form.getByLabel('Body').inputValue()).toBe('hello there')
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })
  }, 90_000)
})

describe('a recording', () => {
  it('is switched on, saved with the inventories where the person says, and ended after a question', async () => {
    const file = path.join(folder, 'lattice.washcapture')
    await shell.app.evaluate(({ dialog }, filePath) => {
      // The dialog of the system has no hands that a test could use.
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
    }, file)
    await order('Capture')
    const capture = panel('Capture')
    await capture.getByText('Nothing is being recorded.').waitFor(patience)
    await press(capture, 'Begin to record')
    await capture.getByText(/Recorded on the NATS server since/).waitFor(patience)
    transport.publish('wasmbus.rpc.default.kv.health', Buffer.from('{}'))
    await capture.getByText(/^Recorded.*1 message,/).waitFor(patience)
    await press(capture, 'Save…')
    await capture.getByText(`Saved as ${file}`).waitFor(patience)
    await capture.getByText('1 message, the inventory of 2 nodes.').waitFor(patience)
    const tar = gunzipSync(await readFile(file)).toString('latin1')
    expect(tar).toContain(node.hostId)
    expect(tar).toContain('wasmbus.rpc.default.kv.health')
    await press(capture, 'End and delete…')
    await agree('End it')
    await capture.getByText('Nothing is being recorded.').waitFor(patience)
    await page.keyboard.press('Escape')
  }, 90_000)
})

describe('all cables', () => {
  const link = (sourceId: string, name: string) => ({
    sourceId,
    target: 'web',
    name,
    witNamespace: 'wasi',
    witPackage: 'http',
    interfaces: ['incoming-handler'],
    sourceConfig: [],
    targetConfig: [],
  })
  const left = async (): Promise<string[]> => (await client.links()).map(({ sourceId, name }) => `${sourceId} ${name}`)

  it('of one component are cut from its inspector, those of the lattice from the palette, each after a question', async () => {
    for (const one of [link('signed-echo', 'one'), link('signed-echo', 'two'), link('far', 'one')]) {
      await client.putLink(one)
    }
    // It is called as its claims or its own metadata call it.
    const name = await page.evaluate(async () => {
      const watched = await window.shell.call('lattice.watch')
      if (!watched.ok) return undefined
      return Object.values(watched.value.state.components).find(({ id }) => id === 'signed-echo')?.name
    })
    await order(`Inspect ${name ?? 'signed-echo'}`)
    await page
      .getByRole('complementary', { name: 'Details' })
      .getByText('signed-echo', { exact: true })
      .first()
      .waitFor(patience)
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByRole('tab', { name: 'Overview' }).click()
    await press(details, 'Cut all cables from signed-echo…')
    const question = page.locator('dialog[open]')
    await question.getByText('Cut all 2 cables from signed-echo?').waitFor(patience)
    await press(question, 'Cancel')
    expect(await left()).toHaveLength(3)
    await press(details, 'Cut all cables from signed-echo…')
    await agree('Cut')
    await toastAbout(page, 'All cables from signed-echo are cut')
    expect(await left()).toEqual(['far one'])
    await press(details, 'Close')
    await order('Cut all cables of the lattice')
    await page.locator('dialog[open]').getByText('Cut all 1 cable of the lattice?').waitFor(patience)
    await agree('Cut')
    await toastAbout(page, 'All cables of this lattice are cut')
    expect(await left()).toEqual([])
  }, 90_000)
})

describe('a provider that the lattice wants started here', () => {
  let ref: string
  const card = (): Locator => page.getByRole('alertdialog')
  const desk = async (): Promise<string> => (await client.findHost('desk')).id
  const ask = async (providerId: string): Promise<unknown> =>
    client
      .startProvider(await desk(), { providerId, providerRef: ref, limitMs: 30_000 })
      .catch((error: unknown) => (error instanceof Error ? error.message : error))
  const onDesk = async (): Promise<string[]> =>
    (await client.inventory(await desk())).providers.map(({ id }) => id).filter((id) => id.startsWith('kv'))

  it('is shown with its reference, its bytes and what it may do, takes no keyboard, and is refused by a press', async () => {
    const program = script(await buildTestProvider())
    ref = await archives.add('kv.par.gz', { [`${thisTarget}.bin`]: program }, { gzip: true })
    await page.keyboard.press('Control+k')
    expect(await ask('kv')).toMatch(/who is asked now; it is started when that person permits it/)
    await card().getByRole('heading', { name: 'Run a program on this machine?' }).waitFor(patience)
    expect(
      await page.getByRole('combobox', { name: 'command palette' }).evaluate((e) => e === document.activeElement),
    ).toBe(true)
    await page.keyboard.press('Escape')
    await card().getByText(ref, { exact: true }).waitFor(patience)
    await card()
      .getByText(/^sha256:[0-9a-f]{64}$/)
      .waitFor(patience)
    await card().getByText('Somebody on the lattice asks this desktop to start the provider kv.').waitFor(patience)
    await card()
      .getByText(/It can do everything that you can do on this machine/)
      .waitFor(patience)
    expect(await onDesk()).toEqual([])
    await press(card(), 'Refuse')
    await card().waitFor({ state: 'detached', ...patience })
    expect(await ask('kv')).toMatch(/who refused it/)
    await order('Permitted providers')
    const list = panel('Permitted providers')
    await press(list.getByRole('region', { name: /Refused until/ }), 'Let it ask again')
    await list.getByText('None is permitted.').waitFor(patience)
    await page.keyboard.press('Escape')
  }, 120_000)

  it('permitted once starts as it was asked for, and the next time is asked for again', async () => {
    await ask('kv-once')
    await press(card(), 'Permit once')
    await expect.poll(onDesk, patience).toEqual(['kv-once'])
    await nodeNamed(page, 'desk')
      .getByRole('button', { name: /kv-once/ })
      .waitFor(patience)
    await client.stopProvider(await desk(), 'kv-once')
    expect(await ask('kv-once')).toMatch(/who is asked now/)
    await press(card(), 'Decide later')
    await card().waitFor({ state: 'detached', ...patience })
    await order('Permitted providers')
    await press(panel('Permitted providers').getByRole('region', { name: 'Asked for now' }), 'Show')
    await press(card(), 'Refuse')
    await press(panel('Permitted providers'), 'Let it ask again')
    await page.keyboard.press('Escape')
  }, 120_000)

  it('permitted always starts unasked, after a restart of the shell too, and is stopped when the permit is revoked', async () => {
    await ask('kv')
    await press(card(), 'Always permit this program')
    await expect.poll(onDesk, patience).toEqual(['kv'])
    await shell.close()
    shell = await launch()
    page = shell.page
    await nodeNamed(page, 'attic').waitFor({ timeout: 60_000 })
    await expect.poll(() => ask('kv'), { timeout: 60_000 }).toBeUndefined()
    expect(await onDesk()).toEqual(['kv'])
    expect(await card().count()).toBe(0)
    await order('Permitted providers')
    const kept = panel('Permitted providers').getByRole('region', { name: 'Permitted always' })
    await kept.getByText(ref).waitFor(patience)
    await press(kept, 'Revoke')
    await agree('Revoke')
    await panel('Permitted providers').getByText('None is permitted.').waitFor(patience)
    await expect.poll(onDesk, patience).toEqual([])
    expect(await ask('kv')).toMatch(/who is asked now/)
  }, 150_000)

  it('said nothing wrong on the console', () => {
    expect(shell.pageErrors).toEqual([])
  })
})
