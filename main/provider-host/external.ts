// A provider that is a process of its own, for as long as it is wanted: started with its HostData, told of its links and
// configuration, asked for its health, started again when it ends by itself, asked to end and then ended (lattice.md 6).

import { randomUUID } from 'node:crypto'
import type { Link } from '../../preload/records.js'
import { formatChain } from '../failure.js'
import { createKey } from '../lattice/nkeys.js'
import { encodeHostData } from '../lattice/protocol/host-data.js'
import { providerLinkCodec } from '../lattice/protocol/provider-link.js'
import { providerSubjects } from '../lattice/protocol/subjects.js'
import { encodeJson } from '../lattice/protocol/tlos.js'
import type { UnpackedProvider } from './archive.js'
import { type ProviderChild, startChild } from './child.js'
import { type HealthWatch, watchHealth } from './health.js'
import { noteRunning } from './leftovers.js'
import type { ProviderContext, StartedProvider } from './parts.js'

export interface ExternalOptions {
  readonly providerId: string
  readonly config: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
  readonly unpacked: UnpackedProvider
}

/** Resolves when the process runs. Rejects, with nothing left behind, when it cannot be started. */
export async function startExternal(context: ProviderContext, options: ExternalOptions): Promise<StartedProvider> {
  const { transport, lattice, times, log } = context
  const { providerId, config, unpacked, annotations } = options
  // One for each provider, kept over its restarts: it is the name under which it hears of links.
  const xkey = createKey('curve')
  const reader = { xkey: xkey.publicKey, token: unpacked.claims, annotations }
  const subjects = providerSubjects(lattice, providerId)
  const { putLink } = providerSubjects(lattice, xkey.publicKey)
  /** Links that this run of the process was told, as text, and those of them that it may not have heard. */
  const told = new Set<string>()
  const unheard = new Set<string>()
  let isListening = false
  let child: ProviderChild | undefined
  let health: HealthWatch | undefined
  let restart: ReturnType<typeof setTimeout> | undefined
  let stopping: Promise<void> | undefined

  async function run(): Promise<void> {
    const [values, secrets, given] = await Promise.all([
      context.values(config),
      context.secrets.fetch(config, reader),
      resolveAll(context.links(providerId)),
    ])
    const rpc = context.rpc()
    const data = encodeHostData({
      hostId: context.hostId,
      lattice,
      providerId,
      instanceId: randomUUID(),
      rpcUrl: rpc.url,
      rpcJwt: rpc.jwt ?? '',
      rpcSeed: rpc.seed ?? '',
      hostXkey: context.secrets.hostXkey,
      providerXkeySeed: xkey.seed,
      links: given.map(({ resolved }) => resolved),
      config: values,
      secrets,
      rpcTimeoutMs: times.rpcTimeoutMs,
      logLevel: 'info',
    })
    const started = await startChild({
      executable: unpacked.executable,
      folder: unpacked.folder,
      line: Buffer.from(data).toString('base64'),
      log: (line) => log('info', `provider ${providerId}: ${line}`),
    })
    // Somebody gave it up meanwhile.
    if (stopping !== undefined) {
      started.kill()
      return
    }
    child = started
    isListening = false
    unheard.clear()
    told.clear()
    for (const { link } of given) told.add(JSON.stringify(link))
    await noteRunning(unpacked.folder, started.pid)
    health = watchHealth(context, providerId, (change) => {
      context.onHealth(providerId, change)
      if (change === 'passed') onListening()
    })
    void started.ended.then((why) => onEnded(started, why))
    publishNew()
  }

  function onEnded(ended: ProviderChild, why: string): void {
    // What it started must not answer for it.
    ended.kill()
    if (child === ended) child = undefined
    if (stopping !== undefined) return
    log('warn', `the provider ${providerId} ${why}; it is started again in ${times.restartMs / 1000} s`)
    health?.down()
    planRestart()
  }

  function planRestart(): void {
    restart = setTimeout(() => {
      run().catch((error: unknown) => {
        if (stopping !== undefined) return
        log('error', `the provider ${providerId} could not be started again: ${formatChain(error)}`)
        planRestart()
      })
    }, times.restartMs)
    restart.unref()
  }

  async function resolveAll(links: readonly Link[]) {
    const resolved = await Promise.all(
      links.map(async (link) => ({ link, resolved: await context.resolve(link, reader) })),
    )
    return resolved.flatMap(({ link, resolved: value }) => (value === undefined ? [] : [{ link, resolved: value }]))
  }

  function publish(link: Link): void {
    // Not as the second argument of `then`: the connection may be gone when it is to be told.
    context
      .resolve(link, reader)
      .then((resolved) => {
        if (resolved !== undefined) transport.publish(putLink, providerLinkCodec.encode(resolved))
      })
      .catch((error: unknown) => log('error', `a link of ${providerId} could not be told: ${formatChain(error)}`))
  }

  /** Only what is new: as v1 hosts, which compare whole links. */
  function publishNew(): void {
    if (child === undefined) return
    const links = new Map(context.links(providerId).map((link) => [JSON.stringify(link), link]))
    for (const key of told) if (!links.has(key)) told.delete(key)
    for (const [key, link] of links) {
      if (told.has(key)) continue
      told.add(key)
      if (!isListening) unheard.add(key)
      publish(link)
    }
  }

  /** It listens by now: what came between its HostData and this moment was perhaps said to nobody. It passes over what it knows. */
  function onListening(): void {
    isListening = true
    for (const link of context.links(providerId)) if (unheard.has(JSON.stringify(link))) publish(link)
    unheard.clear()
  }

  async function stop(): Promise<void> {
    clearTimeout(restart)
    health?.close()
    const running = child
    if (running !== undefined && !running.hasEnded) {
      const isOver = running.ended.then(() => undefined)
      try {
        // Answered only by the provider of this host, should others have one of this id.
        await Promise.race([
          isOver,
          transport.request(subjects.shutdown, encodeJson({ host_id: context.hostId }), {
            timeoutMs: times.shutdownMs,
          }),
        ])
        await withinMs(isOver, times.exitMs)
      } catch (error) {
        log('warn', `the provider ${providerId} does not end when it is asked to: ${formatChain(error)}`)
      }
      running.kill()
      await withinMs(isOver, times.exitMs)
    }
    await unpacked.remove()
  }

  await run()
  return {
    setLinks: publishNew,
    configChanged() {
      context
        .values(config)
        .then((values) => transport.publish(subjects.updateConfig, encodeJson(values)))
        .catch((error: unknown) => {
          log('warn', `the provider ${providerId} keeps its configuration: ${formatChain(error)}`)
        })
    },
    stop: () => (stopping ??= stop()),
    kill: () => child?.kill(),
  }
}

async function withinMs(promise: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)))
  try {
    await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
