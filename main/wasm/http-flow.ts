// A body of HTTP on its way between the runtime and a pool process: pieces one way, how much of them was taken the other way,
// so that never more than a window of it lies on the far side. Both ends are here; whoever carries the messages makes them.

import type { HttpHeader } from './http-data.js'

/** Most that lies at the end of a flow before the other end has to wait. */
export const flowWindow = 256 * 1024
/** Longest body that flows. */
export const maxFlowBytes = 1024 * 1024 * 1024

/** The first three go with the body, the other two against it. */
export type FlowPart =
  | { readonly part: 'bytes'; readonly bytes: Uint8Array }
  | { readonly part: 'end'; readonly trailers: readonly HttpHeader[] }
  | { readonly part: 'broken'; readonly why: string }
  | { readonly part: 'taken'; readonly bytes: number }
  /** Nobody reads it any more. */
  | { readonly part: 'unwanted' }

type Send = (part: FlowPart) => void

/** The end where a body is written. */
export class Outflow {
  readonly #send: Send
  readonly #changed: () => void
  #lying = 0
  #total = 0
  #isOver = false

  constructor(send: Send, changed: () => void) {
    this.#send = send
    this.#changed = changed
  }

  /** Bytes that may be written now; undefined: none ever again. */
  get room(): number | undefined {
    return this.#isOver ? undefined : Math.max(0, flowWindow - this.#lying)
  }

  get isFlushed(): boolean {
    return this.#isOver || this.#lying === 0
  }

  write(bytes: Uint8Array): void {
    if (this.#isOver || bytes.length === 0) return
    this.#total += bytes.length
    if (this.#total > maxFlowBytes) return this.break(`a body has at most ${maxFlowBytes} bytes`)
    this.#lying += bytes.length
    this.#send({ part: 'bytes', bytes })
  }

  end(trailers: readonly HttpHeader[]): void {
    this.#close({ part: 'end', trailers })
  }

  break(why: string): void {
    this.#close({ part: 'broken', why })
  }

  /** What came against the body. */
  take(part: FlowPart): void {
    if (part.part === 'taken') this.#lying = Math.max(0, this.#lying - part.bytes)
    else if (part.part === 'unwanted') this.#isOver = true
    else return
    this.#changed()
  }

  #close(part: FlowPart): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#send(part)
    this.#changed()
  }
}

/** The end where it is read. */
export class Inflow {
  readonly #send: Send
  readonly #changed: () => void
  readonly #pieces: Uint8Array[] = []
  #lying = 0
  #untold = 0
  #end: { readonly why: string | undefined; readonly trailers: readonly HttpHeader[] } | undefined
  #isDiscarding = false

  constructor(send: Send, changed: () => void) {
    this.#send = send
    this.#changed = changed
  }

  get isReady(): boolean {
    return this.#lying > 0 || this.#end !== undefined
  }

  /** All of it was read or thrown away; with the trailers, or why it broke. */
  get ended(): { readonly why: string | undefined; readonly trailers: readonly HttpHeader[] } | undefined {
    return this.#lying > 0 ? undefined : this.#end
  }

  /** Empty: nothing yet, or nothing more. */
  read(length: number): Uint8Array {
    const [first, ...more] = this.#pieces
    if (first === undefined) return new Uint8Array(0)
    const bytes = first.length <= length ? first : first.slice(0, length)
    if (bytes.length === first.length) this.#pieces.splice(0, this.#pieces.length, ...more)
    else this.#pieces[0] = first.subarray(bytes.length)
    this.#took(bytes.length)
    return bytes
  }

  /** What comes from here on is thrown away: only its end matters. */
  discard(): void {
    this.#isDiscarding = true
    this.#pieces.length = 0
    this.#took(this.#lying)
  }

  /** Nobody reads it any more, nor waits for its end. */
  cancel(): void {
    if (this.#end !== undefined) return
    this.#finish({ why: 'it was not wanted any more', trailers: [] })
    this.#send({ part: 'unwanted' })
  }

  /** What came with the body. */
  take(part: FlowPart): void {
    if (this.#end !== undefined) return
    switch (part.part) {
      case 'bytes':
        this.#lying += part.bytes.length
        if (this.#isDiscarding) this.#took(part.bytes.length)
        else this.#pieces.push(part.bytes)
        return this.#changed()
      case 'end':
        return this.#finish({ why: undefined, trailers: part.trailers })
      case 'broken':
        return this.#finish({ why: part.why, trailers: [] })
      case 'taken':
      case 'unwanted':
        // Of the body that goes the other way.
        return
    }
  }

  #finish(end: { readonly why: string | undefined; readonly trailers: readonly HttpHeader[] }): void {
    this.#end = end
    this.#changed()
  }

  #took(bytes: number): void {
    this.#lying -= bytes
    this.#untold += bytes
    // A word for each piece would be as many messages again; but the other end must not wait while nothing lies here.
    if (this.#untold === 0 || (this.#lying > 0 && this.#untold < flowWindow / 4)) return
    if (this.#end === undefined) this.#send({ part: 'taken', bytes: this.#untold })
    this.#untold = 0
  }
}
