// Takes the pictures of README from the running shell: builds it, opens it on a fresh lattice of its own, uses it as a
// person would, and saves what the window shows into docs/screenshots/. Nothing in the pictures is drawn by hand.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { _electron } from 'playwright-core'
import { build } from './build.mjs'
import { holdReady } from './driver.mjs'
import { root } from './paths.mjs'
import { main, say as sayAs } from './say.mjs'
import { ensureSetup } from './setup.mjs'

const say = (text) => sayAs('screenshots', text)
const folder = path.join(root, 'docs', 'screenshots')
const size = { width: 1440, height: 900 }

async function open(userData) {
  const setup = await ensureSetup({ needs: ['electron', 'display', 'nats-server'] })
  const isRoot = process.getuid?.() === 0
  const app = await _electron.launch({
    executablePath: setup.electron.file,
    args: [
      ...holdReady(),
      '--use-gl=angle',
      '--use-angle=swiftshader',
      ...(isRoot ? ['--no-sandbox'] : []),
      root,
      '--user-data-dir',
      userData,
      '--name',
      'workshop',
    ],
    env: setup.env,
    chromiumSandbox: !isRoot,
  })
  const page = await app.firstWindow()
  await app.evaluate(({ BrowserWindow }, { width, height }) => {
    BrowserWindow.getAllWindows()[0].setContentSize(width, height)
  }, size)
  return { app, page, setup }
}

const actor = (page, id) => page.getByRole('group', { name: new RegExp(`^actor ${id} on `) })
const locate = (page, id) => page.evaluate((wanted) => window.tlos.locate(wanted), id)

/** Long enough for motions to end, the pictures to be drawn, and traffic to have something to show. */
const settle = (page, ms = 900) => page.waitForTimeout(ms)

async function save(page, name) {
  await page.screenshot({ path: path.join(folder, `${name}.png`) })
  say(`docs/screenshots/${name}.png`)
}

async function palette(page, words) {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'command palette' }).fill(words)
  await page.keyboard.press('Enter')
  await settle(page)
}

async function addNote(page, text) {
  await actor(page, 'notes').getByRole('textbox').fill(text)
  await actor(page, 'notes').getByRole('button', { name: 'Add', exact: true }).click()
  await actor(page, 'notes').getByText(text).waitFor()
}

/** The cable of notes, cut and on its way to the store again. */
async function cable(page) {
  await palette(page, 'cut the cable from notes')
  await page.getByRole('dialog').getByRole('button', { name: /cut/i }).click()
  await settle(page)
  await actor(page, 'notes').hover({ position: { x: 60, y: 12 } })
  const socket = await actor(page, 'notes').getByRole('button', { name: 'Draw a cable from notes' }).boundingBox()
  const store = await page
    .getByRole('region', { name: 'node workshop' })
    .getByRole('button', { name: 'Key-value store' })
    .boundingBox()
  await page.mouse.move(socket.x + socket.width / 2, socket.y + socket.height / 2)
  await page.mouse.down()
  await page.mouse.move(store.x + store.width - 20, store.y + store.height / 2, { steps: 15 })
  await settle(page, 1_500)
  await save(page, 'cable-dark')
  await page.mouse.up()
  await settle(page, 1_500)
}

async function take(page) {
  for (const id of ['counter', 'notes', 'clock', 'echo']) await actor(page, id).waitFor({ timeout: 60_000 })
  await settle(page, 3_000)
  await palette(page, 'theme: light')
  await save(page, 'first-start-light')
  await page.getByRole('button', { name: 'Close', exact: true }).first().click()
  for (let i = 0; i < 3; i += 1)
    await actor(page, 'counter').getByRole('button', { name: 'Count', exact: true }).click()
  for (const note of ['Measure the north slope', 'Order bolts, 24 of M8', 'Ask Ilya about the flashing']) {
    await addNote(page, note)
  }
  await actor(page, 'notes').getByRole('checkbox').first().click()
  await page.keyboard.press('Escape')
  await settle(page)
  await save(page, 'space-light')
  await palette(page, 'theme: dark')
  await save(page, 'space-dark')

  const from = await locate(page, 'counter')
  const to = await locate(page, 'north')
  await page.mouse.move(from.x + from.width / 3, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x + to.width * 0.6, to.y + to.height / 2, { steps: 25 })
  await settle(page, 1_500)
  await save(page, 'drag-dark')
  await page.mouse.up()
  await page.getByText(/moved/i).first().waitFor({ timeout: 20_000 })
  await settle(page, 1_500)
  await save(page, 'moved-dark')
  await cable(page)

  await page.mouse.move(700, 500)
  await page.keyboard.press('Escape')
  await page.keyboard.press('f')
  await page.keyboard.press('0')
  await settle(page)
  await save(page, 'flat-dark')
  await palette(page, 'theme: light')
  await save(page, 'flat-light')
  await page.keyboard.press('f')
  await page.keyboard.press('0')
  await settle(page)
  await actor(page, 'notes').getByText('notes', { exact: true }).first().click()
  await page.keyboard.press('i')
  await settle(page)
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'command palette' }).fill('move notes')
  await settle(page, 1_500)
  await save(page, 'palette-inspector-light')
}

await main('screenshots', async () => {
  await build()
  await mkdir(folder, { recursive: true })
  const userData = await mkdtemp(path.join(os.tmpdir(), 'tlos-screenshots-'))
  const { app, page, setup } = await open(userData)
  try {
    await take(page)
  } finally {
    await app.close()
    await setup.display?.stop()
    await rm(userData, { recursive: true, force: true })
  }
})
