// Entry of the throwaway process that turns one component into core modules and JavaScript glue. The transpiler is a
// component itself and is lost after its first panic, so the process serves one request and ends.

import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $init, generate } from '@bytecodealliance/jco-transpile/component'
import { decodeComponent } from './decode-component.js'
import { maxTableEntries, patchMemories } from './patch-memory.js'
import {
  glueName,
  manifestName,
  preparedFormat,
  transpileOptions,
  type Manifest,
  type TranspileReply,
  type TranspileRequest,
} from './prepared-format.js'

const maxPages = 65_536

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

  let glue: Manifest['glue'] | undefined
  const modules: Manifest['modules'] = []
  const keep = async (name: string, content: Uint8Array): Promise<{ name: string; sha256: string }> => {
    await writeFile(join(request.folder, name), content)
    return { name, sha256: createHash('sha256').update(content).digest('hex') }
  }
  for (const [name, content] of files) {
    if (name === `${transpileOptions.name}.js`) {
      glue = await keep(glueName, new TextEncoder().encode(toCommonJs(new TextDecoder().decode(content))))
    } else if (name.endsWith('.wasm')) {
      // Limits are an instance's, so patching waits for its start; what no limit would let through is refused now.
      const patched = patchMemories(content, { pages: maxPages, tableEntries: maxTableEntries })
      if (!patched.ok) return { ok: false, code: patched.code, reason: `core module ${name}: ${patched.reason}` }
      modules.push(await keep(name, content))
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
    glue,
    modules,
  }
  await writeFile(join(request.folder, manifestName), JSON.stringify(manifest))
  return { ok: true }
}

/** The glue as a script that sets `exports.instantiate`: scripts load the same way on every Node, and can be cached. */
function toCommonJs(source: string): string {
  const script = source
    .replace('export function instantiate(', 'exports.instantiate = function instantiate(')
    .replace('export const _util', 'exports._util')
    .replaceAll('import.meta.url', '""')
  if (!script.includes('exports.instantiate = ') || /^\s*(export|import)\s/m.test(script)) {
    throw new Error('its glue has a form that is unknown here')
  }
  return script
}
