// What a person grants to a component in the window, and runs with what is typed there: in the real shell, with components that
// open folders, ask for hosts and run as commands.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildGuest } from '../main/wasm/wasi-guest.js'
import { actOf, inspectorOf, openGrants, sectionOf } from '../support/grants-page.js'
import { launchShell, type LaunchedShell } from '../support/electron.js'
import { actorOn, command, nodeNamed, nodeOf } from '../support/page.js'
import { dismissToasts, patienceMs, toastAbout } from '../support/shell-page.js'

describe('grants in the window', () => {
  let folder: string
  let shell: LaunchedShell
  let page: Page
  const at = (name: string): string => path.join(folder, name)
  const args = (): string[] => ['--name', 'workshop']

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-grants-'))
    await mkdir(at('data'))
    await writeFile(at('data/hello'), 'hello')
    const files: string[] = []
    for (const name of ['files', 'net', 'command']) {
      files.push(at(`${name}.wasm`))
      await writeFile(at(`${name}.wasm`), await buildGuest(name))
    }
    shell = await launchShell({ userDataDir: at('user'), args: [...args(), ...files] })
    page = shell.page
    for (const id of ['files', 'net', 'command']) await actorOn(page, id).waitFor({ timeout: 120_000 })
    for (const name of ['north', 'south']) await nodeNamed(page, name).waitFor({ timeout: 60_000 })
  }, 600_000)

  afterAll(async () => {
    await shell?.close()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const inspector = (): Locator => inspectorOf(page)
  const section = (title: string): Locator => sectionOf(page, title)
  const act = (id: string, ...what: readonly unknown[]): Promise<string> => actOf(page, id, ...what)
  const directories = (): Promise<string> => act('files', 'directories')

  async function grantFolder(host: string): Promise<void> {
    await section('Folders').getByRole('button', { name: 'Grant a folder…' }).click()
    await section('Folders').getByRole('textbox', { name: 'Folder', exact: true }).fill(host)
    await section('Folders').getByRole('button', { name: 'Grant', exact: true }).click()
  }

  it('gives a folder that is typed: the actor is started again and has it', async () => {
    expect(await directories()).toContain('[]')
    await openGrants(page, 'files')
    await grantFolder(at('data'))
    expect(await toastAbout(page, 'files may use')).toContain('It was started again.')
    await section('Folders').getByRole('listitem').filter({ hasText: 'as /data, read only' }).waitFor()
    await expect.poll(directories, { timeout: patienceMs }).toContain('/data')
    expect(await act('files', 'read', 'hello')).toContain('hello')
  }, 120_000)

  it('keeps it in a file, for exactly the bytes that ran', async () => {
    const kept = JSON.parse(await readFile(at('user/desktop/grants.json'), 'utf8')) as Record<string, unknown>
    expect(kept).toMatchObject({
      default: { files: { grants: { directories: [{ host: at('data'), guest: '/data' }] } } },
    })
    const watched = await page.evaluate(async () => {
      const all = await window.shell.call('lattice.watch')
      return all.ok ? Object.values(all.value.state.components).find(({ id }) => id === 'files')?.digest : undefined
    })
    expect(kept).toMatchObject({ default: { files: { digest: watched } } })
  })

  it('takes it away, and back by the notice', async () => {
    await dismissToasts(page)
    await section('Folders')
      .getByRole('button', { name: /^Take away/ })
      .click()
    await toastAbout(page, 'files may no longer use')
    await expect.poll(directories, { timeout: patienceMs }).toContain('[]')
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).last().press('Enter')
    await expect.poll(directories, { timeout: patienceMs }).toContain('/data')
  }, 120_000)

  it('takes a folder from the dialog of the system, and lets nobody have the folder of the shell itself', async () => {
    await dismissToasts(page)
    await shell.app.evaluate(({ dialog }, chosen) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
    }, at('user'))
    await section('Folders').getByRole('button', { name: 'Grant a folder…' }).click()
    await section('Folders').getByRole('button', { name: 'Choose…' }).click()
    const field = section('Folders').getByRole('textbox', { name: 'Folder', exact: true })
    await expect.poll(() => field.inputValue(), { timeout: patienceMs }).toBe(at('user'))
    expect(await section('Folders').getByLabel('It sees').inputValue()).toBe('/user')
    await section('Folders').getByRole('button', { name: 'Grant', exact: true }).click()
    expect(await toastAbout(page, 'Nothing was granted to files')).toMatch(/where this shell keeps its keys/)
    await dismissToasts(page)
  }, 120_000)

  it('says on its window what a component asked for and was refused, and grants it from there', async () => {
    const net = actorOn(page, 'net')
    expect(await act('net', 'fetch', { authority: 'example.invalid', scheme: 'HTTPS' })).toContain(
      'HTTP-request-denied',
    )
    await net.getByText('It asked for example.invalid:443 and was not granted it.').waitFor({ timeout: patienceMs })
    await net.getByRole('button', { name: 'Grant…' }).press('Enter')
    const field = section('Hosts').getByLabel('Host')
    await expect.poll(() => field.inputValue(), { timeout: patienceMs }).toBe('example.invalid:443')
    await field.fill('no port')
    await field.press('Enter')
    await section('Hosts').getByText('A host and a port').waitFor()
    await field.fill('https://example.invalid')
    await field.press('Enter')
    await toastAbout(page, 'net may use example.invalid:443')
    await net.getByText(/It asked for/).waitFor({ state: 'detached', timeout: patienceMs })
    // There is no such host, but it may be asked for now.
    expect(await act('net', 'fetch', { authority: 'example.invalid', scheme: 'HTTPS' })).toContain('DNS-error')
  }, 120_000)

  it('gives nothing to an actor elsewhere, and says where that is done', async () => {
    await dismissToasts(page)
    await command(page, 'move net to north')
    await expect.poll(() => nodeOf(page, 'net'), { timeout: patienceMs }).toBe('north')
    await command(page, 'inspect net')
    await inspector().getByRole('tab', { name: 'Grants' }).click()
    await inspector()
      .getByText(/net runs on north\. What it may reach of that machine is granted there/)
      .waitFor()
    expect(
      await inspector()
        .getByRole('button', { name: /^Grant/ })
        .count(),
    ).toBe(0)
    const answer = await page.evaluate(async () => {
      const all = await window.shell.call('lattice.watch')
      const net = all.ok ? Object.values(all.value.state.components).find(({ id }) => id === 'net') : undefined
      if (net === undefined) return undefined
      return await window.shell.call('grant.give', net.id, net.hostId, { kind: 'serve', port: 8088 })
    })
    expect(answer).toMatchObject({ ok: false, failure: { code: 'refused' } })
  }, 120_000)

  describe('a command', () => {
    const run = (): Locator => actorOn(page, 'command')
    const terminal = (): Locator => run().getByRole('log', { name: 'Output' })

    it('runs with the arguments and the input that are typed, and shows output and exit code', async () => {
      await run().getByRole('textbox', { name: 'Arguments' }).fill('exit-err "two words" there')
      await run().getByRole('button', { name: 'Input…' }).press('Enter')
      await run().getByRole('textbox', { name: 'Input', exact: true }).fill('typed here')
      await run().getByRole('button', { name: 'Run', exact: true }).press('Enter')
      await run().getByText('exit code 1').waitFor({ timeout: patienceMs })
      const text = await terminal().innerText()
      expect(text.split('\n')).toEqual([
        '$ command exit-err "two words" there',
        'run 1: two words there',
        'home none',
        'read "typed here"',
        'something went wrong',
      ])
    }, 120_000)

    it('can be interrupted', async () => {
      await run().getByRole('textbox', { name: 'Arguments' }).fill('loop')
      await run().getByRole('button', { name: 'Run', exact: true }).press('Enter')
      await terminal().getByText('run 1:').waitFor({ timeout: patienceMs })
      await run().getByRole('button', { name: 'Interrupt' }).press('Enter')
      await run().getByText('stopped', { exact: true }).waitFor({ timeout: patienceMs })
      await run().getByRole('textbox', { name: 'Arguments' }).fill('exit-ok')
      await run().getByRole('button', { name: 'Run', exact: true }).press('Enter')
      await run().getByText('exit code 0').waitFor({ timeout: patienceMs })
    }, 120_000)

    it('tells its numbers', async () => {
      await run().getByRole('tab', { name: 'Numbers' }).press('Enter')
      const since = run().locator('.numbers').filter({ hasText: 'Since its start' })
      await since.waitFor({ timeout: patienceMs })
      const rows = (await since.locator('dl > div').allInnerTexts()).map((row) => row.replace(/\s+/g, ' '))
      expect(rows.slice(0, 2)).toEqual(['Calls 3', 'Errors 1'])
      await run().locator('.numbers').filter({ hasText: 'Limits' }).waitFor()
      await run().getByRole('tab', { name: 'Functions' }).press('Enter')
    }, 60_000)
  })

  it('says all of it in Russian, too', async () => {
    await command(page, 'switch to russian')
    await actorOn(page, 'command').getByRole('button', { name: 'Запустить' }).waitFor({ timeout: patienceMs })
    await command(page, 'что разрешено: files')
    await inspector().getByRole('tab', { name: 'Права', selected: true }).waitFor({ timeout: patienceMs })
    await section('Папки').getByRole('listitem').waitFor({ timeout: patienceMs })
    // Names, paths and what programs said are nobody's to translate.
    const ours = (await inspector().locator('.inspector-body').innerText()).replace(/\/\S*|HTTP/g, '')
    expect(ours).not.toMatch(/[A-Za-z]{3}/)
    await command(page, 'переключить на английский')
    await inspector().getByRole('tab', { name: 'Grants' }).waitFor({ timeout: patienceMs })
  }, 60_000)

  it('has them again after the shell was closed and opened', async () => {
    await shell.close()
    shell = await launchShell({ userDataDir: at('user'), args: args() })
    page = shell.page
    await actorOn(page, 'files').waitFor({ timeout: 120_000 })
    await expect.poll(directories, { timeout: patienceMs }).toContain('/data')
    expect(shell.pageErrors).toEqual([])
  }, 240_000)
})
