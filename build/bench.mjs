// `npm run bench`: runs the entries of test/bench/ one after another, prints a table on stdout and writes the same as JSON
// into out/bench.json. Arguments pick entries by a part of their file name; with `--whole` those that a usual run cuts short
// run as long as their aim says.
//
// An entry is `test/bench/<name>.bench.mjs` or `.bench.ts` and exports
//   name    what is measured, in words
//   run     async (context) => rows; context: { setup, root, isWhole, emptyApp() , say(text), signal }
// A row is { name, value, unit, baseline?, ratio?, aim?, samples? }: `baseline` is what the value is compared with in the
// same run, `ratio` value/baseline (worked out here when absent), `aim` a number that the ratio, or else the value, should
// not exceed, `samples` how many measurements the value stands for; further fields go into the JSON as they are.

import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build as bundle } from 'esbuild'
import { build } from './build.mjs'
import { buildEmptyApp } from './empty-app.mjs'
import { isMain, out, root } from './paths.mjs'
import { main, say as sayAs, Stop } from './say.mjs'
import { ensureSetup } from './setup.mjs'

const say = (text) => sayAs('bench', text)
const folder = path.join(root, 'test', 'bench')
/** An entry that takes longer than this hangs. */
const limitMs = 600_000

/**
 * What the bundle must not change: scripts of the build stay modules of their own, and `import.meta.dirname` is the folder
 * of the source (`import.meta.url` is the bundle, which can be run).
 */
const asInTheTree = {
  name: 'as-in-the-tree',
  setup(bundler) {
    bundler.onResolve({ filter: /\/build\/[^/]+\.mjs$/ }, ({ path: wanted, resolveDir }) => ({
      path: pathToFileURL(path.resolve(resolveDir, wanted)).href,
      external: true,
    }))
    bundler.onLoad({ filter: /[\\/]test[\\/].*\.ts$/ }, async ({ path: file }) => ({
      contents: (await fs.readFile(file, 'utf8')).replaceAll('import.meta.dirname', JSON.stringify(path.dirname(file))),
      loader: 'ts',
    }))
  },
}

/** TypeScript entries are bundled first, with packages left where they are. */
async function load(file) {
  if (file.endsWith('.mjs')) return await import(pathToFileURL(file).href)
  const outfile = path.join(root, 'node_modules', '.cache', 'tlos', 'bench', `${path.basename(file, '.ts')}.mjs`)
  await bundle({
    entryPoints: [file],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    plugins: [asInTheTree],
    sourcemap: 'inline',
    logLevel: 'warning',
  })
  return await import(pathToFileURL(outfile).href)
}

/** A row with its ratio and whether it keeps its aim; throws on what is not a row. */
export function judge(row) {
  if (typeof row?.name !== 'string' || typeof row.unit !== 'string' || !Number.isFinite(row.value)) {
    throw new Error(`not a row: ${JSON.stringify(row)}`)
  }
  const ratio = row.ratio ?? (row.baseline > 0 ? row.value / row.baseline : undefined)
  const measured = ratio ?? row.value
  return { ...row, ratio, kept: row.aim === undefined ? undefined : measured <= row.aim }
}

const figure = (number) =>
  number === undefined ? '' : Math.abs(number) >= 100 ? number.toFixed(0) : Number(number.toPrecision(3)).toString()

/** The rows as a table in plain text. */
export function table(rows) {
  const lines = rows.map((row) => [
    row.name,
    `${figure(row.value)} ${row.unit}`,
    row.baseline === undefined ? '' : `${figure(row.baseline)} ${row.unit}`,
    row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}x`,
    row.samples === undefined ? '' : String(row.samples),
    row.aim === undefined
      ? ''
      : `${row.kept ? 'kept' : 'MISSED'} (${figure(row.aim)}${row.ratio === undefined ? '' : 'x'})`,
  ])
  const all = [['what', 'measured', 'baseline', 'ratio', 'samples', 'aim'], ...lines]
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)))
  const format = (line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')
  return [format(all[0]), widths.map((width) => '-'.repeat(width)).join('  '), ...all.slice(1).map(format)].join('\n')
}

async function runEntry(file, context) {
  const entry = await load(file)
  if (typeof entry.run !== 'function') throw new Error(`${path.relative(root, file)} exports no run`)
  say(entry.name ?? path.basename(file))
  const signal = AbortSignal.timeout(limitMs)
  const late = new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`took longer than ${limitMs / 1000} s`)), { once: true })
  })
  const rows = await Promise.race([entry.run({ ...context, signal }), late])
  return rows.map((row) => ({ entry: path.basename(file).split('.')[0], ...judge(row) }))
}

async function bench() {
  const filters = process.argv.slice(2).filter((argument) => argument !== '--whole')
  const isWhole = process.argv.includes('--whole')
  const files = (await fs.readdir(folder)).filter((name) => /\.bench\.(mjs|ts)$/.test(name)).sort()
  const chosen = files.filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
  if (chosen.length === 0) throw new Stop(`no entry of test/bench fits ${filters.join(' ')}`)
  const setup = await ensureSetup()
  Object.assign(process.env, setup.env)
  const rows = []
  const failures = []
  try {
    await build()
    let empty
    const context = { setup, root, isWhole, say, emptyApp: () => (empty ??= buildEmptyApp()) }
    for (const name of chosen) {
      try {
        rows.push(...(await runEntry(path.join(folder, name), context)))
      } catch (error) {
        failures.push({ entry: name, reason: error instanceof Error ? error.message : String(error) })
        say(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
      }
    }
  } finally {
    await setup.display?.stop()
  }
  const cpus = os.cpus()
  const machine = {
    cpu: cpus[0]?.model,
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    node: process.version,
    electron: setup.electron.version,
    platform: `${process.platform} ${os.release()}`,
  }
  await fs.mkdir(out, { recursive: true })
  const file = path.join(out, 'bench.json')
  await fs.writeFile(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), machine, rows, failures }, undefined, 2)}\n`,
  )
  process.stdout.write(`${table(rows)}\n`)
  say(`written to ${path.relative(root, file)}`)
  return failures.length === 0 ? 0 : 1
}

if (isMain(import.meta.url)) {
  // What an entry left open must not keep the process: the figures are out.
  await main('bench', bench)
  process.exit()
}
