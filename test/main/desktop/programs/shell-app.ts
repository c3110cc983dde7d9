// Main process of a small app around the real border: guard, window, single instance, contract, preload. For tests in the
// real Electron. Environment: TLOS_TEST_PAGE (folder of the page), TLOS_TEST_PRELOAD, TLOS_TEST_DATA.

import { app, BrowserWindow } from 'electron'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { CallName } from '../../../../preload/contract.js'
import { calls, channels } from '../../../../preload/contract.js'
import { TlosError } from '../../../../main/failure.js'
import { type Handlers, serveContract } from '../../../../main/ipc.js'
import { spawnUtilityPool } from '../../../../main/desktop/electron-pool.js'
import { openGuard, registerShellScheme } from '../../../../main/desktop/security.js'
import { claimInstance } from '../../../../main/desktop/single-instance.js'
import { stateFiles } from '../../../../main/desktop/settings.js'
import { openWindow } from '../../../../main/desktop/window.js'
import { openStateFile } from '../../../../main/state-file.js'

const { TLOS_TEST_PAGE: page = '', TLOS_TEST_PRELOAD: preload = '', TLOS_TEST_DATA: data = '' } = process.env
const told: unknown[] = []
Object.assign(globalThis, { told, spawnUtilityPool })

if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
app.setPath('userData', data)
registerShellScheme()

async function start(): Promise<void> {
  const instance = claimInstance({ args: process.argv.slice(1), cwd: process.cwd() })
  if (instance === undefined) return app.exit(0)
  await app.whenReady()
  const guard = openGuard({ folder: page, log: (_level, text) => told.push(text) })
  let settle = (): void => undefined
  const place = await openStateFile({ folder: path.join(data, 'state'), ...stateFiles.window })
  const opened = await openWindow({
    url: guard.pageUrl,
    preload,
    place,
    session: false,
    isDevelopment: false,
    onCreated: (window) => {
      guard.trust(window.webContents)
      const echo = Object.fromEntries(
        Object.keys(calls).map((name) => [name, (...args: unknown[]): unknown => args]),
      ) as unknown as Handlers
      const served = serveContract({
        handlers: {
          ...echo,
          'workspace.save': (value) => writeFileSync(path.join(data, 'saved.json'), JSON.stringify(value)),
          'shell.settled': () => settle(),
          'component.call': (...args) => ({ args, big: 2n ** 63n, bytes: new Uint8Array([1, 2, 3]) }),
          'lattice.retry': () => {
            throw new TlosError('unreachable', 'nobody there', { about: 'hub' })
          },
        },
        isTrusted: (event) => guard.isTrusted(event),
        windows: () => BrowserWindow.getAllWindows().map((one) => one.webContents),
      })
      Object.assign(globalThis, {
        publish: (name: CallName, payload: unknown) => served.publish(name as never, payload as never),
      })
    },
    onTrouble: (trouble) => told.push(trouble),
    beforeClose: () =>
      new Promise((resolve) => {
        settle = resolve
        for (const window of BrowserWindow.getAllWindows()) window.webContents.send(channels.event, 'shell.closing', {})
      }),
  })
  instance.onSecond((handover) => {
    told.push(handover)
    opened.focus()
  })
  app.on('window-all-closed', () => app.quit())
}

void start()
