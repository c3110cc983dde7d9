// Says whether something built is older than what it was built from. Inputs are compared by size and time first and by
// content only where these differ, so that a warm look costs milliseconds and a fresh checkout of the same text builds
// nothing.

import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { out, root } from './paths.mjs'

/** What is built, from what, and files that must be there for it to count as built. */
export const parts = {
  components: {
    // The prepared form is made by the runtime itself.
    inputs: [
      'components',
      'wit',
      'build/components.mjs',
      'build/wasm-entries.mjs',
      'main/wasm',
      'preload/wit.ts',
      'package-lock.json',
    ],
    outputs: ['out/components/index.json'],
  },
  app: {
    inputs: ['main', 'preload', 'renderer', 'electron.vite.config.ts', 'tsconfig.base.json', 'package-lock.json'],
    outputs: ['out/main/index.cjs', 'out/main/node.cjs', 'out/preload/index.cjs', 'out/renderer/index.html'],
  },
}

const stampFile = (name) => path.join(out, `.${name}.stamp.json`)

async function filesUnder(input) {
  const full = path.join(root, input)
  const stat = await fs.stat(full).catch(() => undefined)
  if (stat === undefined) return []
  if (stat.isFile()) return [{ name: input, size: stat.size, mtimeMs: stat.mtimeMs }]
  const entries = await fs.readdir(full)
  return (await Promise.all(entries.map((entry) => filesUnder(`${input}/${entry}`)))).flat()
}

const contentOf = async (name) =>
  createHash('sha256')
    .update(await fs.readFile(path.join(root, name)))
    .digest('hex')

const listInputs = async (name) => (await Promise.all(parts[name].inputs.map(filesUnder))).flat()

async function readStamp(name) {
  try {
    return JSON.parse(await fs.readFile(stampFile(name), 'utf8'))
  } catch {
    return undefined
  }
}

/** True when this part has to be built. */
export async function isStale(name) {
  const present = parts[name].outputs.map((file) => fs.access(path.join(root, file)))
  if ((await Promise.allSettled(present)).some((result) => result.status === 'rejected')) return true
  const stamp = await readStamp(name)
  if (stamp === undefined) return true
  const now = await listInputs(name)
  if (now.length !== Object.keys(stamp).length) return true
  for (const { name: file, size, mtimeMs } of now) {
    const was = stamp[file]
    if (was === undefined || was.size !== size) return true
    if (was.mtimeMs !== mtimeMs && was.content !== (await contentOf(file))) return true
  }
  return false
}

/** What the inputs of a part are now: taken before building, so that a change while it builds is not missed. */
export async function takeStamp(name) {
  const inputs = await listInputs(name)
  const entries = inputs.map(async ({ name: file, size, mtimeMs }) => [
    file,
    { size, mtimeMs, content: await contentOf(file) },
  ])
  return Object.fromEntries(await Promise.all(entries))
}

/** Remembers that a part was built from these inputs. */
export async function putStamp(name, stamp) {
  const draft = `${stampFile(name)}.${process.pid}`
  await fs.mkdir(out, { recursive: true })
  await fs.writeFile(draft, JSON.stringify(stamp))
  await fs.rename(draft, stampFile(name))
}

export async function dropStamp(name) {
  await fs.rm(stampFile(name), { force: true })
}
