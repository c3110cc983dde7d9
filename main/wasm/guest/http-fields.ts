// Headers of wasi:http for one guest: names and values that HTTP can carry, and no more of them than a server would take.

import { GuestError } from '../import-error.js'
import type { Recipe } from '../snapshot/recipes.js'

export type HeaderEntry = readonly [name: string, value: Uint8Array]

const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Bytes of all names and values together. */
const maxBytes = 256 * 1024
/** Of the connection, which a component has no say in. */
const forbidden = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

const fail = (tag: string): never => {
  throw new GuestError({ tag })
}

function checkSyntax(name: string, values: readonly Uint8Array[]): void {
  if (!namePattern.test(name)) fail('invalid-syntax')
  for (const value of values) {
    // Control characters would begin a new line, and a header of its own.
    if (value.some((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f)) fail('invalid-syntax')
  }
}

function check(name: string, values: readonly Uint8Array[]): void {
  checkSyntax(name, values)
  if (forbidden.has(name.toLowerCase())) fail('forbidden')
}

/** `fields` of wasi:http. One class for all, as a guest may hand headers from one message to another. */
export class Fields {
  #entries: HeaderEntry[] = []
  #isFixed = false

  static fromList(entries: readonly HeaderEntry[]): Fields {
    const fields = new Fields()
    for (const [name, value] of entries) fields.append(name, value)
    return fields
  }

  /** What came from outside: not checked, and not to be changed. */
  static received(entries: readonly HeaderEntry[]): Fields {
    const fields = new Fields()
    fields.#entries = [...entries]
    return fields.fix()
  }

  /** As plain data, and back; undefined when it is none that could have been made here. */
  static recipeOf(fields: Fields): Recipe {
    const entries = fields.#entries.flatMap(([name, value]) => [name, Buffer.from(value).toString('base64')])
    return ['fields', fields.#isFixed ? 1 : 0, ...entries]
  }

  static fromRecipe([isFixed, ...texts]: readonly (string | number)[]): Fields | undefined {
    const entries: HeaderEntry[] = []
    for (let at = 0; at < texts.length; at += 2) {
      const [name, value] = [texts[at], texts[at + 1]]
      if (typeof name !== 'string' || typeof value !== 'string') return undefined
      entries.push([name, new Uint8Array(Buffer.from(value, 'base64'))])
    }
    try {
      // One that came from outside may hold what a guest may not make, and no more than any server lets through.
      if (isFixed !== 1) return Fields.fromList(entries)
      for (const [name, value] of entries) checkSyntax(name, [value])
      return Fields.received(entries)
    } catch {
      return undefined
    }
  }

  /** From here on nobody changes it. */
  fix(): this {
    this.#isFixed = true
    return this
  }

  #change(entries: HeaderEntry[]): void {
    if (this.#isFixed) fail('immutable')
    const size = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
    if (size > maxBytes) fail('invalid-syntax')
    this.#entries = entries
  }

  #others(name: string): HeaderEntry[] {
    return this.#entries.filter((entry) => entry[0].toLowerCase() !== name.toLowerCase())
  }

  get(name: string): Uint8Array[] {
    return this.#entries.filter((entry) => entry[0].toLowerCase() === name.toLowerCase()).map((entry) => entry[1])
  }

  has(name: string): boolean {
    return this.get(name).length > 0
  }

  set(name: string, values: readonly Uint8Array[]): void {
    check(name, values)
    this.#change([...this.#others(name), ...values.map((value): HeaderEntry => [name, value])])
  }

  delete(name: string): void {
    if (!namePattern.test(name)) fail('invalid-syntax')
    this.#change(this.#others(name))
  }

  append(name: string, value: Uint8Array): void {
    check(name, [value])
    this.#change([...this.#entries, [name, value]])
  }

  entries(): HeaderEntry[] {
    return [...this.#entries]
  }

  clone(): Fields {
    const copy = new Fields()
    copy.#entries = [...this.#entries]
    return copy
  }
}
