// What this node grants to components: a file in its state folder that only this node reads and writes, and what was said on
// its command line for this run. Nothing that comes over the bus gets here. Stands on `state-file.ts`.

import * as v from 'valibot'
import type { GrantPart, GrantsView } from '../preload/grants.js'
import { TlosError } from './failure.js'
import { grantsOf, partsOf, withoutPart, withPart } from './grant-parts.js'
import { join } from './grant-text.js'
import { openStateFile } from './state-file.js'
import { decodeGrants, Grants, noGrants } from './wasm/grants.js'

const Entry = v.object({
  /**
   * sha256 of the component's bytes, hex: the grant holds for these and no others. Without it whoever may start
   * components on this lattice decides which bytes get it.
   */
  digest: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  grants: Grants,
})

/** By lattice (`lattice-key.ts`), then by component id. */
const Kept = v.record(v.string(), v.record(v.string(), Entry))

export type KeptGrant = v.InferOutput<typeof Entry>

/** A component in a lattice, and the bytes that run or would run under its id. */
export interface Grantee {
  readonly lattice: string
  readonly componentId: string
  readonly digest: string
}

export interface NodeGrants {
  /** What was wrong with the file, in words for a person; then nothing in it is granted. */
  readonly trouble: string | undefined
  /** Names of lattices for which something is kept. */
  lattices(): readonly string[]
  /** What these bytes get under this id, now. */
  of(lattice: string, componentId: string, digest: string): Grants
  /** What is kept for it, whatever bytes it runs. */
  kept(lattice: string, componentId: string): KeptGrant | undefined
  /** Takes effect at the component's next start. Undefined takes all away. */
  set(lattice: string, componentId: string, entry: KeptGrant | undefined): Promise<void>
  view(to: Grantee): GrantsView
  /** To these bytes: what was kept for others under the id is forgotten. Rejects with `invalid`. */
  give(to: Grantee, part: GrantPart): Promise<void>
  take(to: Grantee, part: GrantPart): Promise<void>
}

/** `given`: from the command line, for this run, whatever bytes. */
export async function openNodeGrants(folder: string, given: ReadonlyMap<string, Grants>): Promise<NodeGrants> {
  const file = await openStateFile({ folder, name: 'grants', schema: Kept, initial: {} })
  /** One change after the other: each begins with what the one before has left. */
  let last: Promise<unknown> = Promise.resolve()

  const kept = (lattice: string, componentId: string): KeptGrant | undefined => {
    const inLattice = Object.hasOwn(file.value, lattice) ? file.value[lattice] : undefined
    return inLattice !== undefined && Object.hasOwn(inLattice, componentId) ? inLattice[componentId] : undefined
  }
  const isFor = (entry: KeptGrant, digest: string): boolean => entry.digest === undefined || entry.digest === digest

  async function set(lattice: string, componentId: string, entry: KeptGrant | undefined): Promise<void> {
    const { [componentId]: _before, ...others } = file.value[lattice] ?? {}
    await file.save({ ...file.value, [lattice]: entry === undefined ? others : { ...others, [componentId]: entry } })
  }

  function change(to: Grantee, next: (entry: KeptGrant | undefined) => KeptGrant | undefined): Promise<void> {
    const done = last.then(() => set(to.lattice, to.componentId, next(kept(to.lattice, to.componentId))))
    last = done.catch(() => undefined)
    return done
  }

  return {
    trouble: file.trouble?.message,
    lattices: () => Object.keys(file.value),
    kept,
    set,
    of(lattice, componentId, digest) {
      const entry = kept(lattice, componentId)
      const holds = entry !== undefined && isFor(entry, digest)
      return join(holds ? entry.grants : noGrants, given.get(componentId) ?? {})
    },
    view({ lattice, componentId, digest }) {
      const entry = kept(lattice, componentId)
      return {
        kept: partsOf(entry?.grants ?? noGrants),
        given: partsOf(given.get(componentId) ?? noGrants),
        keptFor:
          entry === undefined || entry.digest === digest ? 'these' : entry.digest === undefined ? 'any' : 'others',
      }
    },
    give: (to, part) =>
      change(to, (entry) => {
        const base = entry !== undefined && isFor(entry, to.digest) ? entry : { digest: to.digest, grants: noGrants }
        const decoded = decodeGrants(grantsOf(withPart(partsOf(base.grants), part)))
        if (!decoded.ok) throw new TlosError('invalid', `That cannot be granted: ${decoded.why}`)
        // Records leave out names that mean something to JavaScript.
        if (part.kind === 'variable' && !Object.hasOwn(decoded.value.environment, part.name)) {
          throw new TlosError('invalid', `That cannot be granted: a variable cannot be called ${part.name}`)
        }
        return { ...base, grants: decoded.value }
      }),
    take: (to, part) =>
      change(to, (entry) => {
        if (entry === undefined) return undefined
        const left = withoutPart(partsOf(entry.grants), part)
        return left.length === 0 ? undefined : { ...entry, grants: grantsOf(left) }
      }),
  }
}
