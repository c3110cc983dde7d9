// Builds the harness page, opens it in a browser with software GL and keeps pictures of it.
//   node test/support/harness/shoot.mjs <folder> [scenario ...]

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { build, preview } from 'vite'
import { chromium } from 'playwright-core'

const here = import.meta.dirname
const root = path.resolve(here, '../../..')
const [folder = path.join(root, 'out/shots'), ...wanted] = process.argv.slice(2)

const middleOf = async (page, id) => {
  const rect = await page.evaluate((what) => window.tlos.locate(what), id)
  return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2, rect }
}

const lift = async (page, actor, place) => {
  const { rect } = await middleOf(page, actor)
  const to = await middleOf(page, place)
  await page.mouse.move(rect.x + rect.width / 3, rect.y + rect.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x, to.y, { steps: 12 })
  await page.waitForTimeout(400)
}

const scenarios = {
  space: { query: '' },
  light: { query: '?theme=light' },
  contrast: { query: '?theme=contrast-dark' },
  bare: { query: '?arranged=0' },
  small: { query: '?arranged=0', size: { width: 1180, height: 760 } },
  flat: { query: '?theme=light', act: (page) => page.keyboard.press('f') },
  drag: { query: '', act: (page) => lift(page, 'notes', 'attic-pi') },
  refused: { query: '', act: (page) => lift(page, 'notes', 'north') },
  moved: {
    query: '',
    async act(page) {
      await lift(page, 'notes', 'attic-pi')
      await page.mouse.up()
      await page.waitForTimeout(800)
    },
  },
  far: {
    query: '',
    async act(page) {
      for (let i = 0; i < 4; i += 1) {
        await page.keyboard.press('-')
        await page.waitForTimeout(450)
      }
    },
  },
}

const outDir = path.join(root, 'out/harness')
await mkdir(folder, { recursive: true })
const options = { configFile: false, root: here, logLevel: 'warn', base: './' }
await build({ ...options, build: { outDir, emptyOutDir: true, target: 'chrome114', minify: false } })
const server = await preview({ ...options, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } })
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
})
try {
  const { port } = server.httpServer.address()
  for (const name of wanted.length > 0 ? wanted : Object.keys(scenarios)) {
    const { query, act, size = { width: 1440, height: 900 } } = scenarios[name]
    const page = await browser.newPage({ viewport: size })
    page.on('console', (line) => ['error', 'warning'].includes(line.type()) && console.error(`${name}: ${line.text()}`))
    page.on('pageerror', (error) => console.error(`${name}: ${error.stack}`))
    await page.goto(`http://127.0.0.1:${port}/${query}`)
    await page.waitForFunction(() => window.tlos?.locate('notes') !== undefined, undefined, { timeout: 20_000 })
    await page.waitForTimeout(1_200)
    await act?.(page)
    await page.waitForTimeout(600)
    await page.screenshot({ path: path.join(folder, `${name}.png`) })
    console.log(name, await page.evaluate(() => window.tlos.frames()))
    await page.close()
  }
} finally {
  await browser.close()
  await server.close()
}
