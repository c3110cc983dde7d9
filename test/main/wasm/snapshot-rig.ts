// Instances without a worker, for what no host reaches through one: prepared by the real runtime, loaded as the worker
// loads them, with the parts of copies in the test's own hands.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import type { Manifest } from '../../../main/wasm/prepared-format.js'
import { identityOf } from '../../../main/wasm/snapshot/identity.js'
import type { Identity } from '../../../main/wasm/snapshot/image.js'
import { createRecipes, type Recipes } from '../../../main/wasm/snapshot/recipes.js'
import { createSnapshots, type Snapshots } from '../../../main/wasm/snapshot/snapshots.js'
import type { Tap } from '../../../main/wasm/snapshot/tap.js'
import type { TestRuntime } from './open-test-runtime.js'

export interface RigInstance {
  /** The exports, as the glue has them. */
  readonly root: Record<string, any> // eslint-disable-line @typescript-eslint/no-explicit-any -- a test knows what it calls
  readonly snapshots: Snapshots
  readonly tap: Tap
}

export interface Rig {
  readonly identity: Identity
  start(imports?: object, recipes?: Recipes): Promise<RigInstance>
}

export const rigMemoryBytes = 16 * 1024 * 1024

/** The component must have been prepared by this runtime, into its own cache. */
export async function openRig(runtime: TestRuntime, bytes: Uint8Array): Promise<Rig> {
  // QuickJS computes constants at load; Node 20's V8 wants to be told.
  if (Number(process.versions.v8.split('.')[0]) < 12) setFlagsFromString('--experimental-wasm-extended-const')
  const { digest } = await runtime.prepare(bytes)
  const folder = readdirSync(runtime.cacheDir).find((name) => name.startsWith(digest))
  const place = join(runtime.cacheDir, folder ?? '')
  const manifest = JSON.parse(readFileSync(join(place, 'prepared.json'), 'utf8')) as Manifest
  const { snapshot } = manifest
  if (!snapshot.can) throw new Error(snapshot.reason)
  const modules = new Map<string, WebAssembly.Module>()
  for (const { name } of manifest.modules) {
    modules.set(name, await WebAssembly.compile(new Uint8Array(readFileSync(join(place, name)))))
  }
  const glue = new Script(`(function (exports) {${readFileSync(join(place, manifest.glue.name), 'utf8')}\n})`)
  return {
    identity: identityOf(digest),
    async start(imports = {}, recipes = createRecipes()) {
      const exports: { instantiate?: (...args: unknown[]) => Promise<RigInstance['root']> } = {}
      const load = glue.runInThisContext() as (exports: object) => void
      load(exports)
      const cores: Readonly<Record<string, unknown>>[] = []
      let tap: Tap | undefined
      const root = await exports.instantiate?.(
        (name: string) => modules.get(name),
        imports,
        async (module: WebAssembly.Module, coreImports: WebAssembly.Imports) => {
          const instance = await WebAssembly.instantiate(module, coreImports)
          cores.push(instance.exports)
          return instance
        },
        (all: Tap) => {
          tap = all
        },
      )
      if (root === undefined || tap === undefined) throw new Error('the glue did not open')
      const snapshots = createSnapshots({
        identity: identityOf(digest),
        cores,
        tap,
        recipes,
        writesTables: snapshot.writesTables,
        memoryBytes: rigMemoryBytes,
      })
      return { root, snapshots, tap }
    },
  }
}
