// Starts the real shell in Electron and hands out its page, driven by Playwright. Stands on build/setup.mjs for the
// runtime and the display; knows nothing of what the shell shows.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { holdReady } from '../../build/driver.mjs'
import { ensureSetup } from '../../build/setup.mjs'

const root = path.resolve(import.meta.dirname, '../..')
/** From the start of the process to its first window. */
const windowMs = 60_000
/** A shell that does not close by itself within this time is ended by force, and the test told so. */
const closeMs = 20_000

export interface LaunchOptions {
  /** Where the shell keeps everything; without it the shell uses the person's own. */
  readonly userDataDir?: string | undefined
  /** Further arguments of the shell. */
  readonly args?: readonly string[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Folder of another app than the shell (benchmarks compare with an empty one). */
  readonly appFolder?: string | undefined
}

export interface LaunchedShell {
  readonly app: ElectronApplication
  readonly page: Page
  /** Errors of the page so far: uncaught ones, and lines of level error on its console. */
  readonly pageErrors: readonly string[]
  /** What the process wrote to stdout and stderr so far. */
  output(): string
  /** Quits as a person does and waits until the process is gone. May be called twice. */
  close(): Promise<void>
}

const within = async <T>(work: Promise<T>, ms: number): Promise<{ readonly value: T } | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined)
    }, ms)
  })
  try {
    return await Promise.race([work.then((value) => ({ value })), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Opens the built shell (see `npm run build`) and waits for its window. */
export async function launchShell(options: LaunchOptions = {}): Promise<LaunchedShell> {
  const appFolder = options.appFolder ?? root
  if (appFolder === root && !existsSync(path.join(root, 'out/main/index.cjs'))) {
    throw new Error('the shell is not built: run these tests with `npm test -- <file>`, or `npm run build` first')
  }
  const setup = await ensureSetup()
  if (setup.electron === undefined) throw new Error('setup found no Electron')
  const isRoot = process.getuid?.() === 0
  // SwiftShader from the start: where there is no GPU, Chromium would first try one and restart its GPU process.
  const flags = ['--use-gl=angle', '--use-angle=swiftshader', ...(isRoot ? ['--no-sandbox'] : [])]
  const userData = options.userDataDir === undefined ? [] : ['--user-data-dir', options.userDataDir]
  const env = Object.entries({ ...setup.env, ...options.env }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )

  let app: ElectronApplication
  try {
    app = await _electron.launch({
      executablePath: setup.electron.file,
      args: [...holdReady(), ...flags, appFolder, ...userData, ...(options.args ?? [])],
      env: Object.fromEntries(env),
      // Playwright would otherwise turn the sandbox off for everybody.
      chromiumSandbox: !isRoot,
      timeout: windowMs,
    })
  } catch (error) {
    await setup.display?.stop()
    throw error
  }
  const child = app.process()
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else
      child.once('exit', () => {
        resolve()
      })
  })
  let said = ''
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-200_000)
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)

  let closing: Promise<void> | undefined
  const end = async (): Promise<void> => {
    // One that was killed does not answer any more.
    const closed = await within(Promise.race([app.close(), gone]), closeMs)
    if (closed === undefined) child.kill('SIGKILL')
    await gone
    await setup.display?.stop()
    if (closed === undefined)
      throw new Error(`the shell did not close within ${closeMs / 1_000} s\n${said.slice(-4_000)}`)
  }
  const close = (): Promise<void> => (closing ??= end())

  const pageErrors: string[] = []
  try {
    const page = await app.firstWindow({ timeout: windowMs })
    page.on('pageerror', (error) => pageErrors.push(error.stack ?? error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') pageErrors.push(message.text())
    })
    return { app, page, pageErrors, output: () => said, close }
  } catch (error) {
    await close().catch(() => undefined)
    throw new Error(`the shell opened no window\n${said.slice(-4_000)}`, { cause: error })
  }
}
