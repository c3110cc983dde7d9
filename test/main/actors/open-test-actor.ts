// An actor over a real runtime, without a lattice: what it asks of others is written down and answered by the test.

import { Actor } from '../../../main/actors/actor.js'
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
  /** Problems that were told, and whether it was to be started again. */
  readonly failures: { readonly problem: string; readonly startsAgain: boolean }[]
}

export async function openTestActor(
  runtime: TestRuntime,
  bytes: Uint8Array,
  spec: Partial<ActorSpec> & {
    readonly configured?: Readonly<Record<string, string>>
    readonly saved?: Uint8Array
  } = {},
): Promise<TestActor> {
  const asked: Asked[] = []
  const failures: TestActor['failures'] = []
  const prepared = await runtime.prepare(bytes)
  const { configured, saved, ...rest } = spec
  const actor = new Actor(
    { componentId: 'one', imageRef: 'r', annotations: {}, maxInstances: 1, config: [], ...rest },
    prepared,
    {
      runtime,
      prepareAgain: () => runtime.prepare(bytes),
      callImport: (_instance, _functionName, args) =>
        new Promise((resolve) => {
          asked.push({ args, answer: resolve })
        }),
      config: () => configured ?? {},
      grants: () => noGrants,
      now: () => performance.now(),
      onChanged: () => undefined,
      lastSaved: () => Promise.resolve(saved),
      onFailed: (problem, startsAgain) => failures.push({ problem, startsAgain }),
    },
  )
  await actor.start()
  return { actor, asked, failures }
}
