// The lattice's server as a child of this shell: JetStream and WebSocket on loopback, its store under the user-data folder.
// Starts it, starts it again on the same ports when it dies, gives up when it dies all the time, stops it last. Knows
// nothing of the lattice.

import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { formatChain, TlosError } from '../failure.js'
import { type Children, endStray } from './children.js'
import type { Kept } from './kept.js'
import { findNatsServer, type FindServerOptions } from './nats-binary.js'
import { choosePorts, loopback, type Ports } from './nats-config.js'
import { natsFiles, type NatsProcess, type Started, startNats } from './nats-process.js'
import { damagedStreams, moveStoreAside, moveStreamsAside } from './nats-store.js'

export type NatsState =
  | { readonly kind: 'running' }
  /** It died and is being started again. */
  | { readonly kind: 'restarting'; readonly why: string }
  /** It died again and again; `message` has its last words and what to do. */
  | { readonly kind: 'failed'; readonly message: string }

export interface EmbeddedNatsOptions {
  /** For its configuration and its store; of this shell alone. */
  readonly folder: string
  readonly ports: Kept<Ports | null>
  readonly children: Pick<Children, 'track' | 'forget'>
  readonly find: FindServerOptions
  /** Lines of the server's log. */
  readonly onLine?: ((line: string) => void) | undefined
  readonly onState?: ((state: NatsState) => void) | undefined
  /** For a person: data that could not be used and where it is now. */
  readonly onTrouble?: ((message: string) => void) | undefined
}

export interface EmbeddedNats {
  /** `ws://127.0.0.1:PORT`. The same as long as it is open. */
  readonly webSocketUrl: string
  /** `nats://127.0.0.1:PORT` */
  readonly natsUrl: string
  readonly state: NatsState
  /** Undefined while there is none. */
  readonly pid: number | undefined
  /** Once more after `failed`. Rejects with `unavailable` when it does not start. */
  restart(): Promise<void>
  close(): Promise<void>
}

const startMs = 10_000
/** Waits before each new start; a server that lived at least `quickMs` begins again with the first. */
const backOffMs = [50, 200, 1_000, 2_000, 4_000] as const
const quickMs = 10_000
/** Another process may take a port between our look and the server's start. */
const portTries = 3

const failedToStart = (why: string): TlosError =>
  new TlosError('unavailable', `the lattice’s server does not start. ${why}`)

interface FirstStart {
  readonly ports: Ports
  readonly server: NatsProcess
}

async function startFirst(
  options: EmbeddedNatsOptions,
  storeDir: string,
  start: (ports: Ports) => Promise<Started>,
): Promise<FirstStart> {
  let last = options.ports.value ?? undefined
  let mayMoveStore = true
  let mayMoveStreams = true
  let why = ''
  for (let tries = 0; tries < portTries;) {
    const ports = await choosePorts(last)
    const started = await start(ports)
    if (started.kind === 'running') {
      const damaged = mayMoveStreams ? damagedStreams(storeDir, started.server.startLines) : []
      if (damaged.length === 0) return { ports, server: started.server }
      mayMoveStreams = false
      await started.server.stop()
      const to = await moveStreamsAside(storeDir, damaged)
      const names = damaged.map((folder) => path.basename(folder)).join(', ')
      options.onTrouble?.(`Data of the lattice could not be read (${names}) and was kept in ${to}; it begins empty`)
      last = ports
      continue
    }
    why = started.why
    if (started.cause === 'store' && mayMoveStore) {
      mayMoveStore = false
      const to = await moveStoreAside(storeDir).catch((error: unknown) => {
        throw failedToStart(`${why}\nIts store ${storeDir} could not be moved aside either: ${formatChain(error)}`)
      })
      options.onTrouble?.(`The store of the lattice could not be used and was kept as ${to}; a fresh one is used`)
    } else if (started.cause === 'port') {
      tries += 1
      last = undefined
    } else {
      break
    }
  }
  throw failedToStart(why)
}

/** Rejects with `unavailable`: no nats-server (with the remedy), or it does not start (with its last words). */
export async function openEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  const { folder, children } = options
  const program = await findNatsServer(options.find)
  const storeDir = path.join(folder, 'store')
  const closing = new AbortController()
  const onLine = options.onLine ?? (() => undefined)
  const isCancelled = (): boolean => closing.signal.aborted
  const start = (ports: Ports): Promise<Started> =>
    startNats({ program, folder, storeDir, ports, children, startMs, onLine, isCancelled })
  // Two servers on one store would ruin it. Before the ports are looked at: it may have those of last time.
  const { configFile, pidFile } = natsFiles(folder)
  await endStray(pidFile, configFile)
  const first = await startFirst(options, storeDir, start)
  const { ports } = first
  const { value: before } = options.ports
  if (before?.nats !== ports.nats || before.webSocket !== ports.webSocket) {
    // Not to have them next time costs nothing but new ports.
    await options.ports.save(ports).catch((error: unknown) => options.onTrouble?.(formatChain(error)))
  }

  let server: NatsProcess | undefined
  let state: NatsState = { kind: 'running' }
  let quickDeaths = 0
  let working: Promise<void> | undefined

  const enter = (next: NatsState): void => {
    state = next
    options.onState?.(next)
  }

  function watch(running: NatsProcess): void {
    server = running
    running.onExit((how) => {
      if (server !== running || closing.signal.aborted) return
      server = undefined
      if (performance.now() - running.startedAt >= quickMs) quickDeaths = 0
      const why = `nats-server ${how}`
      enter({ kind: 'restarting', why })
      working = revive(`${why}\n${running.tail()}`)
    })
  }

  async function revive(lastWords: string): Promise<void> {
    let why = lastWords
    while (!closing.signal.aborted) {
      const wait = backOffMs[quickDeaths]
      if (wait === undefined) {
        const message = `The lattice’s server died ${quickDeaths + 1} times in a row and is left alone now. Its last words:\n${why}`
        enter({ kind: 'failed', message })
        return
      }
      quickDeaths += 1
      await delay(wait, undefined, { signal: closing.signal }).catch(() => undefined)
      if (closing.signal.aborted) return
      const started = await start(ports).catch((error: unknown): Started => ({
        kind: 'failed',
        cause: 'other',
        why: formatChain(error),
      }))
      if (started.kind === 'running') {
        if (closing.signal.aborted) return started.server.stop()
        enter({ kind: 'running' })
        watch(started.server)
        return
      }
      why = started.why
    }
  }

  watch(first.server)
  return {
    webSocketUrl: `ws://${loopback}:${ports.webSocket}`,
    natsUrl: `nats://${loopback}:${ports.nats}`,
    get state() {
      return state
    },
    get pid() {
      return server?.pid
    },
    async restart() {
      if (state.kind === 'failed') {
        quickDeaths = 0
        enter({ kind: 'restarting', why: 'asked to' })
        working = revive('')
      }
      await working
      // Set anew while we waited.
      if (state.kind === 'failed') throw new TlosError('unavailable', state.message)
    },
    async close() {
      closing.abort()
      const running = server
      server = undefined
      await Promise.all([running?.stop(), working])
    },
  }
}
