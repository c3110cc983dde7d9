// Options of both programs about what the node does as a host of the lattice, under the names of wasmCloud's host (lattice.md 2.4):
// auctions, policy service, secrets backend, configuration service, health over HTTP, its key, and what it lets components and
// providers have. In the environment each has the name that v1 hosts know (`WASMCLOUD_…`). Text in, settings or a sentence out.

import { isIP } from 'node:net'
import { type NodeLimits, noNodeLimits } from './actors/limits.js'
import { keyFromSeed, type KeyKind } from './lattice/nkeys.js'

export interface PolicySettings {
  /** Where every start and every call from outside is asked for. */
  readonly topic: string
  /** Where the policy service changes what it decided. */
  readonly changesTopic: string | undefined
  readonly timeoutMs: number
}

export interface HttpAdminAddress {
  readonly host: string
  readonly port: number
}

export interface HostOptions {
  /** Does this node bid for components, for providers? */
  readonly bids: { readonly components: boolean; readonly providers: boolean }
  /** Undefined: everything is permitted. */
  readonly policy: PolicySettings | undefined
  /** What subjects of secrets backends begin with; undefined: there is none. */
  readonly secretsTopic: string | undefined
  /** Ask for credentials of registries at the start. */
  readonly asksConfigService: boolean
  /** Where to say over HTTP that the node lives. */
  readonly httpAdmin: HttpAdminAddress | undefined
  /** Seed of the node's key for this run, checked; undefined: the one it keeps. Secret. */
  readonly seed: string | undefined
  /** The most that components get here. */
  readonly limits: NodeLimits
  /** Of one component; undefined: the usual. */
  readonly componentBytes: number | undefined
  /** Longest wait for a provider's answer, told to providers as the limit of their own calls; undefined: the usual. */
  readonly rpcTimeoutMs: number | undefined
  /** Longest wait for a provider that was told to end; undefined: the usual. */
  readonly providerShutdownMs: number | undefined
}

export const usualHostOptions: HostOptions = {
  bids: { components: true, providers: true },
  policy: undefined,
  secretsTopic: undefined,
  asksConfigService: false,
  httpAdmin: undefined,
  seed: undefined,
  limits: noNodeLimits,
  componentBytes: undefined,
  rpcTimeoutMs: undefined,
  providerShutdownMs: undefined,
}

/** Whole numbers by option: variable after `WASMCLOUD_`, least and most. */
const numbers = {
  'policy-timeout-ms': ['POLICY_TIMEOUT', 1, 60_000],
  'rpc-timeout-ms': ['RPC_TIMEOUT_MS', 1, 600_000],
  'provider-shutdown-delay-ms': ['PROV_SHUTDOWN_DELAY_MS', 1, 60_000],
  'max-execution-time-ms': ['MAX_EXECUTION_TIME_MS', 1, 2 ** 31 - 1],
  // A page of a memory at least; all that 32 bits can address at most.
  'max-linear-memory-bytes': ['MAX_LINEAR_MEMORY', 65_536, 2 ** 32],
  // At most what the runtime prepares.
  'max-component-size-bytes': ['MAX_COMPONENT_SIZE', 1, 100 * 1024 * 1024],
  'max-components': ['MAX_COMPONENTS', 0, 1_000_000],
} as const

export const hostTable = {
  'enable-component-auction': { type: 'string' },
  'enable-provider-auction': { type: 'string' },
  'policy-topic': { type: 'string' },
  'policy-changes-topic': { type: 'string' },
  'secrets-topic': { type: 'string' },
  'config-service-enabled': { type: 'boolean' },
  'http-admin': { type: 'string' },
  'host-seed': { type: 'string' },
  ...Object.fromEntries(Object.keys(numbers).map((option) => [option, { type: 'string' } as const])),
} as const

export const hostUsage = `  --enable-component-auction true|false, --enable-provider-auction true|false
                         bid for what the lattice wants to place; both true if not given
  --policy-topic SUBJECT ask the policy service there before each start, and before each call over the lattice
  --policy-changes-topic SUBJECT, --policy-timeout-ms N
                         where it changes its mind; how long it may take, 1000 if not given
  --secrets-topic PREFIX secrets come from the backends whose subjects begin so
  --config-service-enabled
                         ask the lattice's configuration service for credentials of registries at the start
  --http-admin IP:PORT   answer /livez and /readyz there over HTTP
  --host-seed SEED       be the host of this key (SN…) in this run; others on this machine see a command line, so better
                         in WASMCLOUD_HOST_SEED
  --max-execution-time-ms N, --max-linear-memory-bytes N
                         what a component gets and the most it can ask for: time of one call, bytes of one memory
  --max-component-size-bytes N, --max-components N
                         larger components, and more of them, are refused; 50 MiB, and as many as fit, if not given
  --rpc-timeout-ms N     how long a provider may take to answer, and its own calls; 2000 if not given
  --provider-shutdown-delay-ms N
                         how long a provider that was told to end may take before it is ended; 300 if not given
                         Each of these can be in the environment as v1 hosts have it: --max-components as
                         WASMCLOUD_MAX_COMPONENTS, memory as …_MAX_LINEAR_MEMORY, size as …_MAX_COMPONENT_SIZE, the delay
                         as …_PROV_SHUTDOWN_DELAY_MS`

export interface HostLine {
  readonly flags: ReadonlySet<string>
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly env: Readonly<Record<string, string | undefined>>
}

export type ReadHostOptions =
  { readonly ok: true; readonly value: HostOptions } | { readonly ok: false; readonly why: string }

const defaultPolicyMs = 1_000

/** A mistake, in words; caught here. */
class Mistake extends Error {}

export function readHostOptions(line: HostLine): ReadHostOptions {
  try {
    return { ok: true, value: read(line) }
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, why: error.message }
    throw error
  }
}

function read({ flags, texts, env }: HostLine): HostOptions {
  const text = (name: string, variable: string): string | undefined =>
    texts.get(name)?.[0] ?? (env[`WASMCLOUD_${variable}`] || undefined)

  const policyTopic = checkSubject('policy-topic', text('policy-topic', 'POLICY_TOPIC'))
  const changesTopic = checkSubject('policy-changes-topic', text('policy-changes-topic', 'POLICY_CHANGES_TOPIC'))
  const number = (option: keyof typeof numbers): number | undefined => {
    const [variable, least, most] = numbers[option]
    return readWhole(option, text(option, variable), least, most)
  }
  const timeout = number('policy-timeout-ms')
  if (policyTopic === undefined && (changesTopic !== undefined || timeout !== undefined)) {
    throw new Mistake('--policy-changes-topic and --policy-timeout-ms need --policy-topic')
  }
  return {
    bids: {
      components: isOn('enable-component-auction', text('enable-component-auction', 'COMPONENT_AUCTION_ENABLED')),
      providers: isOn('enable-provider-auction', text('enable-provider-auction', 'PROVIDER_AUCTION_ENABLED')),
    },
    policy:
      policyTopic === undefined
        ? undefined
        : { topic: policyTopic, changesTopic, timeoutMs: timeout ?? defaultPolicyMs },
    secretsTopic: checkSubject('secrets-topic', text('secrets-topic', 'SECRETS_TOPIC')),
    asksConfigService:
      flags.has('config-service-enabled') || isOn('config-service-enabled', env['WASMCLOUD_CONFIG_SERVICE'], false),
    httpAdmin: readAddress(text('http-admin', 'HTTP_ADMIN')),
    seed: checkSeed(text('host-seed', 'HOST_SEED')),
    limits: {
      callMs: number('max-execution-time-ms'),
      memoryBytes: number('max-linear-memory-bytes'),
      components: number('max-components'),
    },
    componentBytes: number('max-component-size-bytes'),
    rpcTimeoutMs: number('rpc-timeout-ms'),
    providerShutdownMs: number('provider-shutdown-delay-ms'),
  }
}

function isOn(option: string, text: string | undefined, otherwise = true): boolean {
  if (text === undefined || text === '') return otherwise
  if (/^(?:true|1|yes|on)$/i.test(text)) return true
  if (/^(?:false|0|no|off)$/i.test(text)) return false
  throw new Mistake(`--${option} is true or false, not "${text}"`)
}

/** To be published to, so without wildcards; as strict as v1 hosts. */
function checkSubject(option: string, text: string | undefined): string | undefined {
  if (text === undefined || /^(?:[\w-]+\.)*[\w-]+$/.test(text)) return text
  throw new Mistake(`--${option} "${text}" is no subject: letters, digits, _ and -, in parts with dots`)
}

function readWhole(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1
  if (value >= least && value <= most) return value
  throw new Mistake(`--${option} is a whole number from ${least} to ${most}, not "${text}"`)
}

/** Never shown: it is a secret, also when it is mistyped. */
function checkSeed(text: string | undefined): string | undefined {
  if (text === undefined || kindOfSeed(text) === 'server') return text
  throw new Mistake(
    '--host-seed is no seed of a host: SN and 56 more letters and digits, as `wash keys gen server` makes',
  )
}

function kindOfSeed(text: string): KeyKind | undefined {
  try {
    return keyFromSeed(text).kind
  } catch {
    // No seed at all.
    return undefined
  }
}

function readAddress(text: string | undefined): HttpAdminAddress | undefined {
  if (text === undefined) return undefined
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = v6 ?? v4
  const port = Number(digits)
  if (host === undefined || isIP(host) !== (v6 === undefined ? 4 : 6) || port > 65_535) {
    throw new Mistake(`--http-admin is an address like 127.0.0.1:8081 or [::1]:8081, not "${text}"`)
  }
  return { host, port }
}
