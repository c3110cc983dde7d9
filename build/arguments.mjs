// Command lines of the shell and the node: which arguments are paths. npm runs scripts in the repository's folder, so a
// relative path would otherwise mean another file than the one the person typed.

import { existsSync } from 'node:fs'
import { fromCaller } from './paths.mjs'

const takesPath = new Set(['--user-data-dir', '--creds'])
const takesText = new Set(['--nats', '--lattice', '--name', '--label'])

/** The same arguments with their relative paths made absolute. */
export function resolvePaths(args, { resolve = fromCaller, exists = existsSync } = {}) {
  return args.map((arg, i) => {
    const before = args[i - 1]
    if (takesText.has(before)) return arg
    if (takesPath.has(before)) return resolve(arg)
    const [option, value] = arg.split(/=(.*)/s)
    if (arg.startsWith('-')) return takesPath.has(option) && value !== undefined ? `${option}=${resolve(value)}` : arg
    return arg.endsWith('.wasm') || exists(resolve(arg)) ? resolve(arg) : arg
  })
}
