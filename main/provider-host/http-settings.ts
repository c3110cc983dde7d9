// What configurations say to the builtin HTTP server (lattice.md 6.2), under the names of the v1 provider, in any case. Values
// that cannot be are words for a person; nothing here listens. Pure.

export type RoutingMode = 'address' | 'path' | 'host'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

export interface HttpServerSettings {
  readonly mode: RoutingMode
  readonly defaultAddress: ListenAddress
  /** In lower case: the header whose value chooses the component in the mode `host`. */
  readonly header: string
}

export interface HttpLinkSettings {
  readonly address: ListenAddress | undefined
  readonly path: string | undefined
  readonly host: string | undefined
  readonly timeoutMs: number | undefined
  readonly isReadonly: boolean
  readonly cacheControl: string | undefined
  readonly cors: CorsSettings | undefined
}

export interface CorsSettings {
  /** `*`: any. */
  readonly origins: readonly string[]
  readonly headers: readonly string[]
  readonly methods: readonly string[]
  readonly exposed: readonly string[]
  readonly maxAgeSeconds: number
}

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

type Values = Readonly<Record<string, string>>

/** A setting that cannot be taken, in words. */
class Unfit extends Error {}

function read<T>(given: Values, parse: (values: ReadonlyMap<string, string>) => T): Read<T> {
  try {
    return { ok: true, value: parse(new Map(Object.entries(given).map(([key, value]) => [key.toLowerCase(), value]))) }
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    return { ok: false, why: error.message }
  }
}

export function readHttpServerSettings(given: Values): Read<HttpServerSettings> {
  return read(given, (values) => {
    const mode = values.get('routing_mode')?.toLowerCase() ?? 'address'
    if (mode !== 'address' && mode !== 'path' && mode !== 'host') {
      throw new Unfit(`routing_mode is address, path or host, not "${mode}"`)
    }
    const header = (values.get('header') ?? 'host').toLowerCase()
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]{1,64}$/.test(header)) throw new Unfit(`"${header}" is no name of a header`)
    return { mode, header, defaultAddress: parseAddress(values.get('default_address') ?? '0.0.0.0:8000') }
  })
}

export function readHttpLinkSettings(given: Values): Read<HttpLinkSettings> {
  return read(given, (values) => {
    for (const name of ['tls_cert_file', 'tls_priv_key_file', 'config_b64', 'config_json']) {
      if (values.has(name)) throw new Unfit(`${name} is not taken here`)
    }
    const address = values.get('address')
    const port = values.get('port')
    return {
      address:
        address !== undefined
          ? parseAddress(address)
          : port === undefined
            ? undefined
            : { host: '127.0.0.1', port: parsePort(port) },
      path: values.get('path'),
      host: values.get('host')?.toLowerCase(),
      timeoutMs: parseCount(values, 'timeout_ms'),
      isReadonly: values.get('readonly_mode')?.toLowerCase() === 'true',
      cacheControl: parseHeaderValue(values, 'cache_control'),
      cors: parseCors(values),
    }
  })
}

function parseAddress(text: string): ListenAddress {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(text.trim())
  if (match === null) throw new Unfit(`"${text}" is not an address like 127.0.0.1:8000`)
  const [, host = '', port = ''] = match
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: parsePort(port) }
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Unfit(`"${text}" is no port`)
  return port
}

function parseCount(values: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = values.get(name)
  if (text === undefined) return undefined
  const count = Number(text)
  if (!/^\d{1,9}$/.test(text) || count < 1) throw new Unfit(`${name} is a number of at least 1, not "${text}"`)
  return count
}

function parseHeaderValue(values: ReadonlyMap<string, string>, name: string): string | undefined {
  const text = values.get(name)
  if (text !== undefined && !/^[\x20-\x7e]*$/.test(text)) throw new Unfit(`${name} cannot be the value of a header`)
  return text
}

/**
 * Only where origins are named: the v1 provider lets every web page read what it serves when nothing is said, and what is
 * served here is a program of the person at this machine.
 */
function parseCors(values: ReadonlyMap<string, string>): CorsSettings | undefined {
  const list = (name: string, missing: readonly string[]): readonly string[] => {
    const text = values.get(`cors_${name}`)
    if (text === undefined) return missing
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      parsed = undefined
    }
    const isList =
      Array.isArray(parsed) && parsed.every((each) => typeof each === 'string' && /^[\x21-\x7e]+$/.test(each))
    if (!isList) throw new Unfit(`cors_${name} is a JSON list of words`)
    return parsed as string[] // just checked
  }
  const origins = list('allowed_origins', [])
  if (origins.length === 0) return undefined
  return {
    origins: origins.map((origin) => origin.replace(/\/$/, '')),
    headers: list('allowed_headers', ['accept', 'accept-language', 'content-type', 'content-language']),
    methods: list('allowed_methods', ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']),
    exposed: list('exposed_headers', []),
    maxAgeSeconds: parseCount(values, 'cors_max_age_secs') ?? 300,
  }
}
