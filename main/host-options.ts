// Options of both programs about what the node does as a host of the lattice, under the names of wasmCloud's host (lattice.md 2.4):
// auctions, policy service, secrets backend, configuration service, health over HTTP. In the environment each has the name that
// v1 hosts know (`WASMCLOUD_…`). Text in, settings or a sentence out.

import { isIP } from 'node:net'

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
}

export const usualHostOptions: HostOptions = {
  bids: { components: true, providers: true },
  policy: undefined,
  secretsTopic: undefined,
  asksConfigService: false,
  httpAdmin: undefined,
}

export const hostTable = {
  'enable-component-auction': { type: 'string' },
  'enable-provider-auction': { type: 'string' },
  'policy-topic': { type: 'string' },
  'policy-changes-topic': { type: 'string' },
  'policy-timeout-ms': { type: 'string' },
  'secrets-topic': { type: 'string' },
  'config-service-enabled': { type: 'boolean' },
  'http-admin': { type: 'string' },
} as const

export const hostUsage = `  --enable-component-auction true|false, --enable-provider-auction true|false
                         bid for what the lattice wants to place; both true if not given
  --policy-topic SUBJECT ask the policy service there before each start, and before each call over the lattice
  --policy-changes-topic SUBJECT, --policy-timeout-ms N
                         where it changes its mind; how long it may take, 1000 if not given
  --secrets-topic PREFIX secrets come from the backends whose subjects begin so
  --config-service-enabled
                         ask the lattice's configuration service for credentials of registries at the start
  --http-admin IP:PORT   answer /livez and /readyz there over HTTP`

export interface HostLine {
  readonly flags: ReadonlySet<string>
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly env: Readonly<Record<string, string | undefined>>
}

export type ReadHostOptions =
  { readonly ok: true; readonly value: HostOptions } | { readonly ok: false; readonly why: string }

const defaultPolicyMs = 1_000
const mostPolicyMs = 60_000

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
  const timeout = text('policy-timeout-ms', 'POLICY_TIMEOUT')
  if (policyTopic === undefined && (changesTopic !== undefined || timeout !== undefined)) {
    throw new Mistake('--policy-changes-topic and --policy-timeout-ms need --policy-topic')
  }
  return {
    bids: {
      components: isOn('enable-component-auction', text('enable-component-auction', 'COMPONENT_AUCTION_ENABLED')),
      providers: isOn('enable-provider-auction', text('enable-provider-auction', 'PROVIDER_AUCTION_ENABLED')),
    },
    policy:
      policyTopic === undefined ? undefined : { topic: policyTopic, changesTopic, timeoutMs: policyTimeout(timeout) },
    secretsTopic: checkSubject('secrets-topic', text('secrets-topic', 'SECRETS_TOPIC')),
    asksConfigService:
      flags.has('config-service-enabled') || isOn('config-service-enabled', env['WASMCLOUD_CONFIG_SERVICE'], false),
    httpAdmin: readAddress(text('http-admin', 'HTTP_ADMIN')),
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

function policyTimeout(text: string | undefined): number {
  const ms = text === undefined ? defaultPolicyMs : Number(text)
  if (Number.isInteger(ms) && ms >= 1 && ms <= mostPolicyMs) return ms
  throw new Mistake(`--policy-timeout-ms is a whole number from 1 to ${mostPolicyMs}, not "${text ?? ''}"`)
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
