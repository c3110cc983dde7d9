// The real runtime on the empty app of the benchmarks: a window opens, draws, and closes without leaving anything.

import { expect, it } from 'vitest'
import { buildEmptyApp } from '../../build/empty-app.mjs'
import { launchShell } from '../support/electron.js'

it('opens a sandboxed window of the real runtime, which draws, and closes it', async () => {
  const shell = await launchShell({ appFolder: await buildEmptyApp() })
  const pid = shell.app.process().pid ?? 0
  try {
    await expect.poll(() => shell.page.title(), { timeout: 20_000 }).toMatch(/^first frame \d+$/)
    expect(await shell.page.evaluate(() => [typeof require, typeof process])).toEqual(['undefined', 'undefined'])
    expect(shell.pageErrors).toEqual([])
  } finally {
    await shell.close()
  }
  await shell.close()
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
}, 60_000)
