// Entry of the desktop shell in Electron's main process: reads the command line, makes sure it is the only shell on its
// user data, and hands over to `shell.ts` when Electron is ready. Ends everything in order when asked to.

import { app, dialog } from 'electron'
import { registerShellScheme } from './desktop/security.js'
import { claimInstance } from './desktop/single-instance.js'
import { formatChain } from './failure.js'
import { parseShellOptions, type ShellOptions } from './options.js'
import { type OpenedShell, openShell } from './shell.js'
import { version } from './version.js'

/** Longest time to end: local nodes save their actors, the server closes its store. */
const closeLimitMs = 15_000

const parse = (args: readonly string[], cwd: string): ReturnType<typeof parseShellOptions> =>
  parseShellOptions({
    args,
    cwd,
    version,
    appPath: app.isPackaged ? undefined : app.getAppPath(),
    env: process.env,
  })

function run(options: ShellOptions): void {
  if (options.userDataDir !== undefined) app.setPath('userData', options.userDataDir)
  const instance = claimInstance({ args: process.argv.slice(1), cwd: process.cwd() })
  if (instance === undefined) {
    app.exit(0)
    return
  }
  // As root Chromium's sandbox cannot start, and asking for it twice ends in a loop.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  // Where there is no GPU the space is drawn in software; newer Chromium wants to be asked for that.
  app.commandLine.appendSwitch('enable-unsafe-swiftshader')
  registerShellScheme()

  let shell: Promise<OpenedShell> | undefined
  let isClosing = false

  const close = async (code: number): Promise<void> => {
    if (isClosing) return
    isClosing = true
    const timer = setTimeout(() => app.exit(code), closeLimitMs)
    await shell?.then((opened) => opened.close()).catch(() => undefined)
    clearTimeout(timer)
    app.exit(code)
  }

  app.on('window-all-closed', () => void close(0))
  app.on('before-quit', (event) => {
    if (isClosing) return
    event.preventDefault()
    void close(0)
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void close(0))

  void app.whenReady().then(async () => {
    shell = openShell(options, () => void close(1))
    try {
      const opened = await shell
      instance.onSecond((handover) => {
        const second = handover === undefined ? undefined : parse(handover.args, handover.cwd)
        opened.receive(second?.kind === 'run' ? second.options.files : [])
      })
    } catch (error) {
      dialog.showErrorBox('tLOS cannot start', formatChain(error))
      await close(1)
    }
  })
}

const parsed = parse(process.argv.slice(1), process.cwd())
if (parsed.kind === 'run') run(parsed.options)
else {
  ;(parsed.kind === 'print' ? process.stdout : process.stderr).write(`${parsed.text}\n`)
  app.exit(parsed.kind === 'print' ? 0 : 2)
}
