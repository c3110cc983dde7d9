// wasi:http for one guest: requests that it makes, asked of the pool process (granted/requests.ts), which refuses what was
// not granted; and requests that it serves, from data and into data (`HttpRequest`, `HttpResponse`).

import type { HostCall } from '../host-call.js'
import type { HttpAnswer, HttpRequest, HttpResponse } from '../http-data.js'
import { GuestError } from '../import-error.js'
import type { Recipes } from '../snapshot/recipes.js'
import { channelInput, type ChannelParts } from './channel-input.js'
import { FutureTrailers, IncomingBody, memoryInput, OutgoingBody } from './http-bodies.js'
import { Fields, type HeaderEntry } from './http-fields.js'
import { fromWireResponse, outgoingInstance, toWireRequest } from '../wrpc-http.js'
import {
  errorOfFault,
  isDenial,
  type Method,
  methodName,
  methodOf,
  RequestOptions,
  type Scheme,
  schemeName,
  schemeOf,
} from './http-values.js'
import { Shared } from './shared.js'
import { disposeSymbol } from './streams.js'

type Interfaces = Record<string, Record<string, unknown>>

/** One request to be served: what the guest is given, and what it answered. */
export interface Serving {
  readonly request: object
  readonly responseOut: object
  /** Undefined: it has set none. An error: of wasi:http, as its `err`. */
  response(): HttpAnswer | undefined
}

/** Where the body of an answer is read from. */
interface BodySource {
  /** What opens it, once. */
  take(): () => object
  drop(): void
}

export interface Http {
  readonly interfaces: Interfaces
  serve(request: HttpRequest): Serving
}

export function createHttp(parts: ChannelParts & { readonly call: HostCall; readonly recipes: Recipes }): Http {
  parts.recipes.addClass(Fields, (fields) => Fields.recipeOf(fields))
  parts.recipes.onMake('fields', (data) => Fields.fromRecipe(data))
  const { ask, make, poll } = parts

  /** Along the component's link for outgoing HTTP. `denied` is what it is told when it has none. */
  function linked(request: HttpRequest, options: RequestOptions | undefined, denied: unknown): HttpResponse {
    const outcome = parts.call(outgoingInstance, 'handle', [toWireRequest(request), RequestOptions.toWire(options)])
    if (!outcome.ok) {
      if (outcome.fault.code === 'refused') throw denied
      throw new GuestError(errorOfFault(outcome.fault))
    }
    const { tag, val } = outcome.value as { readonly tag: 'ok' | 'err'; readonly val: unknown } // of that function's type
    if (tag === 'ok') return fromWireResponse(val)
    throw new GuestError(val)
  }

  class OutgoingRequest {
    #method: Method = { tag: 'get' }
    #scheme: Scheme | undefined
    #authority: string | undefined
    #path: string | undefined
    readonly #headers: Fields
    #body: OutgoingBody | undefined

    constructor(headers: Fields) {
      this.#headers = headers.fix()
    }

    body(): OutgoingBody {
      if (this.#body !== undefined) throw new GuestError(undefined)
      this.#body = new OutgoingBody(make)
      return this.#body
    }

    method(): Method {
      return this.#method
    }

    scheme(): Scheme | undefined {
      return this.#scheme
    }

    authority(): string | undefined {
      return this.#authority
    }

    pathWithQuery(): string | undefined {
      return this.#path
    }

    headers(): Fields {
      return this.#headers
    }

    setMethod(method: Method): void {
      if (method.tag === 'other' && !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/.test(method.val))
        throw new GuestError(undefined)
      this.#method = method
    }

    setScheme(scheme: Scheme | undefined): void {
      if (scheme?.tag === 'other' && !/^[a-zA-Z][a-zA-Z0-9+.-]*$/.test(scheme.val)) throw new GuestError(undefined)
      this.#scheme = scheme
    }

    setAuthority(authority: string | undefined): void {
      if (authority !== undefined && !/^[a-zA-Z0-9._:[\]-]{1,300}$/.test(authority)) throw new GuestError(undefined)
      this.#authority = authority
    }

    setPathWithQuery(path: string | undefined): void {
      if (path !== undefined && !/^[\x21-\x7e]{0,16384}$/.test(path)) throw new GuestError(undefined)
      this.#path = path
    }

    static send(request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse {
      const { tag } = request.#scheme ?? { tag: 'HTTPS' }
      const path = request.#path ?? '/'
      const data = {
        method: methodName(request.#method),
        isSecure: tag === 'HTTPS',
        authority: request.#authority ?? '',
        path: path === '' ? '/' : path.startsWith('?') ? `/${path}` : path,
        headers: request.#headers.entries(),
        firstByteMs: options?.firstByteMs(),
      }
      const body = request.#body
      const future = new FutureIncomingResponse()
      try {
        // What is not granted is refused at once, and not when the body is there.
        ask('http.check', data)
      } catch (error) {
        if (!isDenial(error)) throw error
        const whole = { ...data, scheme: schemeName(request.#scheme), body: new Uint8Array(0) }
        // This node does not let it out; a provider at the end of a link may.
        const along = (bytes: Uint8Array): void => future.came(linked({ ...whole, body: bytes }, options, error))
        if (body === undefined) along(whole.body)
        else body.onFinished((bytes) => future.attempt(() => along(bytes)))
        return future
      }
      if (tag === 'other') throw new GuestError({ tag: 'HTTP-protocol-error' })
      const send = (body: Uint8Array): void => {
        // The service's own shape.
        future.began(new Shared(ask('http.send', { ...data, body }) as number, 'channel.close', ask))
      }
      if (body === undefined || body.whole !== undefined) send(body?.whole ?? new Uint8Array(0))
      else body.onFinished((bytes) => future.attempt(() => send(bytes)))
      return future
    }
  }

  class FutureIncomingResponse {
    #channel: Shared | undefined
    #response: HttpResponse | undefined
    #failed: { readonly error: unknown } | undefined
    #isTaken = false

    began(channel: Shared): void {
      this.#channel = channel
    }

    /** It is here, whole. */
    came(response: HttpResponse): void {
      this.#response = response
    }

    attempt(act: () => void): void {
      try {
        act()
      } catch (error) {
        if (!(error instanceof GuestError)) throw error
        this.#failed = { error: error.payload }
      }
    }

    subscribe(): object {
      if (this.#failed !== undefined || this.#response !== undefined) return make.always()
      return poll.pollableFor(() => (this.#channel === undefined ? undefined : [this.#channel.id, 'done']))
    }

    get(): unknown {
      if (this.#isTaken) return { tag: 'err', val: undefined }
      const channel = this.#channel
      let val: unknown
      if (this.#response !== undefined) val = { tag: 'ok', val: ofMemory(this.#response) }
      else if (channel === undefined && this.#failed === undefined) return undefined
      this.attempt(() => {
        if (channel === undefined) return
        // The service's own shape.
        const data = ask('http.response', channel.id) as { status: number; headers: HeaderEntry[] } | undefined
        if (data !== undefined) val = { tag: 'ok', val: ofChannel(data.status, data.headers, channel.take()) }
      })
      if (this.#failed !== undefined) val = { tag: 'err', val: this.#failed.error }
      if (val === undefined) return undefined
      this.#isTaken = true
      return { tag: 'ok', val }
    }

    [disposeSymbol](): void {
      this.#channel?.drop()
      this.#channel = undefined
    }
  }

  class IncomingResponse {
    readonly #status: number
    readonly #headers: Fields
    readonly #body: BodySource
    #isConsumed = false

    constructor(status: number, headers: readonly HeaderEntry[], body: BodySource) {
      this.#status = status
      this.#headers = Fields.received(headers)
      this.#body = body
    }

    status(): number {
      return this.#status
    }

    headers(): Fields {
      return this.#headers
    }

    consume(): IncomingBody {
      if (this.#isConsumed) throw new GuestError(undefined)
      this.#isConsumed = true
      return new IncomingBody(this.#body.take(), make)
    }

    [disposeSymbol](): void {
      this.#body.drop()
    }
  }

  const ofMemory = ({ status, headers, body }: HttpResponse): IncomingResponse =>
    new IncomingResponse(status, headers, { take: () => () => memoryInput(body, make), drop: () => undefined })

  const ofChannel = (status: number, headers: readonly HeaderEntry[], channel: Shared): IncomingResponse =>
    new IncomingResponse(status, headers, {
      take() {
        // Taken now: the guest may drop the response before it reads.
        const taken = channel.take()
        return () => channelInput(parts, taken)
      },
      drop: () => channel.drop(),
    })

  class IncomingRequest {
    readonly #request: HttpRequest
    readonly #headers: Fields
    #isConsumed = false

    constructor(request: HttpRequest) {
      this.#request = request
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
      return new IncomingBody(() => memoryInput(this.#request.body, make), make)
    }
  }

  class OutgoingResponse {
    #status = 200
    readonly #headers: Fields
    #body: OutgoingBody | undefined

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
      this.#body = new OutgoingBody(make)
      return this.#body
    }

    static data(response: OutgoingResponse): HttpResponse | undefined {
      const body = response.#body === undefined ? new Uint8Array(0) : response.#body.whole
      return body === undefined ? undefined : { status: response.#status, headers: response.#headers.entries(), body }
    }
  }

  type Set = { readonly tag: 'ok'; readonly val: OutgoingResponse } | { readonly tag: 'err'; readonly val: unknown }

  class ResponseOutparam {
    #response: Set | undefined

    static set(out: ResponseOutparam, response: Set): void {
      out.#response = response
    }

    static answer(out: ResponseOutparam): HttpAnswer | undefined {
      if (out.#response === undefined) return undefined
      if (out.#response.tag === 'err') return { err: out.#response.val }
      const ok = OutgoingResponse.data(out.#response.val)
      return ok === undefined ? { err: { tag: 'HTTP-response-incomplete' } } : { ok }
    }
  }

  return {
    interfaces: {
      'wasi:http/types': {
        Fields,
        OutgoingRequest,
        RequestOptions,
        OutgoingResponse,
        ResponseOutparam,
        OutgoingBody,
        IncomingRequest,
        IncomingResponse,
        IncomingBody,
        FutureIncomingResponse,
        FutureTrailers,
        httpErrorCode: () => undefined,
      },
      'wasi:http/outgoing-handler': {
        handle: (request: OutgoingRequest, options: RequestOptions | undefined) =>
          OutgoingRequest.send(request, options),
      },
    },
    serve(request) {
      const responseOut = new ResponseOutparam()
      return {
        request: new IncomingRequest(request),
        responseOut,
        response: () => ResponseOutparam.answer(responseOut),
      }
    },
  }
}
