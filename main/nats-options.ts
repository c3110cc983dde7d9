// How the command line and the environment say where the lattice's NATS servers are and how to sign in, with the names
// that wasmCloud hosts and `wash` use: `--nats-…` for both connections, `--ctl-…` and `--rpc-…` for one of them. Text in,
// settings or a sentence out; opens no file. Secrets come from files or the environment, so that no process list has them.

import path from 'node:path'
import type { NatsEnd, NatsSettings } from '../preload/contract.js'

const groups = ['nats', 'ctl', 'rpc'] as const
type Group = (typeof groups)[number]

/** Option after the group's name, field, and what kind of text it takes. */
const signInOptions = [
  ['user', 'user', 'text'],
  ['password-file', 'passwordFile', 'file'],
  ['token-file', 'tokenFile', 'file'],
  ['seed', 'seedFile', 'file'],
  ['jwt', 'jwtFile', 'file'],
  ['creds', 'credsFile', 'file'],
] as const
const tlsOptions = [
  ['tls-ca-file', 'caFile', 'file'],
  ['tls-cert-file', 'certFile', 'file'],
  ['tls-key-file', 'keyFile', 'file'],
] as const
/** Secrets themselves, taken from the environment only. */
const secrets = [
  ['password', 'password'],
  ['token', 'token'],
] as const

const urlOption = (group: Group): string => (group === 'nats' ? 'nats' : `${group}-nats`)

/** Rows of the option table, every one taking a text. */
export const natsOptionNames: readonly string[] = [
  ...groups.flatMap((group) => [
    urlOption(group),
    ...[...signInOptions, ...tlsOptions].map(([option]) => `${group}-${option}`),
  ]),
  'js-domain',
  'inbox-prefix',
  'ctl-topic-prefix',
]

export const natsUsage = `  --nats-user NAME --nats-password-file FILE | --nats-token-file FILE | --nats-creds FILE |
  --nats-seed FILE [--nats-jwt FILE]
                         how to sign in: one of these ways; the secret is in the file
  --nats-tls-ca-file FILE, --nats-tls-cert-file FILE, --nats-tls-key-file FILE
                         whom to trust, and who we are, in PEM
  --ctl-…, --rpc-…       each of the above for one connection only (--rpc-nats URL, --rpc-creds FILE):
                         control and events, or calls between components; without --rpc-… both are one
  --js-domain NAME       JetStream of this domain (leaf nodes)
  --inbox-prefix PREFIX  replies come to subjects that begin so
  --ctl-topic-prefix PREFIX
                         the lattice's control subjects begin so; wasmbus.ctl if not given
                         Every option can be in the environment: --nats-creds as TLOS_NATS_CREDS; there also
                         TLOS_NATS_PASSWORD and TLOS_NATS_TOKEN themselves`

/** As v1 hosts and wash have it. */
const controlPrefixVariable = 'WASMCLOUD_CTL_TOPIC_PREFIX'

const variable = (option: string): string => `TLOS_${option.toUpperCase().replaceAll('-', '_')}`

/** The environment without what says where to connect, and who one is there: for processes that are told it themselves. */
export function withoutNatsVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = new Set([
    controlPrefixVariable,
    // Two hosts of one key would be one host to everybody else.
    'WASMCLOUD_HOST_SEED',
    ...natsOptionNames.map(variable),
    ...groups.flatMap((group) => secrets.map(([secret]) => variable(`${group}-${secret}`))),
  ])
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)))
}

export interface NatsLine {
  /** The value of an option on the command line. */
  readonly option: (name: string) => string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths are meant from here. */
  readonly cwd: string
  /** A mistake, in words. */
  readonly refuse: (why: string) => never
}

/** Undefined: nothing says where a server is. */
export function readNatsSettings(line: NatsLine): NatsSettings | undefined {
  const textOf = (option: string): string | undefined => {
    const fromEnv = line.env[variable(option)]
    return line.option(option) ?? (fromEnv === '' ? undefined : fromEnv)
  }
  const common = readGroup(line, textOf, 'nats')
  const ctl = readGroup(line, textOf, 'ctl')
  const rpc = readGroup(line, textOf, 'rpc')
  const isApart = Object.keys(rpc).length > 0 || (common.url !== undefined && ctl.url !== undefined)
  const jsDomain = checkTokens(line, 'js-domain', textOf('js-domain'), false)
  const inboxPrefix = checkTokens(line, 'inbox-prefix', textOf('inbox-prefix'), true)
  const fromV1 = line.env[controlPrefixVariable]
  const prefix = textOf('ctl-topic-prefix') ?? (fromV1 === '' ? undefined : fromV1)
  const ctlTopicPrefix = checkTokens(line, 'ctl-topic-prefix', prefix, true)
  const first = merge(common, ctl)
  if (first.url === undefined) {
    const given = natsOptionNames.find((option) => line.option(option) !== undefined)
    if (given !== undefined) line.refuse(`--${given} says how to connect, but not where: --nats URL is missing`)
    return undefined
  }
  const second = merge(common.url === undefined ? first : common, rpc)
  return {
    ...first,
    url: first.url,
    ...(isApart ? { rpc: { ...second, url: second.url ?? first.url } } : {}),
    ...(jsDomain === undefined ? {} : { jsDomain }),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    ...(ctlTopicPrefix === undefined ? {} : { ctlTopicPrefix }),
  }
}

type Part = { readonly [K in keyof NatsEnd]?: NatsEnd[K] | undefined }

function readGroup(line: NatsLine, textOf: (option: string) => string | undefined, group: Group): Part {
  const part: Record<string, string> = {}
  const url = textOf(urlOption(group))
  if (url !== undefined) part['url'] = checkUrl(line, urlOption(group), url)
  for (const [option, field, kind] of [...signInOptions, ...tlsOptions]) {
    const text = textOf(`${group}-${option}`)
    if (text !== undefined) part[field] = kind === 'file' ? path.resolve(line.cwd, text) : text
  }
  for (const [secret, field] of secrets) {
    const text = line.env[variable(`${group}-${secret}`)]
    if (text !== undefined && text !== '') part[field] = text
  }
  const ways = [
    ['user', 'password', 'passwordFile'],
    ['token', 'tokenFile'],
    ['seedFile', 'jwtFile'],
    ['credsFile'],
  ].filter((fields) => fields.some((field) => part[field] !== undefined))
  if (ways.length > 1) {
    line.refuse(`--${group}-…: sign in by one way only, user and password, token, seed (with JWT), or credentials file`)
  }
  return part // its fields are those of the tables above
}

/** One connection's own settings before those of both; a way to sign in is taken whole, certificates not for `ws:`. */
function merge(common: Part, own: Part): Part {
  const isSigning = (field: string): boolean =>
    signInOptions.some(([, name]) => name === field) || secrets.some(([, name]) => name === field)
  const hasOwnWay = Object.keys(own).some(isSigning)
  const isPlain = own.url?.startsWith('ws:') === true
  const isTrust = (field: string): boolean => tlsOptions.some(([, name]) => name === field)
  const kept = Object.fromEntries(
    Object.entries(common).filter(([field]) => !(hasOwnWay && isSigning(field)) && !(isPlain && isTrust(field))),
  )
  return { ...kept, ...own }
}

function checkUrl(line: NatsLine, option: string, text: string): string {
  const schemes = ['ws:', 'wss:', 'nats:', 'tls:']
  let url: URL | undefined
  try {
    url = new URL(text)
  } catch {
    url = undefined
  }
  if (url === undefined || !schemes.includes(url.protocol) || url.hostname === '') {
    // Not shown: it may carry a password.
    line.refuse(`--${option} needs a URL like ws://host:8080, wss://host, nats://host:4222 or tls://host:4222`)
  }
  return text
}

/** Tokens of a subject: one, or several with dots between them. */
function checkTokens(line: NatsLine, option: string, text: string | undefined, isLong: boolean): string | undefined {
  if (text === undefined || /^[^\s.*>]{1,64}$/.test(text) || (isLong && /^[^\s.*>]+(\.[^\s.*>]+)+$/.test(text))) {
    return text
  }
  return line.refuse(
    `--${option} ${JSON.stringify(text)}: letters, digits, _ and -${isLong ? ', in parts with dots' : ''}`,
  )
}
