// Programs of tests as plain Node can run them: bundled into a folder, by name.

import path from 'node:path'
import { build } from 'esbuild'

/** Path of the bundle of `programs/NAME.ts`. */
export async function bundleProgram(name: string, folder: string): Promise<string> {
  const outfile = path.join(folder, `${name}.cjs`)
  await build({
    entryPoints: [path.join(import.meta.dirname, `${name}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18.15',
    outfile,
  })
  return outfile
}
