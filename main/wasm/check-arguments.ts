// Values against WIT types, before they go anywhere near a guest: arguments of a call, and what a host answers. Pure. Says
// in words what is wrong and where, since the values often come from a form or a network. What fits is given back as a
// plain copy, each part read once: a getter or proxy cannot show the check one value and the guest another.

import type { WitFunction, WitType } from '../../preload/wit.js'
import { toCamel } from './wit-names.js'

export type Taken<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; /** The end of a sentence. */ readonly trouble: string }

/** Copies of the arguments, or the trouble (`reading.degrees must be a number, not text`). */
export function takeArguments(fn: WitFunction, args: readonly unknown[]): Taken<readonly unknown[]> {
  if (args.length !== fn.params.length) {
    return { ok: false, trouble: `it takes ${fn.params.length} arguments, and ${args.length} were given` }
  }
  return attempt((taking) => fn.params.map(({ name, type }, index) => taking.inside(name, args[index], type)))
}

/** A copy of one value; `name` is what the trouble calls it. */
export const takeValue = (name: string, value: unknown, type: WitType): Taken<unknown> =>
  attempt((taking) => taking.inside(name, value, type))

/** `undefined` when all fit, else the trouble. */
export function findBadArgument(fn: WitFunction, args: readonly unknown[]): string | undefined {
  const taken = takeArguments(fn, args)
  return taken.ok ? undefined : taken.trouble
}

/** Ours have 16; other peers may make them in other ways. */
const mostHandleBytes = 1_024

class Misfit extends Error {}

function attempt<T>(take: (taking: Taking) => T): Taken<T> {
  const taking = new Taking()
  try {
    return { ok: true, value: take(taking) }
  } catch (error) {
    if (error instanceof Misfit) return { ok: false, trouble: error.message }
    // Reading runs code of whoever made the value: a getter, a proxy.
    return { ok: false, trouble: `${taking.place()} cannot be read: ${sayError(error)}` }
  }
}

const sayError = (error: unknown): string =>
  error instanceof Error ? String(error.message).slice(0, 200) : 'its getter failed'

const integers: Readonly<Record<string, readonly [number, number]>> = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  s8: [-0x80, 0x7f],
  s16: [-0x8000, 0x7fff],
  s32: [-0x8000_0000, 0x7fff_ffff],
}

class Taking {
  /** Names on the way to the value at hand; joined only when something does not fit. */
  readonly #path: (string | number)[] = []

  place(): string {
    return this.#path.join('.')
  }

  inside(name: string | number, value: unknown, type: WitType): unknown {
    this.#path.push(name)
    const copy = this.#take(value, type)
    this.#path.pop()
    return copy
  }

  #mustBe(what: string, value: unknown): never {
    throw new Misfit(`${this.place()} must be ${what}, not ${describe(value)}`)
  }

  #take(value: unknown, type: WitType): unknown {
    switch (type.kind) {
      case 'bool':
        return typeof value === 'boolean' ? value : this.#mustBe('true or false', value)
      case 'u8':
      case 'u16':
      case 'u32':
      case 's8':
      case 's16':
      case 's32': {
        const [least, most] = integers[type.kind] ?? [0, 0]
        const isInside = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
        return isInside ? value : this.#mustBe(`a whole number from ${least} to ${most}`, value)
      }
      case 'u64':
        if (isBigInside(value, 0n, (1n << 64n) - 1n)) return value
        return this.#mustBe('a whole number (bigint) of 64 bits from 0', value)
      case 's64':
        if (isBigInside(value, -(1n << 63n), (1n << 63n) - 1n)) return value
        return this.#mustBe('a whole number (bigint) of 64 bits', value)
      case 'f32':
        if (typeof value !== 'number') return this.#mustBe('a number', value)
        // Rounded it may be, as everywhere; endless it must not become.
        if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
          return this.#mustBe('a number that fits into 32 bits', value)
        }
        return value
      case 'f64':
        return typeof value === 'number' ? value : this.#mustBe('a number', value)
      case 'char':
        return isChar(value) ? value : this.#mustBe('one character', value)
      case 'string':
        if (typeof value !== 'string') return this.#mustBe('text', value)
        // Half of a pair has no UTF-8: the guest would get another character without a word.
        return loneSurrogate.test(value) ? this.#mustBe('text of whole characters', value) : value
      case 'list':
        return this.#list(value, type.element)
      case 'option':
        return this.#option(value, type.inner)
      case 'tuple':
        if (!Array.isArray(value) || value.length !== type.elements.length) {
          return this.#mustBe(`a list of exactly ${type.elements.length} values`, value)
        }
        return type.elements.map((element, index) => this.#element(value, index, element))
      case 'record':
        return this.#record(value, type)
      case 'enum':
        if (typeof value === 'string' && type.cases.includes(value)) return value
        return this.#mustBe(`one of ${list(type.cases)}`, value)
      case 'flags':
        return this.#flags(value, type)
      case 'variant': {
        const { tag, val } =
          this.#tagged(value) ?? this.#mustBe(`one of ${list(type.cases.map(({ name }) => name))}`, value)
        const chosen = type.cases.find((each) => each.name === tag)
        if (chosen === undefined) return this.#mustBe(`one of ${list(type.cases.map(({ name }) => name))}`, value)
        return this.#payload(chosen.name, val, chosen.type)
      }
      case 'result': {
        const { tag, val } = this.#tagged(value) ?? this.#mustBe('ok or err', value)
        if (tag !== 'ok' && tag !== 'err') return this.#mustBe('ok or err', value)
        return this.#payload(tag, val, tag === 'ok' ? type.ok : type.err)
      }
      case 'own':
      case 'borrow':
        if (!(value instanceof Uint8Array)) return this.#mustBe(`a handle (bytes) of a ${type.resource}`, value)
        if (value.length > mostHandleBytes) return this.#mustBe(`a handle of a ${type.resource}`, value)
        // They are kept, so they are ours alone.
        return Uint8Array.prototype.slice.call(value)
      default:
        throw new Misfit(`${this.place()} is a ${type.kind}, which cannot be passed from outside`)
    }
  }

  #list(value: unknown, element: WitType): unknown {
    if (element.kind === 'u8') return value instanceof Uint8Array ? value : this.#mustBe('bytes', value)
    if (!Array.isArray(value)) return this.#mustBe('a list', value)
    const { length } = value
    const copy: unknown[] = []
    for (let index = 0; index < length; index += 1) copy.push(this.#element(value, index, element))
    return copy
  }

  /** A gap in a list is no value, not even an absent one. */
  #element(from: readonly unknown[], index: number, type: WitType): unknown {
    const value = from[index]
    if (value === undefined && !Object.hasOwn(from, index)) {
      this.#path.push(index)
      throw new Misfit(`${this.place()} is a gap in the list`)
    }
    return this.inside(index, value, type)
  }

  #option(value: unknown, inner: WitType): unknown {
    if (inner.kind !== 'option') return value === undefined ? undefined : this.#take(value, inner)
    const { tag, val } = this.#tagged(value) ?? this.#mustBe('some or none', value)
    if (tag !== 'some' && tag !== 'none') return this.#mustBe('some or none', value)
    return this.#payload(tag, val, tag === 'some' ? inner : undefined)
  }

  #record(value: unknown, type: Extract<WitType, { kind: 'record' }>): unknown {
    if (!isPlain(value)) return this.#mustBe('a record', value)
    const fields = keysOf(type, () => type.fields.map(({ name }) => name))
    this.#refuseUnknown(value, fields)
    return fromPairs(type.fields, ({ name, type: inner }) => {
      const key = fields.get(name) ?? name
      this.#path.push(name)
      const copy = this.#take(ownValue(value, key), inner)
      this.#path.pop()
      return [key, copy]
    })
  }

  /** Absent flags are not set. */
  #flags(value: unknown, type: Extract<WitType, { kind: 'flags' }>): unknown {
    if (!isPlain(value)) return this.#mustBe(`a set of ${list(type.names)}`, value)
    const keys = keysOf(type, () => type.names)
    this.#refuseUnknown(value, keys)
    return fromPairs(type.names, (name) => {
      const key = keys.get(name) ?? name
      const flag = ownValue(value, key)
      if (flag === undefined || typeof flag === 'boolean') return [key, flag ?? false]
      throw new Misfit(`${this.place()}.${name} must be true or false`)
    })
  }

  #refuseUnknown(value: object, keys: ReadonlyMap<string, string>): void {
    const names = Object.keys(value)
    // All of these are known in the usual case, where it is enough to count.
    const known = new Set(keys.values())
    const unknown = names.find((name) => !known.has(name))
    if (unknown === undefined) return
    throw new Misfit(
      `${this.place()} has ${JSON.stringify(unknown.slice(0, 60))}, which is none of ${list([...keys.keys()])}`,
    )
  }

  #tagged(value: unknown): { readonly tag: unknown; readonly val: unknown } | undefined {
    if (!isPlain(value)) return undefined
    const unknown = Object.keys(value).find((name) => name !== 'tag' && name !== 'val')
    if (unknown !== undefined) {
      throw new Misfit(`${this.place()} has ${JSON.stringify(unknown.slice(0, 60))} beside its tag and val`)
    }
    return { tag: ownValue(value, 'tag'), val: ownValue(value, 'val') }
  }

  #payload(tag: string, val: unknown, type: WitType | undefined): unknown {
    if (type !== undefined) return { tag, val: this.inside(tag, val, type) }
    if (val !== undefined) throw new Misfit(`${this.place()}.${tag} takes no value`)
    return { tag }
  }
}

const loneSurrogate = /\p{Surrogate}/u

/** Keys in JavaScript by WIT name, worked out once for each type. */
const keysByType = new WeakMap<WitType, ReadonlyMap<string, string>>()

function keysOf(type: WitType, names: () => readonly string[]): ReadonlyMap<string, string> {
  const known = keysByType.get(type)
  if (known !== undefined) return known
  const keys = new Map(names().map((name) => [name, toCamel(name)]))
  keysByType.set(type, keys)
  return keys
}

/** An object with own members only, whatever they are called: assigning would not make a `__proto__`. */
const fromPairs = <T>(items: readonly T[], pair: (item: T) => [string, unknown]): Record<string, unknown> =>
  Object.fromEntries(items.map(pair))

/** Only what the object has itself: a field called `constructor` is no reason to find one. */
const ownValue = (value: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined

/** An object as a literal makes it, of whatever realm; no list, no class instance. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const above: unknown = Object.getPrototypeOf(value)
  return above === null || Object.getPrototypeOf(above) === null
}

const isBigInside = (value: unknown, least: bigint, most: bigint): boolean =>
  typeof value === 'bigint' && value >= least && value <= most

function isChar(value: unknown): boolean {
  const code = typeof value === 'string' ? value.codePointAt(0) : undefined
  if (typeof value !== 'string' || code === undefined) return false
  return value.length === (code > 0xffff ? 2 : 1) && !(code >= 0xd800 && code <= 0xdfff)
}

const list = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ')

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'absent'
  if (typeof value === 'string') return value.length > 40 ? `text of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return value.toString().length > 40 ? 'a huge bigint' : `${value} (bigint)`
  if (Array.isArray(value)) return `a list of ${value.length}`
  return value instanceof Uint8Array ? `${value.length} bytes` : 'something else'
}
