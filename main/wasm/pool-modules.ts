// Compiled core modules of the pool process, shared by all its workers: each component is read, narrowed to its memory
// limit and compiled once, and given up when it was not used for long.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { maxTableEntries, pageBytes, patchMemories } from './patch-memory.js'
import type { Fault, FileOf, StartMessage } from './pool-protocol.js'

export interface LoadedComponent {
  /** An expression: a function that puts its `instantiate` into what it is given (worker.ts). */
  readonly glue: string
  readonly modules: ReadonlyMap<string, WebAssembly.Module>
}

/** Why a component could not be loaded. */
export class LoadFault extends Error {
  readonly fault: Fault

  constructor(code: Fault['code'], message: string) {
    super(message)
    this.fault = { code, message }
  }
}

/** Components kept compiled beyond those in use would only hold memory. */
const maxKept = 32

export type LoadComponent = (start: StartMessage) => Promise<LoadedComponent>

export function createModuleCache(): LoadComponent {
  const kept = new Map<string, Promise<LoadedComponent>>()
  return (start) => {
    const pages = Math.max(1, Math.floor(start.limits.memoryBytes / pageBytes))
    const key = `${start.folder}|${pages}`
    const loaded = kept.get(key) ?? load(start, pages)
    // Again at the end: the first in the map is the one not used for longest.
    kept.delete(key)
    kept.set(key, loaded)
    for (const old of kept.keys()) {
      if (kept.size <= maxKept) break
      kept.delete(old)
    }
    loaded.catch(() => kept.delete(key))
    return loaded
  }
}

async function load(start: StartMessage, pages: number): Promise<LoadedComponent> {
  const text = new TextDecoder().decode(await readChecked(start.folder, start.glue))
  // Here and not in each worker, which would hold it twice.
  const glue = `(function (exports, TextDecoder) {${text}\n})`
  const modules = new Map<string, WebAssembly.Module>()
  await Promise.all(
    start.modules.map(async (file) => {
      const patched = patchMemories(await readChecked(start.folder, file), { pages, tableEntries: maxTableEntries })
      if (!patched.ok) throw new LoadFault(patched.code, `the component cannot start: ${patched.reason}`)
      try {
        // The copy has a buffer of its own, never a shared one.
        modules.set(file.name, await WebAssembly.compile(patched.bytes as Uint8Array<ArrayBuffer>))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        throw new LoadFault('invalid', `a core module of the component does not compile here: ${reason}`)
      }
    }),
  )
  return { glue, modules }
}

async function readChecked(folder: string, file: FileOf): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, file.name)).catch((cause: unknown) => {
    throw new LoadFault('not-found', `the prepared component has lost ${file.name}: ${String(cause)}`)
  })
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) {
    throw new LoadFault('not-found', `the prepared component is damaged: ${file.name} is not what was written`)
  }
  return bytes
}
