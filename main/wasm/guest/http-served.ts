// Requests that one guest serves, from data and into data (`SentRequest`, `HttpAnswer`). What is longer than a message should be
// flows through the pool process (granted/served.ts), both ways.

import type { HttpAnswer, SentRequest } from '../http-data.js'
import { GuestError } from '../import-error.js'
import { channelInput, type ChannelParts } from './channel-input.js'
import { declaredLength, IncomingBody, memoryInput, OutgoingBody } from './http-bodies.js'
import { Fields } from './http-fields.js'
import { type Method, methodOf, type Scheme, schemeOf } from './http-values.js'
import { Shared } from './shared.js'

/** One request to be served: what the guest is given, and what it answered. */
export interface Serving {
  readonly request: object
  readonly responseOut: object
  /** To be asked when the guest is done. Undefined: it has set none. An error: of wasi:http, as its `err`. */
  answer(): HttpAnswer | undefined
}

/** The classes for this guest, and how one request is served by them. */
export function createServed(parts: ChannelParts) {
  const { ask, make } = parts

  class IncomingRequest {
    readonly #request: SentRequest
    readonly #channel: Shared | undefined
    readonly #headers: Fields
    #isConsumed = false

    /** `channel`: of a body that flows. */
    constructor(request: SentRequest, channel: Shared | undefined) {
      this.#request = request
      this.#channel = channel
      this.#headers = Fields.received(request.headers)
    }

    method(): Method {
      return methodOf(this.#request.method)
    }

    pathWithQuery(): string {
      return this.#request.path
    }

    scheme(): Scheme {
      return schemeOf(this.#request.scheme)
    }

    authority(): string {
      return this.#request.authority
    }

    headers(): Fields {
      return this.#headers
    }

    consume(): IncomingBody {
      if (this.#isConsumed) throw new GuestError(undefined)
      this.#isConsumed = true
      const received = (entries: Parameters<typeof Fields.received>[0]): Fields => Fields.received(entries)
      const { body } = this.#request
      const channel = this.#channel
      if (body !== undefined || channel === undefined) {
        return new IncomingBody({ open: () => memoryInput(body ?? new Uint8Array(0), make) }, make, received)
      }
      const trailers = { parts, channel: channel.take() }
      return new IncomingBody({ open: () => channelInput(parts, channel.take()), trailers }, make, received)
    }
  }

  class OutgoingResponse {
    #status = 200
    readonly #headers: Fields
    #body: OutgoingBody | undefined
    #whole: Uint8Array | undefined

    constructor(headers: Fields) {
      this.#headers = headers.fix()
    }

    statusCode(): number {
      return this.#status
    }

    headers(): Fields {
      return this.#headers
    }

    setStatusCode(status: number): void {
      if (status < 100 || status > 599) throw new GuestError(undefined)
      this.#status = status
    }

    body(): OutgoingBody {
      if (this.#body !== undefined) throw new GuestError(undefined)
      this.#body = new OutgoingBody(parts, declaredLength(this.#headers))
      return this.#body
    }

    /** It was set as the response: what is written from here on may flow through this channel. */
    static goes(response: OutgoingResponse, channel: Shared | undefined): void {
      const whole = (bytes: Uint8Array): void => {
        response.#whole = bytes
      }
      const open = (to: Shared): Shared => {
        ask('served.head', to.id, response.#status, response.#headers.entries())
        return to.take()
      }
      if (response.#body === undefined) whole(new Uint8Array(0))
      else
        response.#body.handOver(channel === undefined ? { whole } : { whole, open: () => open(channel), isEager: true })
    }

    static answer(response: OutgoingResponse): HttpAnswer {
      response.#body?.abandon()
      if (response.#body?.hasFlowed === true) return { flowed: true }
      if (response.#whole === undefined) return { err: { tag: 'HTTP-response-incomplete' } }
      return { ok: { status: response.#status, headers: response.#headers.entries(), body: response.#whole } }
    }
  }

  type Set = { readonly tag: 'ok'; readonly val: OutgoingResponse } | { readonly tag: 'err'; readonly val: unknown }

  class ResponseOutparam {
    readonly #channel: Shared | undefined
    #response: Set | undefined

    constructor(channel: Shared | undefined) {
      this.#channel = channel
    }

    static set(out: ResponseOutparam, response: Set): void {
      out.#response = response
      if (response.tag === 'ok') OutgoingResponse.goes(response.val, out.#channel)
    }

    static answer(out: ResponseOutparam): HttpAnswer | undefined {
      if (out.#response === undefined) return undefined
      return out.#response.tag === 'err' ? { err: out.#response.val } : OutgoingResponse.answer(out.#response.val)
    }
  }

  function serve(request: SentRequest): Serving {
    // The process closes it when the call is over; the guest's uses of it do not.
    const channel = request.channel === undefined ? undefined : new Shared(request.channel, 'channel.close', ask)
    const responseOut = new ResponseOutparam(request.mayFlow ? channel : undefined)
    return {
      request: new IncomingRequest(request, channel),
      responseOut,
      answer: () => ResponseOutparam.answer(responseOut),
    }
  }

  return { IncomingRequest, OutgoingResponse, ResponseOutparam, serve }
}
