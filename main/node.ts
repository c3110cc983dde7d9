// The headless node: a lattice node without a window, as a plain Node.js program (`npm run node`). Prints one line of JSON
// when it answers on the lattice, logs to stderr, stops cleanly on SIGTERM, SIGINT and SIGHUP, on request over the lattice, and when the shell
// that started it is gone.

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { replayCapture } from './capture-replay.js'
import { formatChain } from './failure.js'
import { openNode } from './lattice-node.js'
import { openImages } from './lattice/images.js'
import { latticeKey, namedLatticeKey } from './lattice-key.js'
import { createKey, type KeyPair, keyFromSeed } from './lattice/nkeys.js'
import { createRegistries } from './lattice/oci/registries.js'
import { openLog } from './log.js'
import { openTransport } from './nats/connection.js'
import { readConnections } from './nats-access.js'
import { openNodeGrants } from './node-grants.js'
import { openNodeState } from './node-state.js'
import { openParkedImages } from './parked-images.js'
import { providerRpc } from './provider-rpc.js'
import { type NodeOptions, parseNodeOptions } from './options.js'
import { openRegistryFetch } from './registry-access.js'
import { watchParent } from './parent-watch.js'
import { watchStrayErrors } from './stray-errors.js'
import { version } from './version.js'
import { openRuntime } from './wasm/runtime.js'

/** Longest time to stop, ms: actors are saved, the lattice is told. The shell ends a local node by force after 5 s. */
const stopLimitMs = 4_500
/** Bounds of the time that a stop over the lattice may ask for, ms: whoever waits for the end must not wait forever. */
const leastStopMs = 1_000
const mostStopMs = 60_000

async function run(options: NodeOptions): Promise<void> {
  const log = openLog({ level: process.env['TLOS_LOG'] })
  const write = (level: 'info' | 'warn' | 'error', text: string): void => log.write(level, text)
  const closers: (() => Promise<unknown> | void)[] = []
  let stopping: Promise<void> | undefined

  const stop = (code: number, limitMs = stopLimitMs): Promise<void> =>
    (stopping ??= (async () => {
      const timer = setTimeout(() => process.exit(1), limitMs)
      for (const closer of closers.splice(0).reverse()) {
        try {
          await closer()
        } catch (error) {
          log.error(`while stopping: ${formatChain(error)}`)
        }
      }
      clearTimeout(timer)
      process.exit(code)
    })())

  watchStrayErrors({
    process,
    log: (level, text, fields) => log.write(level, text, fields),
    giveUp: () => void stop(1),
    now: () => Date.now(),
  })
  // SIGHUP: its terminal was closed. Node makes even one that `nohup` started hear it, and would end at once.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(0))
  watchParent({ onGone: () => void stop(0), limitMs: stopLimitMs })

  try {
    const folder = options.stateDir ?? (await mkdtemp(path.join(os.tmpdir(), 'tlos-node-')))
    if (options.stateDir === undefined) closers.push(() => rm(folder, { recursive: true, force: true }))
    const state = await openNodeState(folder, write)
    const grants = await openNodeGrants(folder, options.grants)
    if (grants.trouble !== undefined) log.warn(grants.trouble)
    const key = await openKey(options.host.seed ?? state.seed, (seed) => state.saveSeed(seed))
    const connections = await readConnections(options.nats)
    const name = `tlos ${options.name ?? 'node'}`
    const transport = await openTransport({ ...connections.control, name, log: write })
    closers.push(() => transport.close())
    const rpcTransport =
      connections.rpc === undefined
        ? undefined
        : await openTransport({ ...connections.rpc, name: `${name}, calls`, log: write })
    closers.push(() => rpcTransport?.close())
    const runtime = await openRuntime({
      cacheDir: path.join(folder, 'prepared'),
      extraCacheDirs: [path.join(__dirname, '..', 'components', 'prepared')],
      entries: {
        pool: path.join(__dirname, 'pool.cjs'),
        worker: path.join(__dirname, 'worker.cjs'),
        transpile: path.join(__dirname, 'transpile.cjs'),
      },
    })
    closers.push(() => runtime.close())
    const { lattice } = options
    const grantedIn = latticeKey(lattice, transport.info.url)
    const ranIn = options.serverName === undefined ? grantedIn : namedLatticeKey(lattice, options.serverName)
    if (grants.lattices().includes(lattice)) {
      log.warn(
        `grants.json has grants for "${lattice}" by its name alone, which hold nowhere: say "${grantedIn}" there`,
      )
    }
    const registryFetch = await openRegistryFetch(options.images)
    const registries = createRegistries(options.images.registries)
    const node = await openNode({
      transport,
      rpcTransport,
      runtime,
      images: openImages({
        transport,
        lattice,
        cacheDir: path.join(folder, 'images'),
        allowFiles: options.images.allowFiles,
        registries,
        fetch: registryFetch,
        maxBytes: options.host.componentBytes,
        log: write,
      }),
      registries: registries.given,
      lattice,
      key,
      friendlyName: options.name ?? `node-${key.publicKey.slice(-6).toLowerCase()}`,
      version,
      kind: 'node',
      labels: options.labels,
      heartbeatMs: options.heartbeatMs,
      ctlPrefix: options.nats.ctlTopicPrefix,
      hostOptions: options.host,
      grants: (componentId, digest) => grants.of(grantedIn, componentId, digest),
      startProviders: {
        permissions: options.providers,
        folder: path.join(folder, 'providers'),
        rpc: providerRpc(connections.rpc ?? connections.control),
      },
      resume: options.stateDir === undefined ? [] : await state.takeRunning(ranIn, lattice),
      onTable: (specs) => state.saveRunning(ranIn, specs),
      // Without a folder of its own nothing here outlives it.
      parked: options.stateDir === undefined ? undefined : openParkedImages(path.join(folder, 'parked'), ranIn),
      log: write,
    })
    closers.push(() => node.close())
    // Some time at least, so that the answer leaves and what runs is saved.
    node.host.onStopRequested((limitMs) => void stop(0, Math.min(Math.max(limitMs, leastStopMs), mostStopMs)))
    process.stdout.write(
      `${JSON.stringify({ ready: true, hostId: node.host.id, name: node.host.friendlyName, lattice })}\n`,
    )
  } catch (error) {
    process.stderr.write(`tlos node: ${formatChain(error)}\n`)
    await stop(1)
  }
}

/** The key of this state folder, so that a node keeps its id; a fresh one the first time. */
async function openKey(seed: string | undefined, save: (seed: string) => Promise<void>): Promise<KeyPair> {
  if (seed !== undefined) return keyFromSeed(seed)
  const key = createKey('server')
  await save(key.seed)
  return key
}

if (process.argv[2] === 'capture') {
  void replayCapture(process.argv.slice(3), process.cwd()).then(({ text, code }) => {
    ;(code === 0 ? process.stdout : process.stderr).write(`${text}\n`)
    process.exitCode = code
  })
} else begin()

function begin(): void {
  const parsed = parseNodeOptions({ args: process.argv.slice(2), cwd: process.cwd(), version, env: process.env })
  if (parsed.kind === 'run') void run(parsed.options)
  else {
    ;(parsed.kind === 'print' ? process.stdout : process.stderr).write(`${parsed.text}\n`)
    process.exitCode = parsed.kind === 'print' ? 0 : 2
  }
}
