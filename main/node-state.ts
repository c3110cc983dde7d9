// What a node keeps between runs: its seed, and what ran on it, by lattice. Stands on `state-file.ts`: a file that cannot be
// read is moved aside and said, never lost.

import * as v from 'valibot'
import { formatChain } from './failure.js'
import type { KeptSpec } from './lattice/host-types.js'
import { keyFromSeed } from './lattice/nkeys.js'
import { openStateFile } from './state-file.js'

/** A seed that no key can be made of is as unreadable as a file that is not JSON. */
const Seed = v.pipe(v.string(), v.check(isSeed, 'this is no nkey seed'))
const Identity = v.object({ seed: v.nullable(Seed) })

const Spec = v.object({
  componentId: v.string(),
  imageRef: v.string(),
  annotations: v.record(v.string(), v.string()),
  maxInstances: v.number(),
  config: v.array(v.string()),
  limits: v.optional(v.record(v.string(), v.string())),
  digest: v.optional(v.string()),
})
const Running = v.record(v.string(), v.array(Spec))

function isSeed(text: string): boolean {
  try {
    return keyFromSeed(text).kind === 'server'
  } catch {
    return false
  }
}

export interface NodeState {
  /** nkey seed of the node, undefined the first time. */
  readonly seed: string | undefined
  /** What was wrong with the files, in words for a person. */
  readonly troubles: readonly string[]
  saveSeed(seed: string): Promise<void>
  /** What ran in this lattice (lattice-key.ts) when the node ended, without what wadm looks after. */
  running(lattice: string): readonly KeptSpec[]
  /**
   * The same, where older versions knew the lattice by another name: what is kept under that one, which any server may have had,
   * is this lattice's from now on.
   */
  takeRunning(lattice: string, before: string): Promise<readonly KeptSpec[]>
  saveRunning(lattice: string, specs: readonly KeptSpec[]): void
}

export async function openNodeState(
  folder: string,
  log: (level: 'warn' | 'error', text: string) => void,
): Promise<NodeState> {
  const identity = await openStateFile({ folder, name: 'identity', schema: Identity, initial: { seed: null } })
  const running = await openStateFile({ folder, name: 'running', schema: Running, initial: {} })
  const troubles = [identity.trouble, running.trouble].flatMap((t) => (t === undefined ? [] : [t.message]))
  for (const trouble of troubles) log('warn', trouble)
  const runningIn = (lattice: string): readonly KeptSpec[] => running.value[lattice] ?? []
  return {
    seed: identity.value.seed ?? undefined,
    troubles,
    saveSeed: (seed) => identity.save({ seed }),
    running: runningIn,
    async takeRunning(lattice, before) {
      const { [before]: old, ...others } = running.value
      if (old === undefined || before === lattice) return runningIn(lattice)
      if (others[lattice] === undefined) await running.save({ ...others, [lattice]: old })
      return runningIn(lattice)
    },
    saveRunning(lattice, specs) {
      const kept = specs
        .filter((spec) => spec.annotations['wasmcloud.dev/managed-by'] !== 'wadm')
        .map(({ componentId, imageRef, annotations, maxInstances, config, limits, digest }) => ({
          componentId,
          imageRef,
          annotations: { ...annotations },
          maxInstances,
          config: [...config],
          ...(limits === undefined ? {} : { limits: { ...limits } }),
          ...(digest === undefined ? {} : { digest }),
        }))
      if (JSON.stringify(kept) === JSON.stringify(runningIn(lattice))) return
      running
        .save({ ...running.value, [lattice]: kept })
        .catch((error: unknown) => log('error', `what runs here could not be kept: ${formatChain(error)}`))
    },
  }
}
