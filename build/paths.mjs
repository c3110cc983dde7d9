// Where things are in the repository, for the scripts in build/. Everything made lies in node_modules/.cache/tlos, out/
// and release/, so that a clone stays clean.

import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stop } from './say.mjs'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
export const cache = path.join(root, 'node_modules', '.cache', 'tlos')
export const out = path.join(root, 'out')

const require = createRequire(path.join(root, 'package.json'))

/** The folder of an installed package, whatever its `exports` say. */
export function packageFolder(name) {
  try {
    return path.dirname(require.resolve(`${name}/package.json`))
  } catch {
    throw new Stop(`the npm package ${name} is not installed; type npm ci first`)
  }
}

/** A path that a person typed: npm changes the working directory and leaves the person's own in INIT_CWD. */
export function fromCaller(typed) {
  return path.resolve(process.env.INIT_CWD ?? process.cwd(), typed)
}

/** True when this file is the one that node was started with. */
export function isMain(url) {
  return process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(url)
}
