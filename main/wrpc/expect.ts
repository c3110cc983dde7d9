// Checks of our own values before they are encoded: each says what was expected, what was given, and where. Pure.

const text = new TextEncoder()

/** A value in an error message, short. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `'${value.slice(0, 40)}…'` : `'${value}'`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

/** Where a value stands; asked for its text only when the value does not fit. */
export interface Place {
  toString(): string
}

function refuse(place: Place, expected: string, value: unknown): never {
  throw new TypeError(`${place.toString()}: ${expected} is expected, not ${describeValue(value)}`)
}

export const expectations = {
  bool(value: unknown, place: Place): boolean {
    return typeof value === 'boolean' ? value : refuse(place, 'a bool', value)
  },

  integer(value: unknown, least: number, most: number, name: string, place: Place): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    return refuse(place, `a ${name}`, value)
  },

  big(value: unknown, least: bigint, most: bigint, name: string, place: Place): bigint {
    if (typeof value === 'bigint' && value >= least && value <= most) return value
    return refuse(place, `a ${name} (bigint)`, value)
  },

  number(value: unknown, name: string, place: Place): number {
    return typeof value === 'number' ? value : refuse(place, `an ${name}`, value)
  },

  /** UTF-8 of text. A lone surrogate has none; the encoder would put U+FFFD without a word. */
  text(value: unknown, place: Place): Uint8Array {
    if (typeof value !== 'string') return refuse(place, 'a string', value)
    const bytes = text.encode(value)
    const mayBeIllFormed = bytes.length !== value.length
    return mayBeIllFormed && /\p{Surrogate}/u.test(value) ? refuse(place, 'a string of whole characters', value) : bytes
  },

  /** UTF-8 of one Unicode scalar value. */
  char(value: unknown, place: Place): Uint8Array {
    if (typeof value === 'string') {
      const code = value.codePointAt(0)
      const isOne = code !== undefined && value.length === (code > 0xffff ? 2 : 1)
      const isSurrogate = code !== undefined && code >= 0xd800 && code <= 0xdfff
      if (isOne && !isSurrogate) return text.encode(value)
    }
    return refuse(place, 'a char', value)
  },

  bytes(value: unknown, place: Place): Uint8Array {
    return value instanceof Uint8Array ? value : refuse(place, 'a handle (bytes)', value)
  },

  array(value: unknown, place: Place, length?: number): readonly unknown[] {
    if (Array.isArray(value) && (length === undefined || value.length === length)) return value
    return refuse(place, length === undefined ? 'a list' : `a tuple of ${length}`, value)
  },

  record(value: unknown, place: Place): Readonly<Record<string, unknown>> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>> // any object: each field is checked as it is read
    }
    return refuse(place, 'a record', value)
  },

  tagged(value: unknown, place: Place): { readonly tag: unknown; readonly val: unknown } {
    if (typeof value === 'object' && value !== null && 'tag' in value) {
      return { tag: value.tag, val: 'val' in value ? value.val : undefined }
    }
    return refuse(place, 'a value with a tag', value)
  },
}
