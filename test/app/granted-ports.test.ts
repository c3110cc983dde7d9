// Ports that a person grants in the window, asked by real programs of this machine: a component that listens by TCP, and one
// that serves HTTP. Granted it is reached there, taken away it is not, and a port that somebody else has is told.

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildGuest } from '../main/wasm/wasi-guest.js'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { actOf, openGrants, sectionOf } from '../support/grants-page.js'
import { actorOn } from '../support/page.js'
import { dismissToasts, patienceMs, toastAbout } from '../support/shell-page.js'

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve))
}

async function freePort(): Promise<number> {
  const { server, port } = await listen()
  await close(server)
  return port
}

/** What comes back from the port, or the code of the system's refusal. */
async function talk(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let got = ''
  socket.on('data', (chunk) => (got += String(chunk)))
  socket.on('error', (error: NodeJS.ErrnoException) => (got = error.code ?? error.message))
  socket.end(text)
  await new Promise((resolve) => socket.once('close', resolve))
  return got
}

const ask = (port: number): Promise<string> =>
  fetch(`http://127.0.0.1:${port}/there`, { headers: { connection: 'close' } }).then(
    (answer) => `${answer.status}`,
    () => 'nobody answers',
  )

describe('ports granted in the window', () => {
  let folder: string
  let shell: LaunchedShell
  let page: Page

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-ports-'))
    const files: string[] = []
    for (const name of ['net', 'web']) {
      files.push(path.join(folder, `${name}.wasm`))
      await writeFile(path.join(folder, `${name}.wasm`), await buildGuest(name))
    }
    const args = ['--name', 'workshop', '--no-demo', ...files]
    shell = await launchShell({ userDataDir: path.join(folder, 'user'), args })
    page = shell.page
    for (const id of ['net', 'web']) await actorOn(page, id).waitFor({ timeout: 120_000 })
  }, 600_000)

  afterAll(async () => {
    await shell?.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const section = (title: string): Locator => sectionOf(page, title)
  const act = (...what: readonly unknown[]): Promise<string> => actOf(page, 'net', ...what)

  async function grantPort(title: string, button: string, text: string): Promise<void> {
    await section(title).getByRole('button', { name: button }).click()
    await section(title).getByRole('textbox', { name: 'Port', exact: true }).fill(text)
    await section(title).getByRole('button', { name: 'Grant', exact: true }).click()
  }

  async function takeAway(title: string, what: string): Promise<void> {
    await dismissToasts(page)
    await section(title)
      .getByRole('button', { name: `Take away: ${what}`, exact: true })
      .click()
    await section(title)
      .getByRole('listitem')
      .filter({ hasText: what })
      .waitFor({ state: 'detached', timeout: patienceMs })
  }

  describe('to listen on', () => {
    let port: number

    it('is typed and granted to a component that was refused the network', async () => {
      port = await freePort()
      expect(await act('listenOn', '127.0.0.1', port)).toContain('access-denied')
      const refused = actorOn(page, 'net').getByText('granted no host and no port')
      await refused.waitFor({ timeout: patienceMs })
      await openGrants(page, 'net')
      await grantPort('Ports', 'Grant a port to listen on…', '65536')
      await section('Ports').getByText('A port, 1 to 65535.').waitFor()
      await section('Ports').getByRole('textbox', { name: 'Port', exact: true }).fill(String(port))
      await section('Ports').getByRole('button', { name: 'Grant', exact: true }).click()
      expect(await toastAbout(page, `net may use 127.0.0.1:${port}`)).toContain('It was started again.')
      await refused.waitFor({ state: 'detached', timeout: patienceMs })
    }, 120_000)

    it('is then reached by programs of this machine', async () => {
      expect(await talk(port, 'hello')).toBe('ECONNREFUSED')
      await expect
        .poll(() => act('listenOn', '127.0.0.1', port), { timeout: patienceMs })
        .toContain(`127.0.0.1:${port}`)
      const answer = talk(port, 'hello')
      expect(await act('serveOne', port)).toContain('hello')
      expect(await answer).toBe('HELLO')
    }, 120_000)

    it('is granted from the window of a component that asked for another one', async () => {
      const another = await freePort()
      expect(await act('listenOn', '127.0.0.1', another)).toContain('access-denied')
      const net = actorOn(page, 'net')
      const asked = net.getByText(`It wanted to listen on port ${another} and was not granted it.`)
      await asked.waitFor({ timeout: patienceMs })
      await net.getByRole('button', { name: 'Grant…' }).press('Enter')
      const field = section('Ports').getByRole('textbox', { name: 'Port', exact: true })
      await expect.poll(() => field.inputValue(), { timeout: patienceMs }).toBe(String(another))
      await field.press('Enter')
      await toastAbout(page, `net may use 127.0.0.1:${another}`)
      await asked.waitFor({ state: 'detached', timeout: patienceMs })
      for (const each of [port, another]) {
        await expect
          .poll(() => act('listenOn', '127.0.0.1', each), { timeout: patienceMs })
          .toContain(`127.0.0.1:${each}`)
        const answer = talk(each, 'again')
        expect(await act('serveOne', each)).toContain('again')
        expect(await answer).toBe('AGAIN')
      }
    }, 120_000)

    it('is taken away: nobody is reached there, and it may not listen again', async () => {
      await takeAway('Ports', `127.0.0.1:${port}`)
      await expect.poll(() => talk(port, 'hello'), { timeout: patienceMs }).toBe('ECONNREFUSED')
      await expect.poll(() => act('listenOn', '127.0.0.1', port), { timeout: patienceMs }).toContain('access-denied')
    }, 120_000)

    it('that somebody else has is told in words', async () => {
      const other = await listen()
      await dismissToasts(page)
      await grantPort('Ports', 'Grant a port to listen on…', String(other.port))
      await toastAbout(page, `net may use 127.0.0.1:${other.port}`)
      await expect
        .poll(() => act('listenOn', '127.0.0.1', other.port), { timeout: patienceMs })
        .toContain('address-in-use')
      const words = `Port ${other.port} of this machine is in use already, so it cannot be reached there.`
      await actorOn(page, 'net').getByText(words).waitFor({ timeout: patienceMs })
      await section('It asked for').getByText(words).waitFor({ timeout: patienceMs })
      await close(other.server)
    }, 120_000)
  })

  describe('to serve HTTP on', () => {
    it('that somebody else has is told in words, and the actor runs', async () => {
      await openGrants(page, 'web')
      const other = await listen()
      await grantPort('HTTP door', 'Grant a port…', String(other.port))
      const words = `Port ${other.port} of this machine is in use already, so it cannot be reached there.`
      await actorOn(page, 'web').getByText(words).waitFor({ timeout: patienceMs })
      await section('It asked for').getByText(words).waitFor({ timeout: patienceMs })
      await close(other.server)
      await takeAway('HTTP door', `http://127.0.0.1:${other.port}/`)
      await actorOn(page, 'web').getByText(words).waitFor({ state: 'detached', timeout: patienceMs })
    }, 120_000)

    it('answers while it is granted, and nobody does after', async () => {
      const port = await freePort()
      expect(await ask(port)).toBe('nobody answers')
      await grantPort('HTTP door', 'Grant a port…', String(port))
      await expect.poll(() => ask(port), { timeout: patienceMs }).toBe('201')
      await takeAway('HTTP door', `http://127.0.0.1:${port}/`)
      await expect.poll(() => ask(port), { timeout: patienceMs }).toBe('nobody answers')
      expect(shell.pageErrors).toEqual([])
    }, 120_000)
  })
})
