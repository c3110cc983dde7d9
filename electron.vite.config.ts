// How main, preload and renderer are bundled. Entries are named here. Main's are CommonJS, because the oldest runtime
// (Electron 25: Node 18.15, Chrome 114) starts no ES module, and need no node_modules: headless nodes run `node.cjs` with
// plain Node. What several entries use lies in chunks; each entry loads only the chunks with modules it reaches.

import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

// electron-vite takes its defaults from the installed electron package (45) unless told the runtime that must also work.
process.env['ELECTRON_MAJOR_VER'] ??= '25'

const require = createRequire(import.meta.url)
const at = (...parts: string[]): string => path.resolve(import.meta.dirname, ...parts)
const outMain = at('out/main')

/** Files of out/main and the source each begins with. */
const mainEntries = {
  index: at('main/index.ts'),
  node: at('main/node.ts'),
  pool: at('main/wasm/pool.ts'),
  worker: at('main/wasm/worker.ts'),
  transpile: at('main/wasm/transpile-child.ts'),
}

/**
 * The WASI shim in its build for browsers: no thread, no files, nothing inherited from the process. Under the `node`
 * condition the package would give its other build.
 */
function browserBuildOfWasiShim(): Plugin {
  const shim = '@bytecodealliance/preview2-shim'
  const folder = path.resolve(path.dirname(require.resolve(shim)), '../browser')
  return {
    name: 'tlos:wasi-shim',
    enforce: 'pre',
    resolveId(source) {
      if (source === shim) return path.join(folder, 'index.js')
      return source.startsWith(`${shim}/`) ? path.join(folder, `${source.slice(shim.length + 1)}.js`) : undefined
    },
    transform(code, id) {
      // Browsers have a global `crypto`; Node has none before 19.
      const wants = id.startsWith(folder) && /\bcrypto\./.test(code)
      return wants ? { code: `import { webcrypto as crypto } from 'node:crypto';${code}`, map: null } : undefined
    },
  }
}

/** jco's transpiler loads its own core modules from beside its script, which after bundling is out/main. */
function copyTranspilerModules(): Plugin {
  return {
    name: 'tlos:transpiler-modules',
    apply: 'build',
    async writeBundle() {
      const vendor = path.dirname(require.resolve('@bytecodealliance/jco-transpile/component'))
      await mkdir(outMain, { recursive: true })
      const names = (await readdir(vendor)).filter((name) => /^js-component-bindgen.*\.wasm$/.test(name))
      if (names.length === 0) throw new Error(`no core modules of the transpiler in ${vendor}`)
      await Promise.all(names.map((name) => copyFile(path.join(vendor, name), path.join(outMain, name))))
    },
  }
}

export default defineConfig({
  main: {
    plugins: [browserBuildOfWasiShim(), copyTranspilerModules()],
    build: {
      outDir: outMain,
      target: 'node18.15',
      sourcemap: true,
      minify: false,
      externalizeDeps: false,
      rolldownOptions: {
        input: mainEntries,
        // Optional speed-ups of `ws`, native and not installed; it does without when they cannot be loaded.
        external: ['bufferutil', 'utf-8-validate'],
        onwarn(warning, warn) {
          // jco marks its own output with "use components", which means nothing to a bundler.
          if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
        },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      target: 'node18.15',
      sourcemap: true,
      minify: false,
      externalizeDeps: false,
      lib: { entry: at('preload/index.ts'), formats: ['cjs'] },
      // A sandboxed preload script can load no other file.
      rolldownOptions: { output: { entryFileNames: 'index.cjs', codeSplitting: false } },
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [react()],
    build: {
      outDir: at('out/renderer'),
      target: 'chrome114',
      sourcemap: true,
      minify: true,
      // The content policy of the page allows no data: fonts or scripts.
      assetsInlineLimit: 0,
      rolldownOptions: { input: at('renderer/index.html') },
    },
    server: { host: '127.0.0.1', port: 5199, strictPort: true },
  },
})
