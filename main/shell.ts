// The desktop shell once Electron is ready: builds every part, hands each what it needs, and gives back how to end it all.
// Decides nothing about the lattice; shows the window before there is one.

import os from 'node:os'
import path from 'node:path'
import { app } from 'electron'
import * as v from 'valibot'
import type { ConnectRequest } from '../preload/contract.js'
import { readComponentFile } from './component-file.js'
import { joinLattice, type Desktop } from './desktop-lattice.js'
import { openChildren } from './desktop/children.js'
import { spawnUtilityPool } from './desktop/electron-pool.js'
import { openGuard } from './desktop/security.js'
import { stateFiles } from './desktop/settings.js'
import { openWindow, type ShellWindow } from './desktop/window.js'
import { formatChain } from './failure.js'
import { createHandlers } from './handlers.js'
import { serveContract } from './ipc.js'
import { createKey, keyFromSeed } from './lattice/nkeys.js'
import { openLog } from './log.js'
import { findLosses } from './losses.js'
import { openTransport } from './nats/connection.js'
import { openNodeState } from './node-state.js'
import { createNotices } from './notices.js'
import type { ShellOptions } from './options.js'
import { openOwnLattice, type OwnLattice } from './own-lattice.js'
import { createSession } from './session.js'
import { openStateFile } from './state-file.js'
import { version } from './version.js'
import { openRuntime } from './wasm/runtime.js'

/** Nodes of the embedded lattice tell more often that they live: their bus is this machine's own. */
const ownHeartbeatMs = 10_000

export interface OpenedShell {
  /** Brings the window to the front and opens these components. */
  receive(files: readonly string[]): void
  /** In reverse order of opening, each within its own limit. */
  close(): Promise<void>
}

export async function openShell(options: ShellOptions): Promise<OpenedShell> {
  const userData = app.getPath('userData')
  const main = __dirname
  const log = openLog({ file: path.join(userData, 'logs', 'shell.log'), level: process.env['TLOS_LOG'] })
  const write = (level: 'info' | 'warn' | 'error', text: string): void => log.write(level, text)
  const closers: (() => Promise<unknown> | void)[] = []
  const notices = createNotices(() => Date.now())

  const tellUnreadable = (text: string): void =>
    notices.raise({ tone: 'warn', title: 'A file of the shell was not readable', text })
  const open = async <T>(file: { name: string; schema: v.GenericSchema<unknown, T>; initial: T }) => {
    const opened = await openStateFile({ folder: userData, ...file })
    if (opened.trouble !== undefined) tellUnreadable(opened.trouble.message)
    return opened
  }
  const [workspace, place, ports, childRecords, identity, begun] = await Promise.all([
    open<Record<string, unknown> | null>(stateFiles.workspace),
    open(stateFiles.window),
    open(stateFiles.ports),
    open({ ...stateFiles.children, initial: [] }),
    open(stateFiles.identity),
    open<readonly string[]>({ name: 'first-runs', schema: v.array(v.string()), initial: [] }),
  ])
  const lattice = options.lattice ?? identity.value.lattice ?? 'default'

  const guard = openGuard({
    folder: path.join(main, '..', 'renderer'),
    devUrl: process.env['ELECTRON_RENDERER_URL'],
    log: write,
  })
  let own: Promise<OwnLattice> | undefined
  /** Orphans of an earlier shell end before anything of this one begins. */
  const children = openChildren({ kept: childRecords, log: write })
  const openOwn = (): Promise<OwnLattice> => {
    own ??= children.then((known) =>
      openOwnLattice({
        userData,
        lattice,
        ports,
        children: known,
        nodeEntry: path.join(main, 'node.cjs'),
        componentsDir: path.join(main, '..', 'components'),
        resourcesPath: process.resourcesPath,
        hasDemo: options.demo,
        heartbeatMs: options.heartbeatMs ?? ownHeartbeatMs,
        begun,
        notices,
        log,
      }),
    )
    // A server that was not found may be there at the next try.
    own.catch(() => (own = undefined))
    return own
  }
  closers.push(async () => (await own)?.close())

  const runtime = await openRuntime({
    cacheDir: path.join(userData, 'prepared'),
    extraCacheDirs: [path.join(main, '..', 'components', 'prepared')],
    entries: {
      pool: path.join(main, 'pool.cjs'),
      worker: path.join(main, 'worker.cjs'),
      transpile: path.join(main, 'transpile.cjs'),
    },
    spawnPool: spawnUtilityPool,
  })
  closers.push(() => runtime.close())
  const state = await openNodeState(path.join(userData, 'desktop'), write)
  for (const text of state.troubles) tellUnreadable(text)
  const key = state.seed === undefined ? createKey('server') : keyFromSeed(state.seed)
  if (state.seed === undefined) await state.saveSeed(key.seed)

  async function join(request: ConnectRequest | undefined): Promise<Desktop> {
    const ours = request === undefined ? await openOwn() : undefined
    // It died too often and was given up: being asked once more is what it waits for.
    if (ours?.nats.state.kind === 'failed') await ours.nats.restart()
    const transport = await openTransport({
      servers: ours?.nats.webSocketUrl ?? request?.url ?? '',
      user: request?.user,
      password: request?.password,
      token: request?.token,
      name: 'tlos desktop',
      log: write,
    })
    const joined = request?.lattice ?? lattice
    const desktop = await joinLattice({
      transport,
      runtime,
      lattice: joined,
      key,
      friendlyName: options.name ?? (os.hostname().split('.')[0] || 'desktop'),
      version,
      labels: options.labels,
      heartbeatMs: options.heartbeatMs ?? (ours === undefined ? undefined : ownHeartbeatMs),
      embedded: ours !== undefined,
      imagesDir: path.join(userData, 'images'),
      resume: state.running(joined),
      onTable: (specs) => state.saveRunning(joined, specs),
      notices,
      log: write,
    })
    void ours?.populate(desktop)
    void openFiles(waiting.splice(0), desktop)
    return desktop
  }

  /** Files named before there is a lattice. */
  const waiting: string[] = [...options.files]
  async function openFiles(files: readonly string[], desktop: Desktop): Promise<void> {
    for (const file of files) {
      try {
        const bytes = await readComponentFile(file)
        const { id, imageRef } = await desktop.install(path.basename(file), bytes)
        await desktop.client.scale(desktop.node.host.id, { componentId: id, imageRef, count: 1 })
      } catch (error) {
        notices.raise({
          tone: 'bad',
          title: `${path.basename(file)} could not be opened`,
          text: formatChain(error),
          about: file,
        })
      }
    }
  }

  const session = createSession<Desktop>({ lattice, join, now: () => Date.now() })
  closers.push(() => session.close())
  let shown: ShellWindow | undefined = undefined
  const contract = serveContract({
    handlers: createHandlers({
      session,
      notices,
      loadWorkspace: async () => workspace.value,
      saveWorkspace: (value) => workspace.save(value),
      startNode: async (name) => (await openOwn()).startNode(name),
      onReady: () => log.info('first frame drawn'),
    }),
    isTrusted: (event) => guard.isTrusted(event),
    windows: () => (shown === undefined || shown.window.isDestroyed() ? [] : [shown.window.webContents]),
    checkOutput: !app.isPackaged,
    log: (level, text, fields) => log.write(level, text, fields),
  })
  session.onBatch((batch) => contract.publish('lattice.changed', batch))
  session.onPicture((before, after) => {
    const formatTime = (atMs: number): string => new Date(atMs).toTimeString().slice(0, 8)
    for (const loss of findLosses(before, after, formatTime)) notices.raise(loss)
  })
  notices.onRaised((notice) => contract.publish('notice.raised', notice))
  closers.push(() => contract.close())

  const natsUrl = options.natsUrl
  session
    .connect(natsUrl === undefined ? undefined : { url: natsUrl, lattice })
    .catch((error: unknown) => log.error(`not connected: ${formatChain(error)}`))

  const opened = await openWindow({
    url: guard.pageUrl,
    preload: path.join(main, '..', 'preload', 'index.cjs'),
    place,
    session: options.session,
    isDevelopment: !app.isPackaged,
    onCreated: (window) => {
      guard.trust(window.webContents)
    },
    onTrouble: (trouble) => log.warn(`window: ${trouble.kind}`, trouble),
  })
  shown = opened
  closers.push(() => opened.close())

  return {
    receive(files) {
      opened.focus()
      if (session.joined === undefined) waiting.push(...files)
      else void openFiles(files, session.joined)
    },
    async close() {
      for (const closer of closers.splice(0).reverse()) {
        try {
          await closer()
        } catch (error) {
          log.error(`while closing: ${formatChain(error)}`)
        }
      }
    },
  }
}
