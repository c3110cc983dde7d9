// The desktop shell once Electron is ready: builds every part, hands each what it needs, and gives back how to end it all.
// Decides nothing about the lattice. The window comes first: what a lattice needs is loaded when the window has drawn.

import os from 'node:os'
import path from 'node:path'
import { app, type WebContents } from 'electron'
import * as v from 'valibot'
import type { ConnectRequest } from '../preload/contract.js'
import { readComponentFile } from './component-file.js'
import type { Joins } from './desktop-joins.js'
import type { Desktop } from './desktop-lattice.js'
import { openChildren } from './desktop/children.js'
import { spawnUtilityPool } from './desktop/electron-pool.js'
import { chooseFolder } from './desktop/folder-dialog.js'
import { systemKeyStore } from './desktop/key-store.js'
import { saveFile } from './desktop/save-file.js'
import { openGuard } from './desktop/security.js'
import { stateFiles } from './desktop/settings.js'
import { openWindow } from './desktop/window.js'
import { formatChain } from './failure.js'
import { createHandlers } from './handlers.js'
import { serveContract } from './ipc.js'
import { openLog } from './log.js'
import { findLosses } from './losses.js'
import { createNotices } from './notices.js'
import type { ShellOptions } from './options.js'
import { openOwnLattice, type OwnLattice } from './own-lattice.js'
import { openRemembered, type RememberedConnections } from './remembered.js'
import { createSession } from './session.js'
import { openStateFile } from './state-file.js'
import { watchStrayErrors } from './stray-errors.js'

/** A lattice is joined after the window's first frame, or so long after its page was asked for if it draws none. */
const joinAnywayMs = 3_000
/** Nodes of the embedded lattice tell more often that they live: their bus is this machine's own. */
const ownHeartbeatMs = 10_000

export interface OpenedShell {
  /** Brings the window to the front and opens these components. */
  receive(files: readonly string[]): void
  /** In reverse order of opening, each within its own limit. */
  close(): Promise<void>
}

/** `giveUp`: ends the shell in order, since it is in a state that nobody knows. */
export async function openShell(options: ShellOptions, giveUp: () => void): Promise<OpenedShell> {
  const userData = app.getPath('userData')
  const main = __dirname
  const log = openLog({ file: path.join(userData, 'logs', 'shell.log'), level: process.env['TLOS_LOG'] })
  const write = (level: 'info' | 'warn' | 'error', text: string): void => log.write(level, text)
  const closers: (() => Promise<unknown> | void)[] = []
  const notices = createNotices(() => Date.now())
  watchStrayErrors({
    process,
    log: (level, text, fields) => log.write(level, text, fields),
    onNew: (detail) =>
      notices.raise({
        tone: 'bad',
        title: 'tLOS made an error that it did not expect',
        text: `It goes on; what it was doing just now may not have happened. Its log has the rest. ${detail}`,
        said: { code: 'stray-error', args: { detail } },
      }),
    giveUp,
    now: () => Date.now(),
  })

  const tellUnreadable = (text: string): void =>
    notices.raise({
      tone: 'warn',
      title: 'A file of the shell was not readable',
      text,
      said: { code: 'file-unreadable', args: { detail: text } },
    })
  const open = async <T>(file: { name: string; schema: v.GenericSchema<unknown, T>; initial: T }) => {
    const opened = await openStateFile({ folder: userData, ...file })
    if (opened.trouble !== undefined) tellUnreadable(opened.trouble.message)
    return opened
  }
  const [workspace, place, ports, childRecords, begun] = await Promise.all([
    open<Record<string, unknown> | null>(stateFiles.workspace),
    open(stateFiles.window),
    open(stateFiles.ports),
    open({ ...stateFiles.children, initial: [] }),
    open<readonly string[]>({ name: 'first-runs', schema: v.array(v.string()), initial: [] }),
  ])
  const lattice = options.lattice ?? 'default'

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

  let joins: Promise<Joins> | undefined
  const openJoins = (): Promise<Joins> => {
    joins ??= import('./desktop-joins.js').then((module) =>
      module.openJoins({
        userData,
        bundles: main,
        spawnPool: spawnUtilityPool,
        friendlyName: options.name ?? (os.hostname().split('.')[0] || 'desktop'),
        labels: options.labels,
        grants: options.grants,
        providers: options.providers,
        images: options.images,
        host: options.host,
        notices,
        onTrouble: tellUnreadable,
        log: write,
      }),
    )
    // A folder that could not be written may be writable at the next try.
    joins.catch(() => (joins = undefined))
    return joins
  }
  closers.push(async () => (await joins)?.close())

  async function join(request: ConnectRequest | undefined): Promise<Desktop> {
    const [known, ours] = await Promise.all([openJoins(), request === undefined ? openOwn() : undefined])
    // It died too often and was given up: being asked once more is what it waits for.
    if (ours?.nats.state.kind === 'failed') await ours.nats.restart()
    const desktop = await known.join({
      ...(request ?? { url: ours?.nats.webSocketUrl ?? '', lattice }),
      heartbeatMs: options.heartbeatMs ?? (ours === undefined ? undefined : ownHeartbeatMs),
      embedded: ours !== undefined,
      providerUrl: ours?.nats.natsUrl,
    })
    desktop.tools.wadm.watch((news) => contract.publish('application.changed', news))
    desktop.permits.onChange((view) => contract.publish('permit.changed', view))
    contract.publish('permit.changed', desktop.permits.view())
    void ours?.populate(desktop)
    void openFiles(waiting.splice(0), desktop)
    return desktop
  }

  /** Files named before there is a lattice. */
  const waiting: string[] = [...options.files]
  async function openFiles(files: readonly string[], desktop: Desktop): Promise<void> {
    for (const file of files) {
      try {
        const bytes = await readComponentFile(file, options.host.componentBytes)
        const { id, imageRef } = await desktop.install(path.basename(file), bytes)
        await desktop.client.scale(desktop.node.host.id, { componentId: id, imageRef, count: 1 })
      } catch (error) {
        notices.raise({
          tone: 'bad',
          title: `${path.basename(file)} could not be opened`,
          text: formatChain(error),
          said: { code: 'not-opened', args: { file: path.basename(file), detail: formatChain(error) } },
          about: file,
        })
      }
    }
  }

  let known: Promise<RememberedConnections> | undefined
  /** Only who looks at connections needs it. */
  const openKnown = (): Promise<RememberedConnections> => {
    known ??= openRemembered(userData, systemKeyStore).then((opened) => {
      if (opened.trouble !== undefined) tellUnreadable(opened.trouble)
      return opened
    })
    known.catch(() => (known = undefined))
    return known
  }
  let begin = (): void => undefined
  const hasDrawn = new Promise<void>((resolve) => (begin = resolve))
  const session = createSession<Desktop>({ lattice, join })
  closers.push(() => session.close())
  let page: WebContents | undefined
  /** It has an arrangement that may still be on its way to us. */
  let isPageOpen = false
  let settle = (): void => undefined
  const askPage = (): Promise<void> => {
    if (!isPageOpen) return Promise.resolve()
    return new Promise((resolve) => {
      settle = resolve
      contract.publish('shell.closing', {})
    })
  }
  const contract = serveContract({
    handlers: createHandlers({
      session,
      notices,
      loadWorkspace: async () => {
        isPageOpen = true
        return workspace.value
      },
      saveWorkspace: (value) => workspace.save(value),
      chooseFolder: () => chooseFolder(page),
      startNode: async (name) => (await openOwn()).startNode(name),
      saveFile,
      remembered: openKnown,
      onReady() {
        log.info('first frame drawn')
        begin()
      },
      onSettled: () => settle(),
    }),
    isTrusted: (event) => guard.isTrusted(event),
    windows: () => (page === undefined ? [] : [page]),
    checkOutput: !app.isPackaged,
    log: (level, text, fields) => log.write(level, text, fields),
  })
  session.onBatch((batch) => contract.publish('lattice.changed', batch))
  session.onPicture((before, after) => {
    const formatTime = (atMs: number): string => new Date(atMs).toTimeString().slice(0, 8)
    for (const loss of findLosses(before, after, formatTime)) notices.raise(loss)
  })
  notices.onRaised((notice) => contract.publish('notice.raised', notice))
  // What the page saved last is on the disk before anything that may take its time is ended.
  closers.push(() => workspace.settled())
  closers.push(() => contract.close())
  // A shell that is closed before it has drawn joins nothing.
  closers.push(() => void (begin = () => undefined))

  const opened = await openWindow({
    url: guard.pageUrl,
    preload: path.join(main, '..', 'preload', 'index.cjs'),
    place,
    session: options.session,
    isDevelopment: !app.isPackaged,
    onCreated: (window) => {
      page = window.webContents
      guard.trust(page)
      // Both want the whole machine for a second, and a person looks at the window.
      const timer = setTimeout(() => begin(), joinAnywayMs)
      void hasDrawn.then(() => {
        clearTimeout(timer)
        const { nats } = options
        session
          .connect(nats === undefined ? undefined : { ...nats, lattice })
          .catch((error: unknown) => log.error(`not connected: ${formatChain(error)}`))
      })
    },
    onTrouble: (trouble) => log.warn(`window: ${trouble.kind}`, trouble),
    beforeClose: askPage,
  })
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
