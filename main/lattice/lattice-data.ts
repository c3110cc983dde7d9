// What the hosts of a lattice share in two buckets (lattice.md 4): component specs with their links, claims and named
// configurations. A watched copy with read-modify-write. Without JetStream the copy is all there is, for this node alone.

import type { Link } from '../../preload/records.js'
import { TlosError } from '../failure.js'
import type { Bucket, BucketEntry, Transport } from '../nats/transport.js'
import {
  type Claims,
  claimsCodec,
  claimsKey,
  componentKey,
  type ComponentSpec,
  configBucket,
  configCodec,
  decodeLatticeEntry,
  isBucketKey,
  latticeBucket,
  mergeConfig,
  specCodec,
} from './protocol/buckets.js'

/** How often a read-modify-write is tried again when others write the same key. */
const casAttempts = 20

export interface LatticeDataParts {
  readonly transport: Transport
  readonly lattice: string
  /** All links of a source, whenever they changed. */
  readonly onLinks: (sourceId: string, links: readonly Link[]) => void
  /** What it resolves to is waited for before a change made here is acknowledged. */
  readonly onConfig: (name: string) => void | Promise<void>
  readonly onJunk: (reason: string) => void
}

export interface LatticeData {
  links(): readonly Link[]
  linksOf(sourceId: string): readonly Link[]
  claims(): readonly Claims[]
  /** Changes the links of a source; `change` gives undefined to leave everything as it is. */
  updateLinks(
    sourceId: string,
    change: (links: readonly Link[], exists: boolean) => readonly Link[] | undefined,
  ): Promise<void>
  /** Before a component starts: its record is there, and its links are known as they are now. */
  noteStarting(componentId: string, imageRef: string): Promise<void>
  /** Keeps what a signed component says of itself, for the whole lattice. */
  putClaims(claims: Claims): Promise<void>
  /** From the bucket itself. */
  getConfig(name: string): Promise<Readonly<Record<string, string>> | undefined>
  /** `bytes` is what is stored: the map as it came. */
  putConfig(name: string, values: Readonly<Record<string, string>>, bytes: Uint8Array): Promise<void>
  deleteConfig(name: string): Promise<void>
  /** From the copy. */
  configValues(names: readonly string[]): Readonly<Record<string, string>>
  close(): void
}

export async function openLatticeData(parts: LatticeDataParts): Promise<LatticeData> {
  const specs = new Map<string, ComponentSpec>()
  const claims = new Map<string, Claims>()
  const configs = new Map<string, Readonly<Record<string, string>>>()
  /** Revisions of values put here that the watch has not told yet: what it tells before is older. */
  const ahead = new Map<string, number>()
  /** Revisions that the watch told last. */
  const told = new Map<string, number>()
  const seen = (name: string): number => told.get(name) ?? 0
  const stops: (() => void)[] = []
  const buckets = parts.transport.info.hasJetStream
    ? {
        lattice: await parts.transport.bucket(latticeBucket(parts.lattice)),
        config: await parts.transport.bucket(configBucket(parts.lattice)),
      }
    : undefined

  function takeSpec(id: string, spec: ComponentSpec): void {
    const isSame = JSON.stringify(specs.get(id)?.links ?? []) === JSON.stringify(spec.links)
    specs.set(id, spec)
    if (!isSame) parts.onLinks(id, spec.links)
  }

  function onLatticeEntry(entry: BucketEntry): void {
    const decoded = decodeLatticeEntry(entry.key, entry.value)
    if (!decoded.ok) {
      parts.onJunk(`${entry.key.slice(0, 80)} in the lattice bucket: ${decoded.reason}`)
      return
    }
    const { value } = decoded
    if (value.kind === 'spec') {
      // A deleted spec changes nothing, as on every v1 host: the links stay until others are set.
      if (value.spec !== undefined) takeSpec(value.id, value.spec)
      else parts.onJunk(`${entry.key.slice(0, 80)} was deleted from the lattice bucket; its links stay as they are`)
    } else if (value.kind === 'claims') {
      if (value.claims === undefined) claims.delete(value.subject)
      else claims.set(value.subject, value.claims)
    }
  }

  function onConfigEntry(entry: BucketEntry): void {
    const known = ahead.get(entry.key)
    if (known !== undefined && entry.revision < known) return
    ahead.delete(entry.key)
    told.set(entry.key, entry.revision)
    const decoded = entry.value === undefined ? undefined : configCodec.decode(entry.value)
    if (decoded !== undefined && !decoded.ok) {
      parts.onJunk(`configuration ${entry.key.slice(0, 80)}: ${decoded.reason}`)
      return
    }
    if (decoded === undefined) configs.delete(entry.key)
    else configs.set(entry.key, decoded.value)
    void parts.onConfig(entry.key)
  }

  if (buckets !== undefined) {
    stops.push(await watchSeeded(buckets.lattice, onLatticeEntry))
    stops.push(await watchSeeded(buckets.config, onConfigEntry))
  }

  async function updateSpec(
    id: string,
    change: (spec: ComponentSpec | undefined) => ComponentSpec | undefined,
  ): Promise<void> {
    const bucket = buckets?.lattice
    if (bucket === undefined) {
      const next = change(specs.get(id))
      if (next !== undefined) takeSpec(id, next)
      return
    }
    const key = componentKey(id)
    if (!isBucketKey(key)) throw new TlosError('invalid', `${id} cannot be a key of the lattice bucket`, { about: id })
    for (let attempt = 0; attempt < casAttempts; attempt++) {
      const entry = await bucket.get(key)
      const old = entry?.value === undefined ? undefined : specCodec.decode(entry.value)
      if (old !== undefined && !old.ok) {
        throw new TlosError('invalid', `the record of ${id} in the lattice bucket is damaged (${old.reason})`)
      }
      const next = change(old?.value)
      if (next === undefined) {
        if (old !== undefined) takeSpec(id, old.value)
        return
      }
      try {
        await bucket.update(key, specCodec.encode(next), entry?.revision ?? 0)
        // Known here before the watch tells it, so that what follows can rely on it.
        takeSpec(id, next)
        return
      } catch (error) {
        if (!(error instanceof TlosError) || error.code !== 'conflict') throw error
      }
    }
    throw new TlosError('conflict', `others keep changing the record of ${id}; try again`, { about: id })
  }

  async function getConfig(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    if (buckets === undefined) return configs.get(name)
    if (!isBucketKey(name)) return undefined
    const entry = await buckets.config.get(name)
    const decoded = entry?.value === undefined ? undefined : configCodec.decode(entry.value)
    if (decoded === undefined) return undefined
    if (!decoded.ok) {
      const cause = new Error(`the value stored as ${name}: ${decoded.reason}`)
      throw new TlosError('invalid', 'config data should be a map of string -> string', { about: name, cause })
    }
    const isNews = JSON.stringify(configs.get(name)) !== JSON.stringify(decoded.value)
    configs.set(name, decoded.value)
    if (isNews) await parts.onConfig(name)
    return decoded.value
  }

  return {
    links: () => [...specs.values()].flatMap((spec) => spec.links),
    linksOf: (sourceId) => specs.get(sourceId)?.links ?? [],
    claims: () => [...claims.values()],
    updateLinks: (sourceId, change) =>
      updateSpec(sourceId, (spec) => {
        const links = change(spec?.links ?? [], spec !== undefined)
        return links === undefined ? undefined : { url: spec?.url ?? '', links }
      }),
    noteStarting: (componentId, imageRef) =>
      updateSpec(componentId, (spec) => (spec === undefined ? { url: imageRef, links: [] } : undefined)),
    async putClaims(told) {
      claims.set(told.subject, told)
      await buckets?.lattice.put(claimsKey(told.subject), claimsCodec.encode(told))
    },
    getConfig,
    async putConfig(name, values, bytes) {
      if (buckets !== undefined) {
        if (!isBucketKey(name)) throw new TlosError('invalid', `${name} cannot be the name of a configuration`)
        const revision = await buckets.config.put(name, bytes)
        // The watch may have told of it already, or of a later one.
        if (seen(name) < revision) ahead.set(name, revision)
        else return await parts.onConfig(name)
      }
      configs.set(name, values)
      await parts.onConfig(name)
    },
    async deleteConfig(name) {
      if (buckets !== undefined && isBucketKey(name)) await buckets.config.purge(name)
      configs.delete(name)
      await parts.onConfig(name)
    },
    configValues: (names) => mergeConfig(names.map((name) => configs.get(name) ?? {})),
    close() {
      for (const stop of stops.splice(0)) stop()
    },
  }
}

/** Resolves once everything present has been handed over. */
async function watchSeeded(bucket: Bucket, onEntry: (entry: BucketEntry) => void): Promise<() => void> {
  let seeded: () => void = () => undefined
  const isSeeded = new Promise<void>((resolve) => (seeded = resolve))
  const stop = await bucket.watch(onEntry, () => seeded())
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TlosError('timed-out', 'the lattice bucket could not be read in 10 s')), 10_000)
  })
  try {
    await Promise.race([isSeeded, limit])
    return stop
  } catch (error) {
    stop()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
