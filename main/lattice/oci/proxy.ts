// Which proxy a request takes, by the variables that other programs read (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`,
// the lower-case form first). As Go's programs, which registries are mostly asked by, have it: loopback never goes through one,
// and `NO_PROXY` takes names with what is below them, ports, addresses and their ranges. Pure.

import { BlockList, isIP } from 'node:net'
import { TlosError } from '../../failure.js'

export interface ProxySettings {
  /** For `https:` and `http:`; may carry credentials. */
  readonly https: string | undefined
  readonly http: string | undefined
  /** Where none is taken, with commas. */
  readonly except: string
}

export const noProxy: ProxySettings = { https: undefined, http: undefined, except: '' }

export function readProxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const read = (name: string): string | undefined => env[name] || env[name.toUpperCase()] || undefined
  const all = read('all_proxy')
  return { https: read('https_proxy') ?? all, http: read('http_proxy') ?? all, except: read('no_proxy') ?? '' }
}

/** Undefined: straight there. Fails with `invalid` for a proxy that is none of HTTP. */
export function findProxy(settings: ProxySettings, url: URL): URL | undefined {
  const text = url.protocol === 'https:' ? settings.https : settings.http
  if (text === undefined || isExcepted(settings.except, url)) return undefined
  const proxy = parseUrl(text.includes('://') ? text : `http://${text}`)
  if (proxy !== undefined && ['http:', 'https:'].includes(proxy.protocol) && proxy.hostname !== '') return proxy
  // Not shown as it is: it may carry a password.
  const what = proxy === undefined ? 'what the proxy variables say' : `a proxy of ${proxy.protocol}//`
  throw new TlosError('invalid', `${url.host} is behind ${what}, and only http:// and https:// proxies are known`, {
    about: url.host,
  })
}

function isExcepted(except: string, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port
  if (host === 'localhost' || host.endsWith('.localhost') || isLoopback(host)) return true
  return except
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry === '*' || (entry !== '' && fits(entry, host, port)))
}

function fits(entry: string, host: string, port: string): boolean {
  const range = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry)
  if (range !== null) return isInRange(host, range[1] ?? '', Number(range[2]))
  // `host`, `host:port`, `[v6]:port`, or an IPv6 address alone, which has colons of its own.
  const [, v6, named, given] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [undefined, undefined, entry]
  if (given !== undefined && given !== port) return false
  const name = (v6 ?? named ?? '').replace(/^\*?\./, '')
  if (name === '') return false
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`))
}

function isInRange(host: string, net: string, bits: number): boolean {
  const family = isIP(net)
  if (family === 0 || isIP(host) !== family || bits > (family === 4 ? 32 : 128)) return false
  const list = new BlockList()
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(net, bits, kind)
  return list.check(host, kind)
}

const isLoopback = (host: string): boolean => host === '::1' || isInRange(host, '127.0.0.0', 8)

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
