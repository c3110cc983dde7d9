// The command lines of both programs: the shell and the headless node. Text in, options or a sentence out; touches nothing.
// The shell's line is shared with Electron and Chromium, whose own switches are left to them.

import path from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { NatsSettings } from '../preload/contract.js'
import { grantForms, parseGrants } from './grant-text.js'
import { isLatticeName } from './lattice/protocol/subjects.js'
import { parseProviderPermissions, type ProviderPermission, providerUsage } from './provider-host/permissions.js'
import { type HostOptions, hostTable, hostUsage, readHostOptions } from './host-options.js'
import { type ImageOptions, imageTable, imageUsage, readImageOptions } from './image-options.js'
import { type NatsLine, natsOptionNames, natsUsage, readNatsSettings } from './nats-options.js'
import type { Grants } from './wasm/grants.js'

/** `print`: say this on stdout and end well. `refuse`: say it on stderr and end with code 2. */
export type Parsed<T> =
  | { readonly kind: 'run'; readonly options: T }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'refuse'; readonly text: string }

interface CommonOptions {
  readonly name: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly heartbeatMs: number | undefined
  /** What components get on this node in this run, by id. */
  readonly grants: ReadonlyMap<string, Grants>
  /** Providers that the lattice may start on this node in this run. */
  readonly providers: readonly ProviderPermission[]
  /** Where images may come from. */
  readonly images: ImageOptions
  /** What it does as a host of the lattice. */
  readonly host: HostOptions
}

export interface ShellOptions extends CommonOptions {
  /** Undefined: `default`. */
  readonly lattice: string | undefined
  /** Undefined: a lattice of one's own on an embedded server. May carry credentials. */
  readonly nats: NatsSettings | undefined
  /** Start local nodes beside the desktop? */
  readonly demo: boolean
  readonly userDataDir: string | undefined
  /** The shell is the whole desktop of a login session. */
  readonly session: boolean
  /** Absolute paths of components to install and start. */
  readonly files: readonly string[]
}

export interface NodeOptions extends CommonOptions {
  readonly lattice: string
  readonly nats: NatsSettings
  /** Where the node keeps its identity and its images; undefined: nothing is kept. */
  readonly stateDir: string | undefined
  /** What the server is called in those files; undefined: by its address. */
  readonly serverName: string | undefined
}

const grantUsage = `  --grant ID:KIND=VALUE  let component ID reach something, on this node, in this run; may be repeated:
${grantForms.map((form) => `                           ID:${form}`).join('\n')}`

const shellUsage = (command: string): string => `Usage: ${command} [options] [file.wasm ...]

Opens the tLOS shell. Without --nats it runs a lattice of its own.

  --lattice NAME         the lattice to join (letters, digits, _ and -)
  --nats URL             NATS server to join: ws://, wss://, nats:// or tls://
${natsUsage}
  --no-demo              start no local nodes beside this desktop
  --user-data-dir DIR    keep everything in DIR
  --name NAME            friendly name of this desktop on the lattice
  --label KEY=VALUE      label of this desktop; may be repeated; or WASMCLOUD_LABEL_KEY in the environment
  --heartbeat-ms N       time between heartbeats
  --session              fill the screen, as the desktop of a login session
${imageUsage}
${grantUsage}
${providerUsage}
${hostUsage}
  --help, --version`

const nodeUsage = `Usage: npm run node -- --nats URL [options]
       npm run node -- capture replay FILE

Runs a lattice node without a window. Prints one line of JSON when it is ready; ends on SIGTERM.

  --nats URL             NATS server to join: ws://, wss://, nats:// or tls://
${natsUsage}
  --lattice NAME         the lattice to join (letters, digits, _ and -), "default" if not given
  --name NAME            friendly name of the node
  --label KEY=VALUE      label of the node; may be repeated; or WASMCLOUD_LABEL_KEY in the environment
  --heartbeat-ms N       time between heartbeats
  --state-dir DIR        keep identity, images, what runs, and the memory of unmodified actors when it ends, in DIR; without
                         it the node is a new one each time
  --server-name NAME     what these files call the server, whose address is then free to change
${imageUsage}
${grantUsage}
${providerUsage}
${hostUsage}
  --help, --version`

/** A label in the environment, as v1 hosts take it; one on the command line stands above it. */
const labelVariable = 'WASMCLOUD_LABEL_'

type OptionTable = NonNullable<ParseArgsConfig['options']>

const common = {
  lattice: { type: 'string' },
  ...Object.fromEntries(natsOptionNames.map((option) => [option, { type: 'string' } as const])),
  name: { type: 'string' },
  label: { type: 'string', multiple: true },
  'heartbeat-ms': { type: 'string' },
  grant: { type: 'string', multiple: true },
  'allow-provider': { type: 'string', multiple: true },
  ...imageTable,
  ...hostTable,
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const satisfies OptionTable

const shellTable = {
  ...common,
  'no-demo': { type: 'boolean' },
  'user-data-dir': { type: 'string' },
  session: { type: 'boolean' },
} as const satisfies OptionTable

const nodeTable = {
  ...common,
  'state-dir': { type: 'string' },
  'server-name': { type: 'string' },
} as const satisfies OptionTable

/** A mistake on the command line, in words. */
class Refusal extends Error {}

interface Line {
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly flags: ReadonlySet<string>
  readonly positionals: readonly string[]
  /** Options that are not ours, as written. */
  readonly foreign: readonly string[]
}

function readLine(args: readonly string[], table: OptionTable): Line {
  const { tokens } = parseArgs({ args: [...args], options: table, strict: false, allowPositionals: true, tokens: true })
  const texts = new Map<string, string[]>()
  const flags = new Set<string>()
  const positionals: string[] = []
  const foreign: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const type = Object.hasOwn(table, token.name) ? table[token.name]?.type : undefined
    if (type === undefined) foreign.push(token.rawName)
    else if (type === 'boolean') {
      if (token.value !== undefined) throw new Refusal(`${token.rawName} takes no value`)
      flags.add(token.name)
    } else {
      const isMissing = token.value === undefined || token.value === ''
      if (isMissing || (!token.inlineValue && token.value?.startsWith('-') === true)) {
        throw new Refusal(`${token.rawName} needs a value`)
      }
      const before = texts.get(token.name) ?? []
      if (before.length > 0 && table[token.name]?.multiple !== true)
        throw new Refusal(`${token.rawName} is given twice`)
      texts.set(token.name, [...before, token.value ?? ''])
    }
  }
  return { texts, flags, positionals, foreign }
}

/** Number of single-character edits from one word to the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function closest(rawName: string, table: OptionTable): string | undefined {
  const name = rawName.replace(/^-+/, '')
  return Object.keys(table).find((known) => distance(name, known) <= (known.length > 4 ? 2 : 1))
}

const one = (line: Line, name: string): string | undefined => line.texts.get(name)?.[0]

/** A lattice name is one token of a NATS subject. */
function checkLattice(name: string): string {
  if (isLatticeName(name)) return name
  throw new Refusal(`"${name}" is no lattice name: letters, digits, _ and - only, at most 128`)
}

function readNats(line: Line, cwd: string, env: NatsLine['env']): NatsSettings | undefined {
  const refuse = (why: string): never => {
    throw new Refusal(why)
  }
  return readNatsSettings({ option: (name) => one(line, name), env, cwd, refuse })
}

function readCommon(line: Line, { cwd, env = {} }: Pick<ShellLine, 'cwd' | 'env'>): CommonOptions {
  const labels: Record<string, string> = {}
  for (const [variable, value] of Object.entries(env)) {
    const key = variable.startsWith(labelVariable) ? variable.slice(labelVariable.length) : ''
    if (key !== '' && key !== '__proto__' && value !== undefined) labels[key] = value
  }
  for (const text of line.texts.get('label') ?? []) {
    const at = text.indexOf('=')
    const key = text.slice(0, at)
    if (at < 1 || /\s/.test(key) || key === '__proto__') throw new Refusal(`--label ${text}: a label is KEY=VALUE`)
    labels[key] = text.slice(at + 1)
  }
  const name = one(line, 'name')
  // Control characters would garble every place where the name is shown.
  if (name !== undefined && (/\p{Cc}/u.test(name) || name.trim() === '' || name.length > 64)) {
    throw new Refusal('--name is 1 to 64 printable characters')
  }
  const beat = one(line, 'heartbeat-ms')
  const heartbeatMs = beat === undefined ? undefined : Number(beat)
  if (heartbeatMs !== undefined && !(Number.isInteger(heartbeatMs) && heartbeatMs >= 50 && heartbeatMs <= 3_600_000)) {
    throw new Refusal(`--heartbeat-ms is a whole number from 50 to 3600000, not "${beat ?? ''}"`)
  }
  const grants = parseGrants(line.texts.get('grant') ?? [], cwd)
  if (!grants.ok) throw new Refusal(grants.why)
  const providers = parseProviderPermissions(line.texts.get('allow-provider') ?? [])
  if (!providers.ok) throw new Refusal(providers.why)
  const images = readImageOptions({ ...line, env, cwd })
  if (!images.ok) throw new Refusal(images.why)
  const host = readHostOptions({ ...line, env })
  if (!host.ok) throw new Refusal(host.why)
  return {
    name,
    labels,
    heartbeatMs,
    grants: grants.value,
    images: images.value,
    providers: providers.value,
    host: host.value,
  }
}

function parse<T>(usage: string, version: string, read: () => T | 'help' | 'version'): Parsed<T> {
  try {
    const options = read()
    if (options === 'help') return { kind: 'print', text: usage }
    if (options === 'version') return { kind: 'print', text: `tlos ${version}` }
    return { kind: 'run', options }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'refuse', text: `${error.message}\n\n${usage}` }
  }
}

export interface ShellLine {
  /** `process.argv` without its first entry. */
  readonly args: readonly string[]
  /** Relative paths are meant from here. */
  readonly cwd: string
  readonly version: string
  /** Some options may be in variables; absent: none are. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Under `electron FOLDER` (a clone), the folder of the app: an argument of Electron's. Undefined when installed. */
  readonly appPath?: string | undefined
}

/** Electron's `-r FILE`: Playwright gives it, and the file is no component. */
function withoutRequires(args: readonly string[]): string[] {
  return args.filter((arg, index) => {
    const before = args[index - 1]
    return !['-r', '--require'].includes(arg) && !(before !== undefined && ['-r', '--require'].includes(before))
  })
}

export function parseShellOptions(line: ShellLine): Parsed<ShellOptions> {
  const usage = shellUsage(line.appPath === undefined ? 'tlos' : 'npm start --')
  return parse(usage, line.version, () => {
    const read = readLine(withoutRequires(line.args), shellTable)
    if (read.flags.has('help')) return 'help'
    if (read.flags.has('version')) return 'version'
    for (const name of read.foreign) {
      const meant = closest(name, shellTable)
      if (meant !== undefined) throw new Refusal(`there is no option ${name}; did you mean --${meant}?`)
    }
    const paths = read.positionals.map((text) => path.resolve(line.cwd, text))
    // Only once, and only where Electron puts it: before everything of ours.
    const files = line.appPath !== undefined && paths[0] === path.resolve(line.appPath) ? paths.slice(1) : paths
    for (const file of files) {
      if (!file.endsWith('.wasm')) throw new Refusal(`${file} is no component: give the path of a .wasm file`)
    }
    const lattice = one(read, 'lattice')
    const userDataDir = one(read, 'user-data-dir')
    return {
      ...readCommon(read, line),
      lattice: lattice === undefined ? undefined : checkLattice(lattice),
      nats: readNats(read, line.cwd, line.env ?? {}),
      demo: !read.flags.has('no-demo'),
      userDataDir: userDataDir === undefined ? undefined : path.resolve(line.cwd, userDataDir),
      session: read.flags.has('session'),
      files,
    }
  })
}

export interface NodeLine {
  /** `process.argv` without its first two entries. */
  readonly args: readonly string[]
  readonly cwd: string
  readonly version: string
  /** Some options may be in variables; absent: none are. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

export function parseNodeOptions(line: NodeLine): Parsed<NodeOptions> {
  return parse(nodeUsage, line.version, () => {
    const read = readLine(line.args, nodeTable)
    if (read.flags.has('help')) return 'help'
    if (read.flags.has('version')) return 'version'
    const [name] = read.foreign
    if (name !== undefined) {
      const meant = closest(name, nodeTable)
      throw new Refusal(`there is no option ${name}${meant === undefined ? '' : `; did you mean --${meant}?`}`)
    }
    const [extra] = read.positionals
    if (extra !== undefined) throw new Refusal(`"${extra}" is not expected here`)
    const nats = readNats(read, line.cwd, line.env ?? {})
    if (nats === undefined) throw new Refusal('--nats URL is missing: a node needs a lattice to join')
    const stateDir = one(read, 'state-dir')
    return {
      ...readCommon(read, line),
      lattice: checkLattice(one(read, 'lattice') ?? 'default'),
      nats,
      stateDir: stateDir === undefined ? undefined : path.resolve(line.cwd, stateDir),
      serverName: one(read, 'server-name'),
    }
  })
}
