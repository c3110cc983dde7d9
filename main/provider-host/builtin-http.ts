// The builtin HTTP server, `wasmcloud+builtin://http-server` (lattice.md 6.2): a listener for each linked component, or one for
// all with a choice by path or host. A link that cannot be served is said in the log and in the provider's health, and keeps
// nothing else from working.

import net from 'node:net'
import type { ProviderLink } from '../providers/types.js'
import { HttpRefusal, type HttpServer, localHost, serveHttp } from '../actors/http-server.js'
import type { CallHttp } from '../actors/http-calls.js'
import { formatChain } from '../failure.js'
import type { HttpRequest, HttpResponse } from '../wasm/runtime.js'
import { answerPreflight, withCors } from './http-cors.js'
import { findPatternTrouble, findRoute } from './http-routes.js'
import {
  type HttpLinkSettings,
  type HttpServerSettings,
  type ListenAddress,
  readHttpLinkSettings,
} from './http-settings.js'

/** Longest wait for a component when the link does not say. */
const defaultTimeoutMs = 60_000
const handlerInterface = 'wasi:http/incoming-handler'

export interface BuiltinHttpParts {
  readonly providerId: string
  readonly settings: HttpServerSettings
  /** May it listen on other addresses than loopback? */
  readonly isPublic: boolean
  readonly call: CallHttp
  /** Whether all that is linked is served. */
  readonly onHealth: (isHealthy: boolean) => void
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void
}

export interface BuiltinHttp {
  /** Resolves when everything that can be served is. */
  setLinks(links: readonly ProviderLink[]): Promise<void>
  close(): Promise<void>
}

/** A link that can be served. */
interface Target {
  readonly key: string
  readonly componentId: string
  readonly settings: HttpLinkSettings
}

interface Listener {
  readonly server: HttpServer
  /** Its address as text; another one is another listener. */
  readonly at: string
}

export function openBuiltinHttp(parts: BuiltinHttpParts): BuiltinHttp {
  const { settings, providerId } = parts
  const listeners = new Map<string, Listener>()
  let targets: readonly Target[] = []
  let isClosed = false
  /** One change after another: listeners of the former are gone before those of the next come. */
  let changing: Promise<void> = Promise.resolve()

  const say = (level: 'info' | 'warn' | 'error', text: string): void =>
    parts.log(level, `provider ${providerId}: ${text}`)

  async function answer(target: Target, request: HttpRequest): Promise<HttpResponse> {
    const { cors, isReadonly, cacheControl, timeoutMs } = target.settings
    const preflight = cors === undefined ? undefined : answerPreflight(cors, request)
    if (preflight !== undefined) return preflight
    if (isReadonly && request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpRefusal(405, 'Only GET and HEAD are allowed here.')
    }
    const response = await callInTime(target.componentId, request, timeoutMs ?? defaultTimeoutMs)
    const cached = cacheControl === undefined ? response : withDefault(response, 'cache-control', cacheControl)
    return cors === undefined ? cached : withCors(cors, request, cached)
  }

  async function callInTime(componentId: string, request: HttpRequest, timeoutMs: number): Promise<HttpResponse> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new HttpRefusal(408, 'The component did not answer in time.')), timeoutMs)
    })
    try {
      const outcome = await Promise.race([parts.call(providerId, componentId, request, { timeoutMs }), limit])
      if ('ok' in outcome) return outcome.ok
      throw new HttpRefusal(500, 'The component answered with an error.')
    } catch (error) {
      if (error instanceof HttpRefusal) throw error
      // Why is for the person who runs the node, not for whoever asks.
      say(
        'warn',
        `${componentId} did not answer ${request.method} ${request.path.slice(0, 200)}: ${formatChain(error)}`,
      )
      throw new HttpRefusal(500, 'The component could not be called.')
    } finally {
      clearTimeout(timer)
    }
  }

  function choose(request: HttpRequest): Target {
    if (settings.mode === 'path') {
      const routes = targets.map((to) => ({ pattern: to.settings.path ?? '', to }))
      const path = request.path.split('?')[0] ?? ''
      const found = findRoute(routes, path)
      if (found === undefined) throw new HttpRefusal(404, 'path not found')
      return found.to
    }
    const given = headerOf(request, settings.header)
    if (given === undefined || given === '') throw new HttpRefusal(400, `missing ${settings.header} header`)
    const wanted = given.toLowerCase()
    const found = targets.find(({ settings: link }) => link.host === wanted)
    if (found === undefined) throw new HttpRefusal(404, `${settings.header} not found`)
    return found
  }

  /** Every name is looked up among those that links have chosen, so that none leads anywhere by chance. */
  const choosesByName = settings.mode === 'host' && settings.header === 'host'

  /** Where to listen, or why not. */
  function narrow(address: ListenAddress): ListenAddress | string {
    if (parts.isPublic || isLoopback(address.host)) return address
    const isAny = address.host === '0.0.0.0' || address.host === '::'
    // What is meant for any address of this machine is served on the one that is permitted.
    if (isAny) return { host: '127.0.0.1', port: address.port }
    return `${formatAddress(address)} is not of this machine alone, which only --allow-provider …,public permits`
  }

  async function open(key: string, address: ListenAddress, pick: (request: HttpRequest) => Target): Promise<boolean> {
    const at = narrow(address)
    if (typeof at === 'string') {
      say('error', at)
      return false
    }
    const text = formatAddress(at)
    if (listeners.get(key)?.at === text) return true
    if ([...listeners.values()].some((each) => each.at === text && at.port !== 0)) {
      say('error', `two components cannot both have ${text}; the second one is not served`)
      return false
    }
    try {
      const server = await serveHttp({
        port: at.port,
        address: at.host,
        // A web page could have a name of its own lead here.
        isOurs: (host) => parts.isPublic || choosesByName || localHost.test(host),
        handle: (request) => answer(pick(request), request),
      })
      listeners.set(key, { server, at: text })
      say('info', `serves HTTP on http://${formatAddress({ ...at, port: server.port })}/`)
      return true
    } catch (error) {
      say('error', `HTTP is not served on ${text}: ${formatChain(error)}`)
      return false
    }
  }

  async function close(key: string): Promise<void> {
    const listener = listeners.get(key)
    listeners.delete(key)
    await listener?.server.close()
  }

  async function change(links: readonly ProviderLink[]): Promise<void> {
    if (isClosed) return
    const read = readTargets(links)
    targets = read.targets
    let isHealthy = read.isWhole
    if (settings.mode !== 'address') {
      isHealthy = (await open('', settings.defaultAddress, choose)) && isHealthy
      parts.onHealth(isHealthy)
      return
    }
    const wanted = new Map(targets.map((target) => [target.key, target]))
    for (const [key, { at }] of [...listeners]) {
      const target = wanted.get(key)
      const to = target === undefined ? undefined : narrow(target.settings.address ?? settings.defaultAddress)
      if (to === undefined || typeof to === 'string' || formatAddress(to) !== at) await close(key)
    }
    for (const { key, settings: link } of targets) {
      const pick = (): Target => {
        const now = targets.find((each) => each.key === key)
        if (now === undefined) throw new HttpRefusal(503, 'The link was taken away.')
        return now
      }
      isHealthy = (await open(key, link.address ?? settings.defaultAddress, pick)) && isHealthy
    }
    parts.onHealth(isHealthy)
  }

  function readTargets(links: readonly ProviderLink[]): { targets: readonly Target[]; isWhole: boolean } {
    const found: Target[] = []
    let isWhole = true
    for (const link of links.filter(({ interfaces }) => interfaces.includes(handlerInterface))) {
      const read = readHttpLinkSettings(link.values)
      const trouble = read.ok ? findRouteTrouble(settings, read.value, found) : read.why
      if (read.ok && trouble === undefined) {
        found.push({ key: `${link.target} ${link.name}`, componentId: link.target, settings: read.value })
      } else {
        isWhole = false
        say('error', `the link to ${link.target} is not served: ${trouble ?? ''}`)
      }
    }
    return { targets: found, isWhole }
  }

  return {
    setLinks: (links) =>
      (changing = changing
        .then(() => change(links))
        .catch((error: unknown) => say('error', `its links could not be taken: ${formatChain(error)}`))),
    async close() {
      isClosed = true
      await changing
      await Promise.all([...listeners.keys()].map(close))
    },
  }
}

function findRouteTrouble(
  { mode }: HttpServerSettings,
  link: HttpLinkSettings,
  others: readonly Target[],
): string | undefined {
  if (mode === 'path') {
    if (link.path === undefined) return 'its configuration has no path'
    const taken = others.find(({ settings }) => settings.path === link.path)
    return taken === undefined ? findPatternTrouble(link.path) : `${link.path} leads to ${taken.componentId} already`
  }
  if (mode === 'host') {
    if (link.host === undefined) return 'its configuration has no host'
    const taken = others.find(({ settings }) => settings.host === link.host)
    return taken === undefined ? undefined : `${link.host} leads to ${taken.componentId} already`
  }
  return undefined
}

function headerOf(request: HttpRequest, name: string): string | undefined {
  if (name === 'host') return request.authority
  const value = request.headers.find(([key]) => key === name)?.[1]
  return value === undefined ? undefined : Buffer.from(value).toString('latin1')
}

function withDefault(response: HttpResponse, name: string, value: string): HttpResponse {
  if (response.headers.some(([key]) => key.toLowerCase() === name)) return response
  return { ...response, headers: [...response.headers, [name, new TextEncoder().encode(value)]] }
}

function isLoopback(host: string): boolean {
  return host === '::1' || (net.isIPv4(host) && host.startsWith('127.'))
}

const formatAddress = ({ host, port }: ListenAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
