// Builds every component under components/ into out/components/<name>.wasm, lists them in index.json, and prepares each
// (transpiled glue and core modules) under prepared/, so that a desktop starts them without the transpiler. What did not
// change is not built again. Argument `--force`: build all.

import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, buildSync } from 'esbuild'
import { componentizeSource, engineOptions } from './componentize.mjs'
import { bundleWasmEntries } from './wasm-entries.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sources = join(root, 'components')
const sharedWit = join(root, 'wit')
const out = join(root, 'out/components')
const preparedDir = join(out, 'prepared')
const stampFile = join(out, '.stamps.json')

const versionOf = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version

/** Files below a folder with their paths, in a fixed order. */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .sort()
}

const hashFiles = (paths, seed) => {
  const hash = createHash('sha256').update(seed)
  for (const path of paths) hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path))
  return hash.digest('hex')
}

const buildScripts = ['components.mjs', 'componentize.mjs'].map((name) => join(root, 'build', name))

/** Everything but the component's own files that shapes its bytes. */
const toolSeed = hashFiles(
  [...filesIn(sharedWit), ...filesIn(join(sources, 'window-kit')), ...buildScripts],
  JSON.stringify([versionOf('componentize-qjs'), versionOf('esbuild'), engineOptions]),
)

/** What shapes the prepared form: the code that makes it, and the transpiler. */
const prepareSeed = hashFiles(
  [...filesIn(join(root, 'main/wasm')), join(root, 'preload/wit.ts'), join(root, 'build/wasm-entries.mjs')],
  versionOf('@bytecodealliance/jco-transpile'),
)

/** One folder with the component's WIT and, below deps/, everything it may refer to. */
function stageWit(id, folder) {
  cpSync(join(sources, id, 'wit'), folder, { recursive: true })
  cpSync(join(sharedWit, 'deps'), join(folder, 'deps'), { recursive: true })
  for (const file of readdirSync(sharedWit).filter((name) => name.endsWith('.wit'))) {
    const deps = join(folder, 'deps', `tlos-${file.replace('.wit', '')}`)
    mkdirSync(deps, { recursive: true })
    cpSync(join(sharedWit, file), join(deps, file))
  }
}

function leb(value) {
  const bytes = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest > 127 ? (rest % 128) + 128 : rest)
    if (rest <= 127) return bytes
  }
}

const utf8 = (text) => [...Buffer.from(text)]
const counted = (bytes) => [...leb(bytes.length), ...bytes]

/** A custom section, in the form `wasm-tools metadata add` gives it. */
const customSection = (name, content) => [0, ...counted([...counted(utf8(name)), ...content])]

function addMetadata(bytes, id, version) {
  const name = customSection('component-name', [0, ...counted(counted(utf8(id)))])
  return Buffer.concat([bytes, Buffer.from(name), Buffer.from(customSection('version', utf8(version)))])
}

async function buildComponent(id, manifest) {
  const folder = mkdtempSync(join(tmpdir(), 'tlos-component-'))
  try {
    stageWit(id, join(folder, 'wit'))
    const bundle = buildSync({
      absWorkingDir: root,
      entryPoints: [join('components', id, 'src', `${id}.ts`)],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      external: ['wasi:*', 'tlos:*'],
      logLevel: 'warning',
    })
    const component = await componentizeSource(join(folder, 'wit'), 'component', bundle.outputFiles[0].text)
    return addMetadata(component, id, manifest.version)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Opens the app's own runtime on the prepared folder: what ships is what it made itself. */
async function prepareAll(components) {
  const folder = mkdtempSync(join(tmpdir(), 'tlos-prepare-'))
  try {
    const entries = await bundleWasmEntries(folder)
    const bundled = join(folder, 'runtime.cjs')
    await build({
      absWorkingDir: root,
      entryPoints: ['main/wasm/runtime.ts'],
      outfile: bundled,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'warning',
    })
    const { openRuntime } = (await import(pathToFileURL(bundled).href)).default
    rmSync(preparedDir, { recursive: true, force: true })
    const runtime = await openRuntime({ cacheDir: preparedDir, entries })
    try {
      for (const { id, bytes } of components) {
        const started = performance.now()
        await runtime.prepare(bytes)
        console.log(`  ${id.padEnd(10)} prepared in ${(performance.now() - started).toFixed(0)} ms`)
      }
    } finally {
      await runtime.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readManifest(id) {
  const path = join(sources, id, 'component.json')
  const { title, version } = JSON.parse(readFileSync(path, 'utf8'))
  if (typeof title !== 'string' || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${relative(root, path)} must have a title and a version like 1.2.3`)
  }
  return { title, version }
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'))
  } catch {
    return {}
  }
}

async function main() {
  const isForced = process.argv.includes('--force')
  const ids = readdirSync(sources)
    .filter((id) => existsSync(join(sources, id, 'component.json')))
    .sort()
  mkdirSync(out, { recursive: true })
  const stamps = isForced ? {} : readStamps()
  const nextStamps = {}
  const built = []
  let isAnyNew = false

  console.log(`Components (${ids.length}) into ${relative(root, out)}:`)
  for (const id of ids) {
    const manifest = readManifest(id)
    const file = join(out, `${id}.wasm`)
    const stamp = hashFiles(filesIn(join(sources, id)), toolSeed)
    const isFresh = stamps[id] === stamp && existsSync(file)
    const started = performance.now()
    if (!isFresh) {
      writeFileSync(file, await buildComponent(id, manifest))
      isAnyNew = true
    }
    const bytes = readFileSync(file)
    const digest = createHash('sha256').update(bytes).digest('hex')
    const how = isFresh ? 'unchanged' : `built in ${(performance.now() - started).toFixed(0)} ms`
    console.log(
      `  ${id.padEnd(10)} ${(bytes.length / 1024).toFixed(0).padStart(6)} KiB  ${digest.slice(0, 12)}  ${how}`,
    )
    nextStamps[id] = stamp
    built.push({ id, bytes, digest, manifest })
  }

  const preparedStamp = createHash('sha256')
    .update(prepareSeed + built.map(({ digest }) => digest).join())
    .digest('hex')
  if (isAnyNew || stamps.prepared !== preparedStamp || !existsSync(preparedDir)) await prepareAll(built)

  const index = built.map(({ id, bytes, digest, manifest }) => ({
    id,
    file: `${id}.wasm`,
    digest,
    sizeBytes: bytes.length,
    name: id,
    version: manifest.version,
    title: manifest.title,
  }))
  writeFileSync(join(out, 'index.json'), `${JSON.stringify(index, undefined, 2)}\n`)
  writeFileSync(stampFile, JSON.stringify({ ...nextStamps, prepared: preparedStamp }))
}

main().catch((error) => {
  console.error(`The components were not built: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
  process.exitCode = 1
})
