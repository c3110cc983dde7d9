// Small values of wasi:http: methods, schemes, and what a guest wishes for a request. Pure.

import { GuestError } from '../import-error.js'
import type { Fault } from '../pool-protocol.js'

export type Method =
  | { readonly tag: 'get' | 'head' | 'post' | 'put' | 'delete' | 'connect' | 'options' | 'trace' | 'patch' }
  | { readonly tag: 'other'; readonly val: string }

export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' } | { readonly tag: 'other'; readonly val: string }

const known = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const

export const methodName = (method: Method): string => (method.tag === 'other' ? method.val : method.tag.toUpperCase())

export function methodOf(name: string): Method {
  const tag = known.find((each) => each.toUpperCase() === name)
  return tag === undefined ? { tag: 'other', val: name } : { tag }
}

export function schemeOf(name: string): Scheme {
  if (name === 'http') return { tag: 'HTTP' }
  return name === 'https' ? { tag: 'HTTPS' } : { tag: 'other', val: name }
}

/** As a URL begins; a request without one goes over TLS. */
export const schemeName = (scheme: Scheme | undefined): string =>
  scheme?.tag === 'other' ? scheme.val : scheme?.tag === 'HTTP' ? 'http' : 'https'

/** Is this the node's own refusal of what was not granted? */
export function isDenial(error: unknown): error is GuestError {
  const payload: unknown = error instanceof GuestError ? error.payload : undefined
  return typeof payload === 'object' && payload !== null && (payload as { tag?: unknown }).tag === 'HTTP-request-denied'
}

/** Why a call along a link was not answered, as an `error-code`. */
export function errorOfFault({ code, message }: Fault): unknown {
  if (code === 'timed-out') return { tag: 'HTTP-response-timeout' }
  if (code === 'unreachable') return { tag: 'destination-unavailable' }
  return { tag: 'internal-error', val: message }
}

const tenMinutes = 600_000_000_000n

/** `request-options`. Beyond the host's own limits none is waited. */
export class RequestOptions {
  #connect: bigint | undefined
  #firstByte: bigint | undefined
  #betweenBytes: bigint | undefined

  connectTimeout(): bigint | undefined {
    return this.#connect
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes
  }

  setConnectTimeout(ns: bigint | undefined): void {
    this.#connect = ns
  }

  setFirstByteTimeout(ns: bigint | undefined): void {
    this.#firstByte = ns
  }

  setBetweenBytesTimeout(ns: bigint | undefined): void {
    this.#betweenBytes = ns
  }

  /** All three are always there, as v1 hosts send them (wrpc.md 5.5). */
  static toWire(options: RequestOptions | undefined): unknown {
    const given = options ?? new RequestOptions()
    return {
      connectTimeout: given.#connect ?? tenMinutes,
      firstByteTimeout: given.#firstByte ?? tenMinutes,
      betweenBytesTimeout: given.#betweenBytes ?? tenMinutes,
    }
  }

  /** Longest that nothing of a body comes or goes, ms. */
  betweenBytesMs(): number | undefined {
    return this.#betweenBytes === undefined ? undefined : Number(this.#betweenBytes) / 1e6
  }

  /** Longest from the request to the first byte of the answer, which includes connecting; ms. */
  firstByteMs(): number | undefined {
    const wishes = [this.#connect, this.#firstByte].filter((ns) => ns !== undefined)
    if (this.#firstByte === undefined) return undefined
    return wishes.reduce((sum, ns) => sum + Number(ns) / 1e6, 0)
  }
}
