// Headers of wasi:http for one guest: names and values that HTTP can carry, and no more of them than a server would take.

import { GuestError } from '../import-error.js'

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

function check(name: string, values: readonly Uint8Array[]): void {
  if (!namePattern.test(name)) fail('invalid-syntax')
  for (const value of values) {
    // Control characters would begin a new line, and a header of its own.
    if (value.some((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f)) fail('invalid-syntax')
  }
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
