// GET over node:http and node:https where the runtime's own `fetch` cannot go: through a proxy (CONNECT for HTTPS, whole URLs for
// HTTP), and to servers that only an authority of one's own has signed. One connection for each request.

import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { isIP, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import tls from 'node:tls'
import { formatChain, TlosError } from '../../failure.js'
import type { Fetch, Fetched } from './http-get.js'
import { findProxy, type ProxySettings } from './proxy.js'

export interface NodeFetchParts {
  readonly proxy: ProxySettings
  /** PEM of every authority that is trusted; undefined: those of the runtime. */
  readonly trusted: readonly string[] | undefined
}

export function createNodeFetch({ proxy: settings, trusted }: NodeFetchParts): Fetch {
  const ca = trusted === undefined ? {} : { ca: [...trusted] }

  return async (url, { headers, signal }) => {
    const proxy = findProxy(settings, url)
    const own = { host: hostOf(url), path: `${url.pathname}${url.search}` }
    const common = {
      headers: { ...headers, host: url.host, 'accept-encoding': 'identity' },
      signal,
      agent: false as const,
    }
    if (proxy === undefined) return await send(url.protocol, { ...common, ...own, port: portOf(url), ...ca })
    if (url.protocol === 'http:') {
      const options = { ...common, host: hostOf(proxy), port: portOf(proxy), path: url.href, ...ca }
      return await send(proxy.protocol, { ...options, headers: { ...common.headers, ...authorization(proxy) } })
    }
    const socket = await openTunnel(proxy, url, signal, ca)
    const servername = isIP(own.host) === 0 ? own.host : ''
    const createConnection = (): Socket => tls.connect({ socket, host: own.host, servername, ...ca })
    // Without an agent, which would make a connection of its own.
    return await send('https:', { ...common, ...own, agent: undefined, createConnection })
  }
}

function send(protocol: string, options: RequestOptions): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const request = protocol === 'https:' ? https.request(options) : http.request(options)
    request.once('error', reject)
    request.once('response', (message) => {
      try {
        resolve(toFetched(message))
      } catch (error) {
        message.destroy()
        reject(error instanceof Error ? error : new Error('no response', { cause: error }))
      }
    })
    request.end()
  })
}

function toFetched(message: IncomingMessage): Fetched {
  const headers = new Headers()
  const raw = message.rawHeaders
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at] ?? '', raw[at + 1] ?? '')
  return { status: message.statusCode ?? 0, headers, body: Readable.toWeb(message) }
}

/** A socket whose other end is the server of the URL. */
function openTunnel(proxy: URL, url: URL, signal: AbortSignal, ca: { ca?: string[] }): Promise<Socket> {
  const target = `${url.hostname}:${portOf(url)}`
  const about = { about: proxy.host }
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      method: 'CONNECT',
      host: hostOf(proxy),
      port: portOf(proxy),
      path: target,
      headers: { host: target, ...authorization(proxy) },
      signal,
      agent: false,
      ...ca,
    }
    const request = proxy.protocol === 'https:' ? https.request(options) : http.request(options)
    request.once('error', (error) => {
      if (signal.aborted) reject(error)
      else reject(new TlosError('unreachable', `the proxy ${proxy.host} cannot be used: ${formatChain(error)}`, about))
    })
    const refuse = (status: number | undefined): void => {
      const code = status === 407 ? 'refused' : 'unreachable'
      const words =
        status === 407 ? 'wants other credentials' : `answers ${status ?? 'nothing'} when asked for ${target}`
      reject(new TlosError(code, `the proxy ${proxy.host} ${words}`, about))
    }
    request.once('connect', (reply, socket: Socket, head) => {
      if (reply.statusCode !== 200) {
        socket.destroy()
        refuse(reply.statusCode)
        return
      }
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    request.end()
  })
}

function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === '' && proxy.password === '') return {}
  const who = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(who).toString('base64')}` }
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')
const portOf = (url: URL): number => (url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port))
