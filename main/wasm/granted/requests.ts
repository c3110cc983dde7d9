// Outgoing HTTP of one instance, to what it was granted: one connection a request, to the very address that was judged; no
// redirect is followed, no proxy and no cookie is known. Errors are codes of wasi:http.

import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { normalName, type Grants, decide } from '../grants.js'
import { OperationError, type Operations, systemCode } from './answers.js'
import { type BodyEnd, type Channel, type Channels, createInlet, type Inlet } from './channels.js'
import { maxFlowBytes } from '../http-flow.js'
import { createRequestWriter } from './request-writer.js'
import { type HttpErrorCode, httpErrorOf } from './http-errors.js'
import type { Lacked } from '../lacks.js'
import type { Names } from './names.js'

/** Longest from the request to the end of the answer, ms. */
const totalMs = 600_000
/** Longest to the first byte of the answer unless the guest wants less, ms. */
const firstByteMs = 30_000
/** Longest that nothing comes or goes while something should, unless the guest wants less, ms. */
const stallMs = 30_000
const maxHeaderBytes = 64 * 1024

/** Headers of the connection, which is ours. */
const ours = [
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'te',
  'trailer',
  'expect',
]
const isOurs = (name: string): boolean => ours.includes(name) || name.startsWith('proxy-')

/** What the worker sends (guest/http-requests.ts). */
export interface OutgoingRequestData {
  readonly method: string
  readonly isSecure: boolean
  readonly authority: string
  readonly path: string
  readonly headers: readonly (readonly [string, Uint8Array])[]
  /** Undefined: it flows, by the operations on bodies (channels.ts). */
  readonly body: Uint8Array | undefined
  /** Of a body that flows, if it is known. */
  readonly length?: number | undefined
  readonly firstByteMs: number | undefined
  readonly betweenBytesMs: number | undefined
}

export interface IncomingResponseData {
  readonly status: number
  readonly headers: readonly (readonly [string, Uint8Array])[]
}

type Outcome =
  | { readonly response: IncomingResponseData; readonly inlet: Inlet; readonly message: IncomingMessage }
  | { readonly error: HttpErrorCode }

interface Exchange extends Channel {
  outcome(): Outcome | undefined
}

const pairsOf = (raw: readonly string[]): [string, Uint8Array][] =>
  raw.flatMap((name, index): [string, Uint8Array][] =>
    index % 2 === 0 ? [[name.toLowerCase(), new Uint8Array(Buffer.from(raw[index + 1] ?? '', 'latin1'))]] : [],
  )

function lengthHeaders({ body, length, method }: OutgoingRequestData): Record<string, string> {
  if (body === undefined) {
    return length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) }
  }
  const hasBody = body.length > 0 || ['POST', 'PUT', 'PATCH'].includes(method)
  return hasBody ? { 'content-length': String(body.length) } : {}
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

const fail = (tag: string, val?: unknown): never => {
  throw new OperationError(val === undefined ? { tag } : { tag, val })
}

/** `host:port` in its parts; undefined for what is none. */
function readAuthority(authority: string, isSecure: boolean): { host: string; port: number } | undefined {
  const match = /^(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9._-]+)(?::(\d{1,5}))?$/.exec(authority)
  if (match === null) return undefined
  const port = match[2] === undefined ? (isSecure ? 443 : 80) : Number(match[2])
  if (port < 1 || port > 65_535) return undefined
  return { host: normalName(match[1] ?? ''), port }
}

export function createRequests(grants: Grants, names: Names, channels: Channels, lacked: Lacked): Operations {
  async function addressOf(host: string, port: number): Promise<string> {
    const resolved = await names.resolve(host, port)
    switch (resolved.kind) {
      case 'addresses':
        return resolved.addresses[0] ?? fail('DNS-error', { rcode: 'NXDOMAIN' })
      case 'not-granted':
        return fail('HTTP-request-denied')
      case 'prohibited':
        return fail('destination-IP-prohibited')
      case 'unknown':
        return fail('DNS-error', { rcode: 'NXDOMAIN' })
      case 'too-slow':
        return fail('DNS-timeout')
    }
  }

  function exchange(address: string, host: string, port: number, data: OutgoingRequestData): Exchange {
    let outcome: Outcome | undefined
    const settle = (next: Outcome): void => {
      outcome ??= next
      channels.changed()
    }
    const ended = (): BodyEnd | undefined => {
      if (outcome === undefined) return undefined
      if ('error' in outcome) return { why: outcome.error.tag, trailers: [] }
      const end = outcome.inlet.ended()
      return end === undefined ? undefined : { ...end, trailers: pairsOf(outcome.message.rawTrailers) }
    }
    // Names are the guest's: `constructor` is one like any other.
    const headers = new Map<string, string[]>()
    for (const [name, value] of data.headers) {
      const key = name.toLowerCase()
      if (!isOurs(key)) headers.set(key, [...(headers.get(key) ?? []), latin1(value)])
    }
    const send = data.isSecure ? httpsRequest : httpRequest
    const request: ClientRequest = send({
      host: address,
      port,
      method: data.method,
      path: data.path,
      headers: {
        ...Object.fromEntries(headers),
        host: data.authority,
        ...lengthHeaders(data),
      },
      // A connection of its own, closed after: nothing of it is left for another.
      agent: false,
      setHost: false,
      maxHeaderSize: maxHeaderBytes,
      ...(data.isSecure ? { servername: /^[\d.]+$|:/.test(host) ? '' : host } : {}),
    })
    const giveUp = (tag: string): void => {
      settle({ error: { tag } })
      request.destroy(new Error(tag))
    }
    let first: NodeJS.Timeout | undefined
    /** The other side has all of the request and thinks. */
    const awaitFirst = (): void => {
      if (outcome !== undefined) return
      first = setTimeout(
        () => giveUp('connection-read-timeout'),
        Math.min(firstByteMs, data.firstByteMs ?? firstByteMs),
      )
    }
    const longestStallMs = Math.min(stallMs, data.betweenBytesMs ?? stallMs)
    const total = setTimeout(() => request.destroy(new Error('it took too long')), totalMs)
    request.on('response', (response: IncomingMessage) => {
      clearTimeout(first)
      const pairs = pairsOf(response.rawHeaders)
      const inlet = createInlet(response, channels.changed, maxFlowBytes)
      // While the guest does not read, silence is nobody's fault but its own.
      response.setTimeout(longestStallMs, () => {
        if (response.isPaused()) response.socket.setTimeout(longestStallMs)
        else response.destroy(new Error(`nothing came for ${longestStallMs} ms`))
      })
      settle({ response: { status: response.statusCode ?? 0, headers: pairs }, inlet, message: response })
    })
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      settle({ error: { tag: 'HTTP-upgrade-failed' } })
    })
    request.on('error', (error) => settle({ error: httpErrorOf(systemCode(error), error.message) }))
    request.on('close', () => {
      clearTimeout(first)
      clearTimeout(total)
      writer.close()
      settle({ error: { tag: 'connection-terminated' } })
    })
    const writer = createRequestWriter(request, longestStallMs, channels.changed, {
      finished: awaitFirst,
      stalled: () => giveUp('connection-write-timeout'),
    })
    if (data.body === undefined) request.flushHeaders()
    else {
      request.end(data.body)
      awaitFirst()
    }
    return {
      writer,
      outcome: () => outcome,
      isReady(side) {
        if (side === 'done') return outcome !== undefined
        if (side === 'out') return writer.room() !== 0
        if (side === 'flushed') return request.writableLength === 0 || request.destroyed
        if (side === 'ended') return ended() !== undefined
        return outcome === undefined ? false : 'inlet' in outcome ? outcome.inlet.isReady() : true
      },
      read: (length) =>
        outcome !== undefined && 'inlet' in outcome ? outcome.inlet.read(length) : { end: 'there is no answer' },
      discard() {
        if (outcome !== undefined && 'inlet' in outcome) outcome.inlet.discard()
      },
      trailers: ended,
      close() {
        clearTimeout(first)
        clearTimeout(total)
        writer.close()
        request.destroy()
      },
    }
  }

  /** Refuses what needs no look at addresses. */
  function check(data: Pick<OutgoingRequestData, 'method' | 'authority' | 'isSecure'>): { host: string; port: number } {
    const wanted = readAuthority(data.authority, data.isSecure)
    const mayAsk = decide(grants, { kind: 'network' }).ok
    if (wanted !== undefined && !decide(grants, { kind: 'name', name: wanted.host, port: wanted.port }).ok) {
      lacked({ kind: 'host', ...wanted })
    }
    if (!mayAsk) fail('HTTP-request-denied')
    if (data.method.toUpperCase() === 'CONNECT') fail('HTTP-request-method-invalid')
    if (wanted === undefined) return fail('HTTP-request-URI-invalid')
    if (!decide(grants, { kind: 'name', name: wanted.host, port: wanted.port }).ok) fail('HTTP-request-denied')
    return wanted
  }

  return {
    /** Of a request whose body is still being written. */
    'http.check': (given) => void check(given as OutgoingRequestData), // as below
    'http.send': async (given) => {
      // The worker's own shape; what a guest put in it is text and bytes.
      const data = given as OutgoingRequestData
      const { host, port } = check(data)
      channels.assertRoom({ tag: 'connection-limit-reached' })
      const address = await addressOf(host, port)
      try {
        return channels.add(exchange(address, host, port, data))
      } catch (error) {
        if (error instanceof OperationError) throw error
        // Node refuses some of what WIT allows: a path with a space, a header it cannot send.
        return fail('internal-error', error instanceof Error ? error.message : String(error))
      }
    },
    /** Undefined: not yet. */
    'http.response': (id): IncomingResponseData | undefined => {
      const channel = channels.get(id)
      // Only `exchange` above makes channels with an outcome.
      const outcome = channel !== undefined && 'outcome' in channel ? (channel as Exchange).outcome() : undefined
      if (outcome === undefined) return undefined
      if ('error' in outcome) throw new OperationError(outcome.error)
      return outcome.response
    },
  }
}
