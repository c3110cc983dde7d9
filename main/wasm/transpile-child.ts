// Entry of the throwaway process that turns one component into core modules and JavaScript glue. The transpiler is a
// component itself and is lost after its first panic, so the process serves one request and ends.

import { createHash, webcrypto } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $init, generate } from '@bytecodealliance/jco-transpile/component'
import { decodeComponent } from './decode-component.js'
import { maxTableEntries, patchMemories } from './patch-memory.js'
import { findsAsync } from './snapshot/async-types.js'
import { exposeState } from './snapshot/expose-state.js'
import { tapGlue } from './snapshot/tap-glue.js'
import {
  glueName,
  manifestName,
  preparedFormat,
  transpileOptions,
  type Manifest,
  type SnapshotState,
  type TranspileReply,
  type TranspileRequest,
} from './prepared-format.js'

const maxPages = 65_536

// The transpiler seeds its tables from there; Node 18 has it, but not as a global.
if (!('crypto' in globalThis)) Object.defineProperty(globalThis, 'crypto', { value: webcrypto })

process.once('message', (request) => {
  // The parent is the only one that can send to this process.
  void serve(request as TranspileRequest).then((reply) => {
    process.send?.(reply, () => process.exit(0))
  })
})

async function serve(request: TranspileRequest): Promise<TranspileReply> {
  try {
    return await transpile(request)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, code: 'invalid', reason: `the transpiler cannot take it: ${reason.slice(0, 2_000)}` }
  }
}

async function transpile(request: TranspileRequest): Promise<TranspileReply> {
  const bytes = await readFile(request.input)
  const decoded = decodeComponent(bytes)
  if (!decoded.ok) return { ok: false, code: 'invalid', reason: decoded.reason }
  await $init
  // Mapped to themselves, imports keep their versions in the glue; otherwise two versions of one would be one.
  const { world, memories, name: componentName, version } = decoded.value
  const map = world.imports.flatMap(({ name }): [string, string][] => (name === '' ? [] : [[name, name]]))
  const { files } = generate(bytes, { ...transpileOptions, map })

  const open = openToSnapshots(world, files)
  let glue: Manifest['glue'] | undefined
  const modules: Manifest['modules'] = []
  const keep = async (name: string, content: Uint8Array): Promise<{ name: string; sha256: string }> => {
    await writeFile(join(request.folder, name), content)
    return { name, sha256: createHash('sha256').update(content).digest('hex') }
  }
  for (const [name, content] of files) {
    if (name === `${transpileOptions.name}.js`) {
      glue = await keep(glueName, new TextEncoder().encode(toCommonJs(open.glue ?? new TextDecoder().decode(content))))
    } else if (name.endsWith('.wasm')) {
      // Limits are an instance's, so patching waits for its start; what no limit would let through is refused now.
      const patched = patchMemories(content, { pages: maxPages, tableEntries: maxTableEntries })
      if (!patched.ok) return { ok: false, code: patched.code, reason: `core module ${name}: ${patched.reason}` }
      modules.push(await keep(name, open.modules.get(name) ?? content))
    }
  }
  if (glue === undefined) return { ok: false, code: 'invalid', reason: 'the transpiler gave no glue for it' }

  const manifest: Manifest = {
    format: preparedFormat,
    digest: request.digest,
    sizeBytes: bytes.length,
    ...(componentName === undefined ? {} : { name: componentName }),
    ...(version === undefined ? {} : { version }),
    world,
    memories,
    snapshot: open.snapshot,
    glue,
    modules,
  }
  await writeFile(join(request.folder, manifestName), JSON.stringify(manifest))
  return { ok: true }
}

interface OpenFiles {
  readonly snapshot: SnapshotState
  /** Files that take the place of the transpiler's. */
  readonly glue?: string
  readonly modules: ReadonlyMap<string, Uint8Array>
}

/** Makes instances open to being copied, if all of the component allows it; else it is left as it is. */
function openToSnapshots(world: Manifest['world'], files: readonly (readonly [string, Uint8Array])[]): OpenFiles {
  const closed = (reason: string): OpenFiles => ({ snapshot: { can: false, reason }, modules: new Map() })
  if (findsAsync(world)) return closed('it uses streams or futures')
  const modules = new Map<string, Uint8Array>()
  let glue: string | undefined
  let writesTables = false
  for (const [name, content] of files) {
    if (name.endsWith('.wasm')) {
      const exposed = exposeState(content)
      if (!exposed.ok) return closed(exposed.reason)
      modules.set(name, exposed.bytes)
      writesTables ||= exposed.writesTables
    } else if (name.endsWith('.js')) {
      const tapped = tapGlue(new TextDecoder().decode(content))
      if (!tapped.ok) return closed(tapped.reason)
      glue = tapped.glue
    }
  }
  return glue === undefined ? closed('it has no glue') : { snapshot: { can: true, writesTables }, glue, modules }
}

/**
 * The transpiler's function that drops a resource names variables of a loop where resources come in a list: each would drop
 * the last of them. It is written anew with what the object itself says.
 */
function dropByObject(source: string): string {
  const all = source.match(/symbolDispose, \{ writable: true, value: function \(\) \{/g)?.length ?? 0
  let fixed = 0
  const result = source.replace(
    /symbolDispose, \{ writable: true, value: function \(\) \{\n( *)(finalizationRegistry\d+)\.unregister\((\w+)\);\n *const handleEntry = rscTableRemove\((handleTable\d+), \w+\);\n *\3\[symbolDispose\] = emptyFunc;\n *\3\[symbolRscHandle\] = undefined;/g,
    (_whole, indent: string, registry: string, _object: string, table: string) => {
      fixed += 1
      const lines = [
        'symbolDispose, { writable: true, value: function () {',
        `${registry}.unregister(this);`,
        `const handleEntry = rscTableRemove(${table}, this[symbolRscHandle]);`,
        'this[symbolDispose] = emptyFunc;',
        'this[symbolRscHandle] = undefined;',
      ]
      return lines.join(`\n${indent}`)
    },
  )
  if (fixed !== all) throw new Error('its glue drops resources in a form that is unknown here')
  return result
}

/** The glue as a script that sets `exports.instantiate`: scripts load the same way on every Node, and can be cached. */
function toCommonJs(source: string): string {
  const script = dropByObject(source)
    .replace('export function instantiate(', 'exports.instantiate = function instantiate(')
    .replace('export const _util', 'exports._util')
    .replaceAll('import.meta.url', '""')
    // Looked up dozens of times in each call, and a worker's environment is slow to ask (several µs a call).
    .replaceAll('globalThis?.process?.env?.JCO_DEBUG', 'false')
  if (!script.includes('exports.instantiate = ') || /^\s*(export|import)\s/m.test(script)) {
    throw new Error('its glue has a form that is unknown here')
  }
  return script
}
