// The providers that the lattice asked this node to start: who may be, under which id each runs, what it hears of links and
// configurations, and how all of them end. What kind of provider one is stands in `starting.ts`.

import type { Link } from '../../preload/records.js'
import { formatChain, TlosError } from '../failure.js'
import type { OnProviderClaims, RunningProvider } from '../lattice/host-types.js'
import type { ProviderClaims } from '../lattice/protocol/provider-claims.js'
import { isToken } from '../lattice/protocol/subjects.js'
import { isBuiltinProvider, withoutScheme } from '../lattice/protocol/provider-ref.js'
import type { Provider } from '../providers/types.js'
import type { StartedProvider } from './parts.js'
import { findPermission, type ProviderPermission } from './permissions.js'
import type { AskedStart, Looked, ProviderAsking, StartedProviders } from './types.js'

/** Most that run at a time; each is a process. */
const mostProviders = 64

export interface StartRequest {
  readonly providerRef: string
  readonly providerId: string
  readonly config: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
  readonly permission: ProviderPermission
  readonly onClaims: OnProviderClaims | undefined
  /** Links that begin or end at it, as they are now. */
  readonly links: () => readonly Link[]
}

export interface Running extends StartedProvider {
  readonly name?: string | undefined
  /** Of a signed one. */
  readonly claims?: ProviderClaims | undefined
  /** For components of this node. */
  readonly inProcess?: Provider | undefined
}

export interface TableParts {
  readonly permissions: readonly ProviderPermission[]
  /** A person who can be asked; absent: what is not in `permissions` is refused. */
  readonly asking?: ProviderAsking | undefined
  /** What a reference leads to. */
  readonly look: (ref: string) => Promise<Looked>
  /** Ids of the providers that are part of this node. */
  readonly taken: ReadonlySet<string>
  /** Rejects, with nothing left behind, when it cannot be started. */
  readonly begin: (request: StartRequest) => Promise<Running>
  /** Its place in the inventory changed. */
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void
}

interface Entry {
  readonly ref: string
  readonly config: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
  /** Undefined while it is starting. */
  running: Running | undefined
  /** Given up while it was starting. */
  isUnwanted: boolean
}

export function openStartedProviders(parts: TableParts): StartedProviders {
  const entries = new Map<string, Entry>()
  const links = new Map<string, readonly Link[]>()
  let isClosed = false
  // However the process ends, but by force, nothing of it goes on.
  const onExit = (): void => {
    for (const { running } of entries.values()) running?.kill()
  }
  process.once('exit', onExit)

  const linksOf = (providerId: string): readonly Link[] => {
    const begin = links.get(providerId) ?? []
    const end = [...links].flatMap(([sourceId, all]) =>
      sourceId === providerId ? [] : all.filter((link) => link.target === providerId),
    )
    return [...begin, ...end]
  }

  const permissionFor = (ref: string, id: string): ProviderPermission | undefined =>
    findPermission(parts.permissions, ref) ?? parts.asking?.find(ref, id)

  const isFree = (id: string): boolean => !entries.has(id) && !parts.taken.has(id)

  async function stop(providerId: string): Promise<void> {
    const entry = entries.get(providerId)
    if (entry === undefined) return
    entry.isUnwanted = true
    try {
      await entry.running?.stop()
    } catch (error) {
      parts.log('error', `the provider ${providerId} did not end well: ${formatChain(error)}`)
    }
    if (entry.running !== undefined && entries.get(providerId) === entry) entries.delete(providerId)
  }

  return {
    list: () =>
      [...entries].flatMap(([id, { ref, annotations, running }]): RunningProvider[] =>
        running === undefined
          ? []
          : [{ id, imageRef: withoutScheme(ref), annotations, name: running.name, claims: running.claims }],
      ),
    has: (providerId) => entries.has(providerId),
    canStart: (ref, id) => !isClosed && isFree(id) && permissionFor(ref, id) !== undefined,

    async start(providerRef, providerId, config, annotations, onClaims) {
      const about = { about: providerId }
      if (!isToken(providerId) || !/^[\w-]{1,256}$/.test(providerId)) {
        throw new TlosError('invalid', `${JSON.stringify(providerId.slice(0, 80))} cannot be the id of a provider`)
      }
      if (isClosed) throw new TlosError('unavailable', 'This node is being stopped', about)
      if (!isFree(providerId)) throw new TlosError('conflict', `${providerId} is on this node already`, about)
      if (entries.size >= mostProviders) throw new TlosError('refused', `${mostProviders} providers run here already`)
      const permission = permissionFor(providerRef, providerId)
      const start = { ref: providerRef, providerId, config, annotations }
      if (permission === undefined) throw notPermitted(parts, start)
      parts.asking?.use(providerRef, providerId)
      const entry: Entry = { ref: providerRef, config, annotations, running: undefined, isUnwanted: false }
      entries.set(providerId, entry)
      try {
        const running = await parts.begin({
          providerRef,
          providerId,
          config,
          annotations,
          permission,
          onClaims,
          links: () => linksOf(providerId),
        })
        if (entry.isUnwanted) {
          await running.stop()
          throw new TlosError('cancelled', `The node was stopped while ${providerId} was started`, about)
        }
        entry.running = running
        running.setLinks()
      } catch (error) {
        if (entries.get(providerId) === entry) entries.delete(providerId)
        throw error
      }
    },

    stop,
    setLinks(sourceId, now) {
      const before = links.get(sourceId) ?? []
      links.set(sourceId, now)
      const concerned = new Set([sourceId, ...before.map((l) => l.target), ...now.map((l) => l.target)])
      for (const id of concerned) entries.get(id)?.running?.setLinks()
    },

    configChanged(name) {
      for (const [id, { config, running }] of entries) {
        if (config.includes(name)) running?.configChanged()
        // A builtin one reads what its links name anew; a process is told of whole links only, as by v1 hosts.
        const isNamed = linksOf(id).some((link) => link.sourceConfig.includes(name) || link.targetConfig.includes(name))
        if (isNamed) running?.setLinks()
      }
    },

    inProcess: (providerId) => entries.get(providerId)?.running?.inProcess,

    async close() {
      isClosed = true
      await Promise.all([...entries.keys()].map(stop))
      process.removeListener('exit', onExit)
    },
  }
}

/** Asks whoever is there to be asked, and says to the lattice why the provider does not start now. */
export function notPermitted(parts: Pick<TableParts, 'asking' | 'look'>, start: AskedStart): TlosError {
  const { ref, providerId } = start
  const isBuiltin = isBuiltinProvider(ref)
  const outcome = parts.asking?.ask(start, isBuiltin ? undefined : () => parts.look(ref))
  const why = isBuiltin
    ? 'it acts in the name of whoever runs the node'
    : 'a provider is native code with the rights of whoever runs the node'
  const what = `This node does not run the provider ${ref}: ${why}`
  const next = {
    asked: ', who is asked now; it is started when that person permits it',
    refused: ', who refused it',
    'too-many': ', and so many are asked for that this one was not',
    nobody: `, who permits it with --allow-provider ${ref}`,
  }[outcome ?? 'nobody']
  return new TlosError('refused', `${what}${next}`, { about: providerId })
}
