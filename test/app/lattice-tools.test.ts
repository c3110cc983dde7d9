// What a person steers a lattice with, in the real window: applications of wadm, components by reference, labels,
// configurations, manifests, the roll. The lattice is a nats-server with one more node; wadm is its stand-in.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createClient, type LatticeClient } from '../../main/lattice/client.js'
import { openImages } from '../../main/lattice/images.js'
import { openTransport } from '../../main/nats/connection.js'
import type { Transport } from '../../main/nats/transport.js'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'
import { actorOn, nodeNamed } from '../support/page.js'
import { toastAbout } from '../support/shell-page.js'
import { startWadm, type WadmProcess } from '../support/wadm-process.js'

const patience = { timeout: 40_000 }

let server: NatsServer
let folder: string
let node: NodeProcess
let transport: Transport
let client: LatticeClient
let image: string
let wadm: WadmProcess | undefined
let shell: LaunchedShell
let page: Page

beforeAll(async () => {
  server = await startNatsServer()
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-tools-'))
  node = await startNodeProcess({
    natsUrl: server.tcpUrl,
    name: 'attic',
    stateDir: path.join(folder, 'attic'),
    heartbeatMs: 1_000,
    labels: { floor: 'top' },
  })
  transport = await openTransport({ servers: server.tcpUrl })
  client = createClient({ transport, lattice: 'default' })
  const images = openImages({ transport, lattice: 'default', cacheDir: path.join(folder, 'own'), allowFiles: false })
  image = await images.put(await readFile(path.resolve('out/components/echo.wasm')))
  shell = await launchShell({
    userDataDir: path.join(folder, 'shell'),
    args: ['--nats', server.tcpUrl, '--name', 'desk', '--heartbeat-ms', '1000'],
  })
  page = shell.page
  await nodeNamed(page, 'attic').waitFor({ timeout: 60_000 })
}, 180_000)

afterAll(async () => {
  await shell.close()
  await wadm?.stop()
  await node.stop()
  await transport.close()
  await server.close()
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

const manifest = (version: string, extra = ''): string => `apiVersion: core.oam.dev/v1beta1
kind: Application
metadata:
  name: greeting
  annotations: { version: ${version}, description: says it back }
spec:
  components:
    - name: echo
      type: component
      properties: { image: "${image}" }
      traits:
        - type: spreadscaler
          properties: { instances: 1, spread: [{ name: top, requirements: { floor: top } }] }
${extra}`

describe('applications', () => {
  it('says that no wadm answers, and shows one that comes by itself', async () => {
    await order('Applications')
    await panel('Applications').getByText('No wadm answers on this lattice').waitFor(patience)
    wadm = await startWadm(server.tcpUrl)
    await panel('Applications').getByText('wadm keeps no application yet').waitFor(patience)
  }, 90_000)

  it('shows why wadm refuses a manifest, and keeps what was typed', async () => {
    await press(panel('Applications'), 'Put a manifest…')
    const put = panel('Put a manifest')
    await put.getByLabel('Manifest').fill(manifest('latest'))
    await press(put, 'Put')
    await put.getByRole('alert').filter({ hasText: 'A version named "latest" is not allowed' }).waitFor(patience)
    await put.getByLabel('Manifest').fill('spec: [')
    await put.getByLabel('Manifest').press('Control+Enter')
    await put.getByRole('alert').filter({ hasText: 'The manifest is no YAML' }).waitFor(patience)
    // A press outside loses nothing that was typed.
    await page.mouse.click(4, 300)
    await put.getByLabel('Manifest').fill(manifest('v1'))
    await press(put, 'Put')
    await panel('Applications').getByText('greeting v1 is kept').waitFor(patience)
  }, 90_000)

  it('deploys it, shows how far it is, and what runs says who manages it', async () => {
    const apps = panel('Applications')
    await press(apps, 'Deploy')
    await apps.getByRole('button', { name: /greeting.*v1 is deployed.*deployed/ }).waitFor(patience)
    await apps.locator('.tool-scaler').filter({ hasText: 'ComponentSpreadScaler' }).waitFor(patience)
    await page.keyboard.press('Escape')
    const window = actorOn(page, 'greeting-echo', 'attic')
    await window.waitFor(patience)
    await order('Inspect echo')
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByText('wadm, application greeting').waitFor(patience)
    await press(details, 'Open it')
    await panel('Applications').waitFor(patience)
    await page.keyboard.press('Escape')
    await order('Inspect attic')
    await details.getByText('wadm: greeting').waitFor(patience)
    await press(details, 'Close')
  }, 120_000)

  it('undeploys after a question, and back', async () => {
    await order('Applications')
    const apps = panel('Applications')
    const row = apps.getByRole('button', { name: /^greeting/ })
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.click()
    await press(apps, 'Undeploy')
    await agree('Undeploy')
    await apps.getByText('greeting is undeployed').waitFor(patience)
    await expect.poll(() => actorOn(page, 'greeting-echo').count(), patience).toBe(0)
    await press(apps, 'Undo')
    await apps.getByText('greeting is back as it was').waitFor(patience)
    await expect.poll(() => actorOn(page, 'greeting-echo', 'attic').count(), patience).toBe(1)
  }, 120_000)

  it('deletes all versions after a question, and puts them again', async () => {
    const apps = panel('Applications')
    await press(apps, 'Delete')
    await agree('Delete')
    await apps.getByText('greeting is deleted').waitFor(patience)
    await expect.poll(() => actorOn(page, 'greeting-echo').count(), patience).toBe(0)
    await press(apps, 'Undo')
    await apps.getByRole('button', { name: /greeting.*v1 is deployed/ }).waitFor(patience)
    await expect.poll(() => actorOn(page, 'greeting-echo', 'attic').count(), patience).toBe(1)
    await page.keyboard.press('Escape')
  }, 120_000)
})

describe('forms', () => {
  it('starts a component by reference where a host with the labels offers itself', async () => {
    await order('Start a component by reference…')
    const form = panel('Start a component by reference')
    await press(form, 'Start')
    expect(await form.getByText('Something has to stand here.').count()).toBe(2)
    await form.getByLabel('Id', { exact: true }).fill('by hand')
    await form.getByLabel('Reference', { exact: true }).fill(image)
    await form.getByLabel('Labels it must have').fill('floor=cellar')
    await press(form, 'Start')
    await form.getByText('Letters, digits, - and _ only.').waitFor(patience)
    await form.getByLabel('Id', { exact: true }).fill('by-hand')
    await press(form, 'Start')
    await form
      .getByRole('alert')
      .filter({ hasText: 'No host with floor=cellar offered to run by-hand' })
      .waitFor(patience)
    await form.getByLabel('Labels it must have').fill('floor=top')
    await form.getByLabel('Annotations').fill('team=home\nnote=a=b')
    await press(form, 'Start')
    await toastAbout(page, 'by-hand runs on attic')
    await actorOn(page, 'by-hand', 'attic').waitFor(patience)
    const inventory = await client.inventory(node.hostId)
    expect(inventory.components.find(({ id }) => id === 'by-hand')?.annotations).toEqual({ team: 'home', note: 'a=b' })
  }, 120_000)

  it('says what its host says when a start fails', async () => {
    await order('Start a component by reference…')
    const form = panel('Start a component by reference')
    await form.getByLabel('Id', { exact: true }).fill('nothing')
    await form.getByLabel('Reference', { exact: true }).fill(`tlos://sha256/${'0'.repeat(64)}`)
    await form.getByLabel('Where').selectOption({ label: 'attic' })
    await press(form, 'Start')
    await form.getByRole('alert').waitFor(patience)
    expect(await form.getByLabel('Id', { exact: true }).inputValue()).toBe('nothing')
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })
  }, 90_000)

  it('keeps configurations, changes and deletes them', async () => {
    await order('Configurations')
    await panel('Configurations').getByText('There are no named configurations.').waitFor(patience)
    await press(panel('Configurations'), 'New configuration…')
    const form = panel('Put a configuration')
    await form.getByLabel('Name').fill('words')
    await form.getByLabel('Values').fill('greeting=hello\nnot a pair')
    await press(form, 'Put')
    await form.getByText('Each line is key=value.').waitFor(patience)
    await form.getByLabel('Values').fill('greeting=hello\nname=')
    await press(form, 'Put')
    const configs = panel('Configurations')
    await configs.getByRole('button', { name: /^words/ }).click()
    await configs.getByText('2 values').waitFor(patience)
    expect(await client.getConfig('words')).toEqual({ greeting: 'hello', name: '' })
    await press(configs, 'Change…')
    await expect.poll(() => form.getByLabel('Values').inputValue(), patience).toBe('greeting=hello\nname=')
    await form.getByLabel('Values').fill('greeting=good day')
    await press(form, 'Put')
    await configs.getByText('good day').waitFor(patience)
    await press(configs, 'Delete')
    await agree('Delete')
    await configs.getByText('There are no named configurations.').waitFor(patience)
    expect(await client.getConfig('words')).toBeUndefined()
    await page.keyboard.press('Escape')
  }, 120_000)

  it('labels a node and takes the label off', async () => {
    await order('Inspect attic')
    const details = page.getByRole('complementary', { name: 'Details' })
    await press(details, 'Add a label…')
    const form = panel('Label attic')
    await form.getByLabel('Key').fill('hostcore.arch')
    await form.getByLabel('Value').fill('abacus')
    await press(form, 'Put the label')
    await form.getByRole('alert').filter({ hasText: 'hostcore.* labels cannot be set dynamically' }).waitFor(patience)
    await form.getByLabel('Key').fill('shelf')
    await form.getByLabel('Value').fill('third')
    await press(form, 'Put the label')
    await details.getByText('third').waitFor(patience)
    await press(details, 'Take the label shelf off attic')
    await expect.poll(() => details.getByText('third').count(), patience).toBe(0)
    await press(details, 'Close')
  }, 90_000)
})

describe('what is on the bus', () => {
  it('tells which nodes did not answer the roll', async () => {
    process.kill(node.pid, 'SIGSTOP')
    try {
      await order('Call the roll and read everything again')
      expect(await toastAbout(page, 'Not every node answered')).toMatch(
        /Answered: desk\. No answer within 2 s: attic\./,
      )
    } finally {
      process.kill(node.pid, 'SIGCONT')
    }
    await expect
      .poll(
        async () => {
          await order('Call the roll and read everything again')
          return await page.locator('.toast').filter({ hasText: 'Every node answered' }).count()
        },
        { timeout: 40_000, interval: 3_000 },
      )
      .toBeGreaterThan(0)
  }, 120_000)

  it('shows what is said to a component', async () => {
    await order('Watch the traffic of by-hand')
    const traffic = panel('Traffic of by-hand')
    await traffic.getByText('Nothing was heard yet.').waitFor(patience)
    // Whoever it is that calls: here one who calls what is not there, by the v1 subject.
    await expect
      .poll(async () => {
        transport.publish('default.by-hand.wrpc.0.0.1.test:spy/watched@0.1.0.hear-me', Buffer.from('hello'), {
          headers: { 'source-id': 'stranger' },
        })
        return await traffic.getByRole('button', { name: /hear-me.*stranger → by-hand/ }).count()
      }, patience)
      .toBeGreaterThan(0)
    await traffic
      .getByRole('button', { name: /hear-me/ })
      .first()
      .click()
    await traffic.getByText('68 65 6c 6c 6f').waitFor(patience)
    await page.keyboard.press('Escape')
  }, 90_000)
})

describe('a manifest of what runs', () => {
  it('is written, saved where the person says, and put to wadm', async () => {
    const file = path.join(folder, 'lattice.yaml')
    await shell.app.evaluate(({ dialog }, filePath) => {
      // The dialog of the system has no hands that a test could use.
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
    }, file)
    await order('Write what runs as a manifest…')
    const written = panel('Write what runs as a manifest')
    await written.getByLabel('Name').fill('no name')
    await press(written, 'Write')
    await written.getByText('Letters, digits, - and _ only.').waitFor(patience)
    await written.getByLabel('Name').fill('all-of-it')
    await press(written, 'Write')
    const text = written.getByLabel('The manifest')
    await text.waitFor(patience)
    await written.getByText('What wadm has started already is left out.').waitFor(patience)
    await press(written, 'Save…')
    await written.getByText(`Saved as ${file}`).waitFor(patience)
    const saved = parse(await readFile(file, 'utf8')) as Record<string, unknown>
    expect(saved).toEqual(parse(await text.inputValue()))
    expect(saved).toMatchObject({
      metadata: { name: 'all-of-it' },
      spec: { components: [{ name: 'by-hand', properties: { image, id: 'by-hand' } }] },
    })
    await press(written, 'Put to wadm')
    await panel('Applications')
      .getByRole('button', { name: /^all-of-it/ })
      .waitFor(patience)
    await page.keyboard.press('Escape')
  }, 90_000)
})

it('heard nothing that wadm could not have read, and no error of the page', async () => {
  const violations = await wadm?.stop()
  wadm = undefined
  expect(violations).toEqual([])
  expect(shell.pageErrors).toEqual([])
})
