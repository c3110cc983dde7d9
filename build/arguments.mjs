// Command lines of the shell and the node: which arguments are paths. npm runs scripts in the repository's folder, so a
// relative path would otherwise mean another file than the one the person typed.

import { existsSync } from 'node:fs'
import { fromCaller } from './paths.mjs'

/** Of main/options.ts, main/nats-options.ts and main/image-options.ts. */
const takesPath = /^--(?:user-data-dir|state-dir|oci-ca-file|(?:nats|ctl|rpc)-(?:creds|seed|jwt|[a-z-]+-file))$/
const takesText = new Set(['--nats', '--lattice', '--name', '--label'])
/** Words of a command, not files of that name. */
const words = ['capture', 'replay']

/** The same arguments with their relative paths made absolute. */
export function resolvePaths(args, { resolve = fromCaller, exists = existsSync } = {}) {
  return args.map((arg, i) => {
    const before = args[i - 1] ?? ''
    if (arg === words[i] && args[0] === words[0]) return arg
    if (takesText.has(before)) return arg
    if (takesPath.test(before)) return resolve(arg)
    const [option, value] = arg.split(/=(.*)/s)
    if (arg.startsWith('-')) return takesPath.test(option) && value !== undefined ? `${option}=${resolve(value)}` : arg
    return arg.endsWith('.wasm') || exists(resolve(arg)) ? resolve(arg) : arg
  })
}
