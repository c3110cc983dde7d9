// Requests that one guest makes: asked of the pool process (granted/requests.ts), which refuses what was not granted; and what
// that refuses, of a provider at the end of a link.

import type { HostCall } from '../host-call.js'
import type { WholeRequest, WholeResponse } from '../http-data.js'
import { GuestError } from '../import-error.js'
import { fromWireResponse, outgoingInstance, toWireRequest } from '../wrpc-http.js'
import { channelInput, type ChannelParts } from './channel-input.js'
import { declaredLength, IncomingBody, type IncomingSource, memoryInput, OutgoingBody } from './http-bodies.js'
import { Fields, type HeaderEntry } from './http-fields.js'
import {
  errorOfFault,
  isDenial,
  type Method,
  methodName,
  RequestOptions,
  type Scheme,
  schemeName,
} from './http-values.js'
import { Shared } from './shared.js'
import { disposeSymbol } from './streams.js'

/** The body of an answer. */
interface BodyOf {
  /** Once. */
  take(): IncomingSource
  drop(): void
}

/** The classes for this guest. */
export function createRequests(parts: ChannelParts & { readonly call: HostCall }) {
  const { ask, make, poll } = parts

  /** Along the component's link for outgoing HTTP. `denied` is what it is told when it has none. */
  function linked(request: WholeRequest, options: RequestOptions | undefined, denied: unknown): WholeResponse {
    const outcome = parts.call(outgoingInstance, 'handle', [toWireRequest(request), RequestOptions.toWire(options)])
    if (!outcome.ok) {
      if (outcome.fault.code === 'refused') throw denied
      throw new GuestError(errorOfFault(outcome.fault))
    }
    const { tag, val } = outcome.value as { readonly tag: 'ok' | 'err'; readonly val: unknown } // of that function's type
    if (tag === 'err') throw new GuestError(val)
    const { body, ...head } = fromWireResponse(val)
    // Calls of a guest are gathered.
    if (!(body instanceof Uint8Array)) throw new GuestError({ tag: 'internal-error', val: 'a body that is not here' })
    return { ...head, body }
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
      this.#body = new OutgoingBody(parts, declaredLength(this.#headers))
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
        betweenBytesMs: options?.betweenBytesMs(),
      }
      const body = request.#body
      const future = new FutureIncomingResponse()
      if (tag === 'other') throw new GuestError({ tag: 'HTTP-protocol-error' })
      const lost = (): void =>
        future.attempt(() => {
          throw new GuestError({ tag: 'internal-error', val: 'the body of the request was not finished' })
        })
      try {
        // What is not granted is refused at once, and not when the body is there.
        ask('http.check', data)
      } catch (error) {
        if (!isDenial(error)) throw error
        const message = { ...data, scheme: schemeName(request.#scheme) }
        // This node does not let it out; a provider at the end of a link may.
        const along = (whole: Uint8Array): void => future.came(linked({ ...message, body: whole }, options, error))
        if (body === undefined) along(new Uint8Array(0))
        else body.handOver({ whole: (whole) => future.attempt(() => along(whole)), lost })
        return future
      }
      /** Without a body it flows. */
      const send = (whole: Uint8Array | undefined): Shared => {
        const length = whole === undefined ? declaredLength(request.#headers) : undefined
        // The service's own shape.
        const id = ask('http.send', { ...data, body: whole, length }) as number
        return future.began(new Shared(id, 'channel.close', ask))
      }
      if (body === undefined) send(new Uint8Array(0))
      else {
        body.handOver({
          whole: (whole) => future.attempt(() => void send(whole)),
          open() {
            let channel: Shared | undefined
            future.attempt(() => (channel = send(undefined).take()))
            return channel
          },
          lost,
        })
        // One that was whole already is refused at once, too.
        future.throwFailure()
      }
      return future
    }
  }

  class FutureIncomingResponse {
    #channel: Shared | undefined
    #response: WholeResponse | undefined
    #failed: { readonly error: unknown } | undefined
    #isTaken = false

    began(channel: Shared): Shared {
      this.#channel = channel
      return channel
    }

    throwFailure(): void {
      if (this.#failed !== undefined) throw new GuestError(this.#failed.error)
    }

    /** It is here, whole. */
    came(response: WholeResponse): void {
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
      return poll.pollableFor(() => {
        if (this.#failed !== undefined || this.#response !== undefined) return 'ready'
        return this.#channel === undefined ? undefined : [this.#channel.id, 'done']
      })
    }

    get(): unknown {
      if (this.#isTaken) return { tag: 'err', val: undefined }
      // Whoever asks for the answer waits for it: what is held of the request goes now.
      for (const each of [...poll.beforeWait]) each()
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
    readonly #body: BodyOf
    #isConsumed = false

    constructor(status: number, headers: readonly HeaderEntry[], body: BodyOf) {
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
      return new IncomingBody(this.#body.take(), make, (entries) => Fields.received(entries))
    }

    [disposeSymbol](): void {
      this.#body.drop()
    }
  }

  const ofMemory = ({ status, headers, body }: WholeResponse): IncomingResponse =>
    new IncomingResponse(status, headers, {
      take: () => ({ open: () => memoryInput(body, make) }),
      drop: () => undefined,
    })

  const ofChannel = (status: number, headers: readonly HeaderEntry[], channel: Shared): IncomingResponse =>
    new IncomingResponse(status, headers, {
      take() {
        // Taken now: the guest may drop the response before it reads.
        const taken = channel.take()
        return { open: () => channelInput(parts, channel.take()), trailers: { parts, channel: taken } }
      },
      drop: () => channel.drop(),
    })

  return { OutgoingRequest, FutureIncomingResponse, IncomingResponse }
}
