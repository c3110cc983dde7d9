// Builds the page and takes pictures of the panels with a Chromium found on PATH: `node look.mjs OUT [query ...]`.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'

const here = path.dirname(fileURLToPath(import.meta.url))
const [out = '/tmp/panels-look', ...queries] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const server = await createServer({
  root: path.resolve(here, '../../..'),
  configFile: false,
  logLevel: 'error',
  plugins: [react()],
  server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
  cacheDir: path.join(out, '.vite'),
})
await server.listen()
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--headless=new', '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
})
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.on('console', (message) => message.type() === 'error' && console.log('console:', message.text()))
  page.on('pageerror', (error) => console.log('error:', error.message))
  for (const query of queries.length > 0 ? queries : ['theme=dark']) {
    const { port } = server.httpServer.address()
    await page.goto(`http://127.0.0.1:${port}/test/support/panels-harness/index.html?${query}`)
    await page.evaluate(() => document.fonts.ready)
    await page.waitForTimeout(700)
    const typed = new URLSearchParams(query).get('type')
    if (typed !== null) await page.keyboard.type(typed)
    await page.waitForTimeout(300)
    await page.screenshot({ path: path.join(out, `${query.replaceAll(/[^a-z0-9]+/gi, '-')}.png`) })
  }
} finally {
  await browser.close()
  await server.close()
}
