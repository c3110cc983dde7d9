// Values with their streams and futures (SPEC W42, W43): the synchronous channel tells which other channels there are. Those that
// nobody takes as they come are gathered until they are whole, bounded all together: a stream becomes the list of its elements,
// a future its value. Pure.

import type { WitType } from '../../preload/wit.js'
import type { AsyncPlace } from './async-value.js'
import { type Gathered, Gathering } from './gathering.js'
import { toCamelCase } from './names.js'

/** Channels that may have sent something before the values said that they are there. */
const mostEarly = 64
/** What a message that waits costs besides its bytes. */
const earlyBytes = 128

const more: Gathered = { kind: 'more' }

/** A channel whose data goes on as it comes; it bounds itself what it keeps. */
export interface Flowing {
  /** What stands in the values for it. */
  readonly value: unknown
  add(bytes: Uint8Array): void
  /** Its channel has ended, with these headers. */
  end(headers: Headers): void
}

type Headers = Readonly<Record<string, string>> | undefined

/** Takes a stream or future as it comes; undefined: it is to be gathered. Called once for each. */
export type OpenFlow = (place: AsyncPlace) => Flowing | undefined

/** Stands in the values for what comes on a channel of its own. */
class Awaited {
  readonly #elements: unknown[] = []
  readonly #bytes: Uint8Array[] = []
  readonly #type: AsyncPlace['type']
  #current: Gathering
  #mostBytes: number
  #isWhole = false
  #value: unknown

  constructor(type: AsyncPlace['type'], mostBytes: number) {
    this.#type = type
    this.#mostBytes = mostBytes
    this.#current = this.#begin()
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  get value(): unknown {
    return this.#value
  }

  /** More of its channel; gives a reason when that can never become its value. */
  add(bytes: Uint8Array): string | undefined {
    let rest = bytes
    while (!this.#isWhole) {
      const gathered = this.#current.add(rest)
      if (gathered.kind === 'bad') return gathered.reason
      if (gathered.kind === 'more') return undefined
      rest = this.#current.rest
      if (this.#type.kind === 'future') this.#finish(gathered.values[0])
      else if (this.#isLast(gathered.values[0])) this.#finish(this.#joined())
      else this.#current = this.#begin()
    }
    return undefined
  }

  /** Its channel has ended: only a future without a type ends by that. */
  end(): string | undefined {
    if (this.#isWhole) return undefined
    if (this.#type.kind === 'stream') return 'a stream ended before its end'
    if (this.#type.inner !== undefined) return 'a future ended without its value'
    this.#finish(undefined)
    return undefined
  }

  #begin(): Gathering {
    if (this.#type.kind === 'stream') {
      if (this.#type.element === undefined) return new Gathering([{ kind: 'u32' }], this.#mostBytes)
      return new Gathering([{ kind: 'list', element: this.#type.element }], this.#mostBytes)
    }
    // Never complete by bytes when there is no type: see `end`.
    return new Gathering([this.#type.inner ?? { kind: 'string' }], this.#mostBytes)
  }

  /** Keeps a chunk; an empty one is the end of the stream. */
  #isLast(chunk: unknown): boolean {
    if (chunk instanceof Uint8Array) {
      this.#bytes.push(chunk)
      this.#mostBytes -= chunk.length
      return chunk.length === 0
    }
    if (typeof chunk === 'number') return chunk === 0
    const elements = chunk as readonly unknown[] // a decoded list
    for (const element of elements) this.#elements.push(element)
    return elements.length === 0
  }

  #joined(): unknown {
    if (this.#type.kind !== 'stream' || this.#type.element?.kind !== 'u8') return this.#elements
    const whole = new Uint8Array(this.#bytes.reduce((sum, chunk) => sum + chunk.length, 0))
    let at = 0
    for (const chunk of this.#bytes) {
      whole.set(chunk, at)
      at += chunk.length
    }
    return whole
  }

  #finish(value: unknown): void {
    this.#isWhole = true
    this.#value = value
    this.#bytes.length = 0
  }
}

export class WholeValues {
  readonly #types: readonly WitType[]
  readonly #root: Gathering
  readonly #awaited = new Map<string, Awaited>()
  readonly #flowing = new Map<string, Flowing>()
  readonly #early = new Map<string, Uint8Array[]>()
  #values: readonly unknown[] | undefined
  #whole: Gathered | undefined
  #leftBytes: number

  /** `mostBytes` bounds what a peer can make us keep on all channels together. */
  constructor(types: readonly WitType[], mostBytes: number, open?: OpenFlow) {
    this.#types = types
    this.#leftBytes = mostBytes
    this.#root = new Gathering(types, mostBytes, ({ path, type }) => {
      const key = path.join('.')
      const flowing = this.#flowing.get(key) ?? open?.({ path, type })
      if (flowing !== undefined) {
        this.#flowing.set(key, flowing)
        return flowing
      }
      const awaited = this.#awaited.get(key) ?? new Awaited(type, mostBytes)
      this.#awaited.set(key, awaited)
      return awaited
    })
  }

  /** More of the synchronous channel. */
  add(bytes: Uint8Array): Gathered {
    if (this.#values !== undefined) return this.#outcome()
    if (!this.#spend(bytes.length)) return tooMuch
    return this.#takeRoot(this.#root.add(bytes))
  }

  /** The synchronous channel has ended. */
  end(): Gathered {
    return this.#values === undefined ? this.#takeRoot(this.#root.end()) : this.#outcome()
  }

  /** More of the channel under this path; nothing is its end. What nobody waits for is passed over. */
  addTo(path: string, bytes: Uint8Array, headers?: Headers): Gathered {
    const flowing = this.#flowing.get(path)
    // What came before it waits in front of it.
    if (flowing !== undefined && !this.#early.has(path)) {
      pour(flowing, bytes, headers)
      return this.#outcome()
    }
    const awaited = this.#awaited.get(path)
    if (awaited === undefined && this.#values !== undefined) return this.#outcome()
    if (!this.#spend(bytes.length + (awaited === undefined ? earlyBytes : 0))) return tooMuch
    // A channel may be known before the values that tell of it are complete.
    if (awaited !== undefined) return this.#take(awaited, bytes)
    const early = this.#early.get(path) ?? []
    if (early.length === 0 && this.#early.size >= mostEarly) return { kind: 'bad', reason: 'too many channels' }
    early.push(bytes)
    this.#early.set(path, early)
    return more
  }

  #takeRoot(gathered: Gathered): Gathered {
    if (gathered.kind !== 'done') return gathered
    this.#values = gathered.values
    for (const [path, pieces] of this.#early) {
      const flowing = this.#flowing.get(path)
      if (flowing !== undefined) for (const piece of pieces) pour(flowing, piece, undefined)
      const awaited = this.#awaited.get(path)
      if (awaited === undefined) continue
      for (const piece of pieces) {
        const taken = this.#take(awaited, piece)
        if (taken.kind === 'bad') return taken
      }
    }
    this.#early.clear()
    return this.#outcome()
  }

  #take(awaited: Awaited, bytes: Uint8Array): Gathered {
    const trouble = bytes.length === 0 ? awaited.end() : awaited.add(bytes)
    return trouble === undefined ? this.#outcome() : { kind: 'bad', reason: trouble }
  }

  #outcome(): Gathered {
    if (this.#whole !== undefined) return this.#whole
    const values = this.#values
    if (values === undefined) return more
    if (this.#awaited.size === 0 && this.#flowing.size === 0) return { kind: 'done', values }
    for (const { isWhole } of this.#awaited.values()) if (!isWhole) return more
    this.#whole = { kind: 'done', values: this.#types.map((type, index) => settled(values[index], type)) }
    return this.#whole
  }

  #spend(bytes: number): boolean {
    this.#leftBytes -= bytes
    return this.#leftBytes >= 0
  }
}

function pour(flowing: Flowing, bytes: Uint8Array, headers: Headers): void {
  if (bytes.length === 0) flowing.end(headers)
  else flowing.add(bytes)
}

const tooMuch: Gathered = { kind: 'bad', reason: 'more bytes than a call may have' }

/** The value with what came on channels in its place. */
function settled(value: unknown, type: WitType): unknown {
  if (!holdsAsync(type)) return value
  switch (type.kind) {
    case 'stream':
    case 'future': {
      const found = value as { readonly ready: unknown } | { readonly value: unknown } // as the decoder gives it
      return 'value' in found ? found.value : found.ready
    }
    case 'list':
      return (value as readonly unknown[]).map((each) => settled(each, type.element)) // a decoded list
    case 'tuple': {
      const elements = value as readonly unknown[] // a decoded tuple
      return type.elements.map((element, index) => settled(elements[index], element))
    }
    case 'record': {
      const fields = value as Readonly<Record<string, unknown>> // a decoded record
      return Object.fromEntries(
        type.fields.map(({ name, type: field }) => [toCamelCase(name), settled(fields[toCamelCase(name)], field)]),
      )
    }
    case 'option':
      return type.inner.kind === 'option'
        ? settledCase(value, (tag) => (tag === 'some' ? type.inner : undefined))
        : value === undefined
          ? undefined
          : settled(value, type.inner)
    case 'result':
      return settledCase(value, (tag) => (tag === 'ok' ? type.ok : type.err))
    case 'variant':
      return settledCase(value, (tag) => type.cases.find(({ name }) => name === tag)?.type)
    default:
      return value
  }
}

function settledCase(value: unknown, payload: (tag: unknown) => WitType | undefined): unknown {
  const { tag, val } = value as { readonly tag: unknown; readonly val?: unknown } // a decoded case
  const type = payload(tag)
  return type === undefined ? value : { tag, val: settled(val, type) }
}

/** Whether a stream or future is somewhere in values of this type. */
export function holdsAsync(type: WitType | undefined): boolean {
  switch (type?.kind) {
    case 'stream':
    case 'future':
      return true
    case 'list':
      return holdsAsync(type.element)
    case 'option':
      return holdsAsync(type.inner)
    case 'result':
      return holdsAsync(type.ok) || holdsAsync(type.err)
    case 'tuple':
      return type.elements.some(holdsAsync)
    case 'record':
      return type.fields.some((field) => holdsAsync(field.type))
    case 'variant':
      return type.cases.some((each) => holdsAsync(each.type))
    default:
      return false
  }
}
