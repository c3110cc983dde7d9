// Bundles the three entries of the component runtime (pool process, worker, transpile child) for plain Node, as one file
// each. Used by the component build and by tests; the app's own bundles are made by electron-vite with the same aliases.

import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules/@bytecodealliance')
const shim = join(modules, 'preview2-shim/dist/browser')

/**
 * Under Node the package would give its build for Node, which starts a thread and reaches files and sockets. The runtime
 * wants the browser's, which reaches nothing.
 */
export const browserShimAliases = Object.fromEntries([
  ...['cli', 'clocks', 'filesystem', 'http', 'io', 'random', 'sockets'].map((name) => [
    `@bytecodealliance/preview2-shim/${name}`,
    join(shim, `${name}.js`),
  ]),
  ['@bytecodealliance/preview2-shim', join(shim, 'index.js')],
])

/** Must lie beside the transpile bundle. */
export const transpilerWasm = ['core.wasm', 'core2.wasm'].map((tail) =>
  join(modules, `jco-transpile/vendor/js-component-bindgen-component.${tail}`),
)

const entries = { pool: 'pool.ts', worker: 'worker.ts', transpile: 'transpile-child.ts' }

/** Writes `<name>.cjs` for each entry into `folder` and gives their paths by name. */
export async function bundleWasmEntries(folder) {
  mkdirSync(folder, { recursive: true })
  await build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, file]) => ({ in: join('main/wasm', file), out })),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    alias: browserShimAliases,
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  })
  for (const file of transpilerWasm) copyFileSync(file, join(folder, file.slice(file.lastIndexOf('/') + 1)))
  return Object.fromEntries(Object.keys(entries).map((name) => [name, join(folder, `${name}.cjs`)]))
}
