// What this node grants to components: a file in its state folder that only this node reads and writes, and what was said on
// its command line for this run. Nothing that comes over the bus gets here. Stands on `state-file.ts`.

import * as v from 'valibot'
import { join } from './grant-text.js'
import { openStateFile } from './state-file.js'
import { Grants, noGrants } from './wasm/grants.js'

const Entry = v.object({
  /**
   * sha256 of the component's bytes, hex: the grant holds for these and no others. Without it whoever may start
   * components on this lattice decides which bytes get it.
   */
  digest: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
  grants: Grants,
})

/** By lattice, then by component id. */
const Kept = v.record(v.string(), v.record(v.string(), Entry))

export type KeptGrant = v.InferOutput<typeof Entry>

export interface NodeGrants {
  /** What was wrong with the file, in words for a person; then nothing in it is granted. */
  readonly trouble: string | undefined
  /** What these bytes get under this id, now. */
  of(lattice: string, componentId: string, digest: string): Grants
  /** What is kept for it, whatever bytes it runs. */
  kept(lattice: string, componentId: string): KeptGrant | undefined
  /** Takes effect at the component's next start. Undefined takes all away. */
  set(lattice: string, componentId: string, entry: KeptGrant | undefined): Promise<void>
}

/** `given`: from the command line, for this run, whatever bytes. */
export async function openNodeGrants(folder: string, given: ReadonlyMap<string, Grants>): Promise<NodeGrants> {
  const file = await openStateFile({ folder, name: 'grants', schema: Kept, initial: {} })
  const kept = (lattice: string, componentId: string): KeptGrant | undefined => {
    const inLattice = Object.hasOwn(file.value, lattice) ? file.value[lattice] : undefined
    return inLattice !== undefined && Object.hasOwn(inLattice, componentId) ? inLattice[componentId] : undefined
  }
  return {
    trouble: file.trouble?.message,
    kept,
    of(lattice, componentId, digest) {
      const entry = kept(lattice, componentId)
      const holds = entry !== undefined && (entry.digest === undefined || entry.digest === digest)
      return join(holds ? entry.grants : noGrants, given.get(componentId) ?? {})
    },
    async set(lattice, componentId, entry) {
      const { [componentId]: _before, ...others } = file.value[lattice] ?? {}
      await file.save({
        ...file.value,
        [lattice]: entry === undefined ? others : { ...others, [componentId]: entry },
      })
    },
  }
}
