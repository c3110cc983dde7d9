// An actor over a real runtime, without a lattice: what it asks of others is written down and answered by the test.

import { Actor } from '../../../main/actors/actor.js'
import type { NodeLimits } from '../../../main/actors/limits.js'
import { noGrants } from '../../../main/wasm/grants.js'
import type { ActorSpec } from '../../../main/lattice/host-types.js'
import type { TestRuntime } from '../wasm/open-test-runtime.js'

/** One call of an import, still open. */
export interface Asked {
  readonly args: readonly unknown[]
  readonly answer: (value: unknown) => void
}

export interface TestActor {
  readonly actor: Actor
  readonly asked: Asked[]
  /** Problems that were told, whether it was to be started again, and whether from what was kept of it. */
  readonly failures: { readonly problem: string; readonly startsAgain: boolean; readonly goesOn: boolean }[]
}

export async function openTestActor(
  runtime: TestRuntime,
  bytes: Uint8Array,
  spec: Partial<ActorSpec> & {
    readonly configured?: Readonly<Record<string, string>>
    readonly saved?: Uint8Array
    /** The most that its node allows. */
    readonly nodeLimits?: NodeLimits
    /** Its first imports are answered at once with these, the others by the test. */
    readonly answered?: readonly unknown[]
  } = {},
): Promise<TestActor> {
  const asked: Asked[] = []
  const failures: TestActor['failures'] = []
  const prepared = await runtime.prepare(bytes)
  const { configured, saved, nodeLimits, answered = [], ...rest } = spec
  let imports = 0
  const actor = new Actor(
    { componentId: 'one', imageRef: 'r', annotations: {}, maxInstances: 1, config: [], ...rest },
    prepared,
    {
      runtime,
      prepareAgain: () => runtime.prepare(bytes),
      callImport: (_instance, _functionName, args) =>
        new Promise((resolve) => {
          asked.push({ args, answer: resolve })
          if (imports < answered.length) resolve(answered[imports])
          imports += 1
        }),
      config: () => configured ?? {},
      nodeLimits,
      grants: () => noGrants,
      now: () => performance.now(),
      onChanged: () => undefined,
      lastSaved: () => Promise.resolve(saved),
      onFailed: (problem, startsAgain, goesOn) => failures.push({ problem, startsAgain, goesOn }),
    },
  )
  await actor.start()
  return { actor, asked, failures }
}
