// Provider archives for tests, made as `wash par create` makes them: a tar, gzipped or not, with one executable per machine.

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { create } from 'tar'

/** As this machine is called in an archive. */
export const thisTarget = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-${process.platform === 'darwin' ? 'macos' : 'linux'}`

export interface Archives {
  readonly folder: string
  /** Resolves to the archive's `file://` reference. */
  add(
    name: string,
    entries: Readonly<Record<string, string | Uint8Array>>,
    options?: { gzip: boolean },
  ): Promise<string>
  close(): Promise<void>
}

export async function openArchives(): Promise<Archives> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-archives-'))
  return {
    folder,
    async add(name, entries, options = { gzip: false }) {
      const cwd = await mkdtemp(path.join(folder, 'entries-'))
      for (const [entry, content] of Object.entries(entries)) {
        await writeFile(path.join(cwd, entry), content)
        await chmod(path.join(cwd, entry), 0o755)
      }
      const file = path.join(folder, name)
      await create({ cwd, file, gzip: options.gzip }, Object.keys(entries))
      return pathToFileURL(file).href
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A script of these words as an executable of this machine; without an environment there is no PATH to find Node on. */
export const script = (words: string): string => `#!${process.execPath}\n${words}\n`

/** `test/fixtures-provider` with all that it needs in one file. */
export async function buildTestProvider(): Promise<string> {
  const built = await build({
    entryPoints: [path.resolve(import.meta.dirname, '../fixtures-provider/provider.mjs')],
    bundle: true,
    platform: 'node',
    // A file without an ending is no module.
    format: 'cjs',
    target: 'node18',
    write: false,
    logLevel: 'silent',
  })
  const [file] = built.outputFiles
  if (file === undefined) throw new Error('the test provider was not built')
  return file.text
}
