// The connection panel as a person uses it: signing in at real servers with a user's password and with a token, wrong and
// right, and what this machine remembers of it, with a key store of the system and without.

import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { connect as natsConnect, Empty } from 'nats'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'

const patience = { timeout: 40_000 }
const [password, token] = ['correct-horse-battery', 'staple-by-staple']

let byUser: NatsServer
let byToken: NatsServer
let folder: string
let shell: LaunchedShell
let page: Page

const launch = async (): Promise<void> => {
  // Joined by nobody until the test does: there is no server there.
  shell = await launchShell({
    userDataDir: folder,
    args: ['--nats', 'nats://127.0.0.1:1', '--name', 'desk', '--heartbeat-ms', '1000'],
  })
  page = shell.page
  await page.getByRole('alert').filter({ hasText: 'Not connected' }).getByRole('button', { name: 'Details' }).click()
  await form().waitFor(patience)
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-signing-'))
  byUser = await startNatsServer({ user: 'anna', password })
  byToken = await startNatsServer({ lines: [`authorization { token: "${token}" }`] })
  await launch()
}, 120_000)

afterAll(async () => {
  await shell.close()
  await byUser.close()
  await byToken.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const panel = (): Locator => page.getByRole('dialog', { name: 'Connection' })
const form = (): Locator => panel().locator('.connect-form')
const remembers = (): Locator => form().getByRole('checkbox', { name: /^Remember this connection/ })
const connect = (): Promise<void> => form().getByRole('button', { name: 'Connect', exact: true }).click()

async function fill(label: string, text: string): Promise<void> {
  await form().getByLabel(label, { exact: true }).click()
  await form().getByLabel(label, { exact: true }).fill('')
  await page.keyboard.type(text)
}

/** What the shell says of the connection, and where it is. */
const connection = (): Promise<string> =>
  page.evaluate(async () => {
    const watched = await window.shell.call('lattice.watch')
    if (!watched.ok) return watched.failure.message
    const { state, url } = watched.value.state.connection
    return `${state} ${url}`
  })

/** Names of hosts that answer on control subjects that begin as the test has them begin. */
async function hostsThere(): Promise<string[]> {
  const bus = await natsConnect({ servers: byUser.tcpUrl, user: 'anna', pass: password })
  try {
    const reply = await bus.request('acme.steer.v1.default.host.ping', Empty, { timeout: 5_000 })
    return [reply.json<{ response: { friendly_name: string } }>().response.friendly_name]
  } catch {
    // Nobody is there yet.
    return []
  } finally {
    await bus.close()
  }
}

/** Every byte of every file that the shell keeps, but those of Chromium, which sees no secret of these. */
async function keptBytes(at = folder): Promise<string> {
  const entries = await readdir(at).catch(() => [])
  const texts = await Promise.all(
    entries.map(async (name) => {
      const file = path.join(at, name)
      const about = await stat(file).catch(() => undefined)
      if (about === undefined) return ''
      if (about.isDirectory()) return await keptBytes(file)
      return about.isFile() ? await readFile(file, 'latin1').catch(() => '') : ''
    }),
  )
  return texts.join('\n')
}

describe('signing in with a user and a password', () => {
  it('says that the server refuses a wrong password, which is gone from the field, and takes the right one', async () => {
    await fill('Server', byUser.tcpUrl)
    await form().getByLabel('Sign in').selectOption({ label: 'with user and password' })
    await fill('User', 'anna')
    await fill('Password', 'not this one')
    await connect()
    const alert = form().getByRole('alert')
    await alert.waitFor(patience)
    expect(await alert.textContent()).toMatch(/refuse|credentials|sign in/i)
    expect(await alert.textContent()).not.toContain('not this one')
    expect(await form().getByLabel('Password', { exact: true }).inputValue()).toBe('')
    expect(await form().getByLabel('Password', { exact: true }).getAttribute('type')).toBe('password')
    expect(await connection()).toBe(`failed ${byUser.tcpUrl}`)
    await fill('Password', password)
    await connect()
    await expect.poll(connection, patience).toBe(`live ${byUser.tcpUrl}`)
    await panel().getByText('Connected.').waitFor(patience)
    expect(await form().getByRole('alert').count()).toBe(0)
  }, 90_000)
})

describe('signing in with a token', () => {
  it('says that the server refuses a wrong one, and takes the right one', async () => {
    await fill('Server', byToken.tcpUrl)
    await form().getByLabel('Sign in').selectOption({ label: 'with a token' })
    await fill('Token', 'some other token')
    await connect()
    await form().getByRole('alert').waitFor(patience)
    expect(await form().getByRole('alert').textContent()).toMatch(/refuse|credentials|sign in/i)
    await fill('Token', token)
    await connect()
    await expect.poll(connection, patience).toBe(`live ${byToken.tcpUrl}`)
  }, 90_000)
})

describe('without a key store of the system, as on this display', () => {
  it('remembering is not offered, the reason is there, and nothing is kept', async () => {
    await expect.poll(() => remembers().isDisabled(), patience).toBe(true)
    await form()
      .getByText(/no key store \(keyring\).*nothing is remembered/)
      .waitFor(patience)
    const kept = await keptBytes()
    for (const secret of [password, token]) expect(kept).not.toContain(secret)
    expect(await readdir(folder)).not.toContain('connections.json')
  }, 60_000)
})

describe('with a key store of the system', () => {
  it('a connection is remembered when the person says so and it worked, and taken up again after a restart', async () => {
    // The display of tests has no keyring: a cipher in its place, under the very functions that the shell calls.
    const pretend = async (): Promise<void> => {
      await shell.app.evaluate(({ safeStorage }) => {
        const turn = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x5a))
        Object.assign(safeStorage, {
          isEncryptionAvailable: () => true,
          getSelectedStorageBackend: () => 'gnome_libsecret',
          encryptString: (text: string) => turn(Buffer.from(text)),
          decryptString: (bytes: Buffer) => turn(bytes).toString(),
        })
      })
      // What can be remembered is asked when the panel opens.
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'command palette' }).fill('Connection')
      await page
        .getByRole('option')
        .filter({ hasText: /^Connection/ })
        .first()
        .click()
      await form().waitFor(patience)
    }
    await pretend()
    await fill('Server', byUser.tcpUrl)
    await form().getByLabel('Sign in').selectOption({ label: 'with user and password' })
    await fill('User', 'anna')
    await fill('Password', 'not this one')
    await remembers().check()
    await connect()
    await form().getByRole('alert').waitFor(patience)
    // It did not work: it is not remembered.
    expect(await readdir(folder)).not.toContain('connections.json')
    await fill('Password', password)
    await form().getByText('Certificates, domain, prefixes, a second server').click()
    await fill('Control prefix', 'acme.>')
    await connect()
    await form()
      .getByText(/^Parts of a subject with dots/)
      .waitFor(patience)
    await fill('Control prefix', 'acme.steer')
    await connect()
    await expect.poll(connection, patience).toBe(`live ${byUser.tcpUrl}`)
    await expect.poll(hostsThere, patience).toEqual(['desk'])
    const list = (): Locator => form().getByRole('region', { name: 'Remembered' })
    await list().getByText(byUser.tcpUrl).waitFor(patience)
    const kept = await keptBytes()
    expect(kept).toContain(byUser.tcpUrl)
    for (const secret of [password, token]) expect(kept).not.toContain(secret)

    await shell.close()
    await launch()
    await pretend()
    await list()
      .getByRole('button', { name: /^Connect to / })
      .click()
    await expect.poll(connection, patience).toBe(`live ${byUser.tcpUrl}`)
    // With all that was said of it, the prefix too.
    await expect.poll(hostsThere, patience).toEqual(['desk'])
    await list().getByRole('button', { name: 'Forget' }).click()
    await list().waitFor({ state: 'detached', ...patience })
    expect(JSON.parse(await readFile(path.join(folder, 'connections.json'), 'utf8'))).toEqual([])
  }, 150_000)

  it('said nothing wrong on the console', () => {
    expect(shell.pageErrors).toEqual([])
  })
})
