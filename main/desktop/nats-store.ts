// JetStream's folder: what cannot be used is moved aside and named, so that the server can start and nothing is lost.

import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'

const stamp = (): string => new Date().toISOString().replace(/[:.]/g, '-')

/** Moves the whole store to `STORE.broken-TIME`. Resolves to that path. */
export async function moveStoreAside(storeDir: string): Promise<string> {
  const to = `${storeDir}.broken-${stamp()}`
  await rename(storeDir, to)
  return to
}

/**
 * Folders of streams that the server left out when it started. It says so with a warning and goes on without them; the
 * next one to create a stream of that name would write over what is left of the old one.
 */
export function damagedStreams(storeDir: string, startLines: readonly string[]): readonly string[] {
  const folders = new Set<string>()
  for (const line of startLines) {
    const file = /\[WRN\].*"([^"]+)\/meta\.(?:inf|sum)"/.exec(line)?.[1]
    if (file === undefined) continue
    const inside = path.relative(storeDir, file)
    const isStream = /^jetstream\/[^/]+\/streams\/[^/]+$/.test(inside.split(path.sep).join('/'))
    if (isStream && !inside.startsWith('..')) folders.add(file)
  }
  return [...folders]
}

/** Moves these stream folders to `STORE.broken-TIME/NAME`. The server must not run. Resolves to the folder they are in. */
export async function moveStreamsAside(storeDir: string, folders: readonly string[]): Promise<string> {
  const to = `${storeDir}.broken-${stamp()}`
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const folder of folders) await rename(folder, path.join(to, path.basename(folder)))
  return to
}
