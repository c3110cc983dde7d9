import { componentWit } from '@bytecodealliance/jco'
import { describe, expect, it } from 'vitest'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import type { WitFunction, WitType } from '../../../preload/wit.js'
import { readBuiltComponent } from '../../support/wasm-entries.js'
import { createRandom } from './random.js'
import { parseWat, readWat } from './wat.js'

const shipped = ['counter', 'clock', 'notes', 'echo'] as const
const fuzzSeed = 7_331

function decodeWell(bytes: Uint8Array) {
  const result = decodeComponent(bytes)
  if (!result.ok) throw new Error(result.reason)
  return result.value
}

const reasonOf = (bytes: Uint8Array): string => {
  const result = decodeComponent(bytes)
  return result.ok ? 'it was decoded' : result.reason
}

/** A type as WIT text, for comparing with text. */
function format(type: WitType): string {
  switch (type.kind) {
    case 'list':
      return `list<${format(type.element)}>`
    case 'option':
      return `option<${format(type.inner)}>`
    case 'tuple':
      return `tuple<${type.elements.map(format).join(', ')}>`
    case 'result':
      return `result<${type.ok === undefined ? '_' : format(type.ok)}, ${type.err === undefined ? '_' : format(type.err)}>`
    case 'record':
    case 'variant':
    case 'enum':
    case 'flags':
      return type.name ?? `unnamed ${type.kind}`
    case 'own':
    case 'borrow':
      return `${type.kind}<${type.resource}>`
    default:
      return type.kind
  }
}

const signature = (fn: WitFunction): string =>
  `${fn.name}(${fn.params.map(({ name, type }) => `${name}: ${format(type)}`).join(', ')})` +
  (fn.result === undefined ? '' : ` -> ${format(fn.result)}`)

describe('The world of a component', () => {
  it.each(shipped)('%s names the same imports and exports as the tools of jco', async (id) => {
    const bytes = readBuiltComponent(id)
    const { world, name, version } = decodeWell(bytes)
    const wit = await componentWit(bytes)
    const named = (word: string): string[] =>
      [...wit.matchAll(new RegExp(`^ {2}${word} (\\S+/\\S+);`, 'gm'))].map((match) => match[1]!)
    expect(world.imports.map((each) => each.name).sort()).toEqual(named('import').sort())
    expect(world.exports.map((each) => each.name).sort()).toEqual(named('export').sort())
    expect({ name, version }).toEqual({ name: id, version: '0.1.0' })
  })

  it('has full signatures, types by their names', () => {
    const { world } = decodeWell(readBuiltComponent('echo'))
    expect(world.exports[0]?.functions.map(signature)).toEqual([
      'echo-string(s: string) -> string',
      'echo-bytes(b: list<u8>) -> list<u8>',
      'convert(reading: reading, to: unit) -> result<reading, string>',
      'count-days(days: weekdays) -> tuple<u32, option<string>>',
      'area(shape: shape) -> f64',
      'sum(numbers: list<s32>) -> result<s32, string>',
      'is-upper(letter: char) -> bool',
    ])
    const shape = world.exports[0]?.functions.find((fn) => fn.name === 'area')?.params[0]?.type
    expect(shape).toMatchObject({
      kind: 'variant',
      name: 'shape',
      cases: [{ name: 'nothing' }, { name: 'circle' }, { name: 'box' }, { name: 'polygon' }],
    })
  })

  it('has resources and their methods', () => {
    const { world } = decodeWell(readBuiltComponent('notes'))
    expect(world.imports[0]?.functions.map(signature)).toEqual([
      '[method]bucket.get(self: borrow<bucket>, key: string) -> result<option<list<u8>>, error>',
      '[method]bucket.set(self: borrow<bucket>, key: string, value: list<u8>) -> result<_, error>',
      '[method]bucket.delete(self: borrow<bucket>, key: string) -> result<_, error>',
      '[method]bucket.exists(self: borrow<bucket>, key: string) -> result<bool, error>',
      '[method]bucket.list-keys(self: borrow<bucket>, cursor: option<u64>) -> result<key-response, error>',
      'open(identifier: string) -> result<own<bucket>, error>',
    ])
  })

  it('hides what QuickJS leaves behind and keeps an `init` of the component itself', async () => {
    expect(decodeWell(readBuiltComponent('counter')).world.exports.some((each) => each.name === '')).toBe(false)
    const own = await parseWat(`(component
      (core module $m (func (export "f")))
      (core instance $i (instantiate $m))
      (func (export "init") (canon lift (core func $i "f"))))`)
    expect(decodeWell(own).world.exports).toEqual([{ name: '', functions: [{ name: 'init', params: [] }] }])
  })

  it('of text with imports and functions at its root is read as well', async () => {
    const { world } = decodeWell(await readWat('relay'))
    expect(world.imports.map((each) => [each.name, each.functions.map(signature)])).toEqual([
      ['demo:far/numbers@1.2.0', ['double(n: u32) -> u32']],
    ])
    expect(world.exports.map((each) => [each.name, each.functions.map(signature)])).toEqual([
      ['demo:near/numbers@0.1.0', ['twice(n: u32) -> u32']],
    ])
  })
})

describe('Bytes that are no component', () => {
  it('are called what they are', async () => {
    expect(reasonOf(new Uint8Array())).toBe('this file is empty')
    expect(reasonOf(new TextEncoder().encode('\x7fELF and so on'))).toContain('not WebAssembly')
    expect(reasonOf(new TextEncoder().encode('(component)'))).toContain('WebAssembly text')
    expect(reasonOf(Uint8Array.of(0, 0x61, 0x73))).toContain('cut off: it has 3 bytes')
    expect(reasonOf(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0))).toContain('unknown here')
    const core = await parseWat('(module (func (export "f")))')
    expect(reasonOf(core)).toBe(
      'this is a core WebAssembly module, not a component: wrap it with `wasm-tools component new`',
    )
  })

  it('because they are cut short are refused at every length, with the place', () => {
    const bytes = readBuiltComponent('notes')
    const lengths = Array.from({ length: 300 }, (_, step) => Math.floor((step / 300) * bytes.length))
    let whole = 0
    for (const length of lengths) {
      const result = decodeComponent(bytes.subarray(0, length))
      // A cut exactly between two sections leaves a shorter component that is whole.
      if (result.ok) whole += 1
      else expect(result.reason).toMatch(/truncated|cut off|empty|begins with/)
    }
    expect(whole).toBeLessThan(3)
  })

  it('because types are nested too deep, or too large written out, are refused at once', () => {
    const types = (count: number, body: (index: number) => number[]): Uint8Array => {
      const content = [...leb(count), ...Array.from({ length: count }, (_, index) => body(index)).flat()]
      return Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, ...leb(content.length), ...content])
    }
    // Each a list of the one before.
    const chain = types(100_000, (index) => (index === 0 ? [0x79] : [0x70, ...signed(index - 1)]))
    // Each a pair of the one before: 2^60 parts written out.
    const bomb = types(60, (index) => (index === 0 ? [0x79] : [0x6f, 2, ...signed(index - 1), ...signed(index - 1)]))
    const many = types(300_000, () => [0x79])
    expect(reasonOf(chain)).toContain('nested more than 100 deep')
    expect(reasonOf(bomb)).toContain('more than 20000 parts')
    expect(reasonOf(many)).toContain('more than 250000 things')
    expect(reasonOf(types(1, () => [0x72, 0xff, 0xff, 0xff, 0xff, 0x0f]))).toContain('truncated')
    // Records of 9,000 fields each, which the file has room for and the memory should not.
    const field = [1, 0x61, 0x79]
    const wide = types(100, () => [0x72, ...leb(9_000), ...Array.from({ length: 9_000 }, () => field).flat()])
    expect(reasonOf(wide)).toContain('more than 500000 things')
  })

  it('because one instance with many members is exported many times is refused at once', async () => {
    const members = Array.from({ length: 2_000 }, (_, index) => `(export "t${index}" (type $u))`).join(' ')
    const exports = Array.from({ length: 500 }, (_, index) => `(export "demo:many/i${index}" (instance $many))`)
    const text = `(component (type $u u32) (instance $many ${members}) ${exports.join(' ')})`
    expect(reasonOf(await parseWat(text))).toContain('more than 200000 parts')
  })

  it('because components are nested too deep are refused', () => {
    let bytes = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]
    for (let depth = 0; depth < 40; depth += 1) {
      bytes = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 4, ...leb(bytes.length), ...bytes]
    }
    expect(reasonOf(Uint8Array.from(bytes))).toContain('nested more than 32 deep')
  })

  it(`because single bytes were changed give a world or a reason, never an exception (seed ${fuzzSeed})`, async () => {
    const random = createRandom(fuzzSeed)
    // Small ones, so that most changes hit what is decoded and not the engine's code.
    const originals = await Promise.all(['hostile', 'relay', 'log-flood', 'wants-threads'].map(readWat))
    const notes = readBuiltComponent('notes')
    // The world of a built component stands at its end.
    const tail = notes.length - 12_000
    let refused = 0
    for (let round = 0; round < 6_000; round += 1) {
      const isLarge = round % 60 === 0
      const bytes = Uint8Array.from(isLarge ? notes : originals[round % originals.length]!)
      const from = isLarge ? tail : 0
      for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes -= 1) {
        bytes[from + Math.floor(random() * (bytes.length - from))] = Math.floor(random() * 256)
      }
      const cut = random() < 0.1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes
      const result = decodeComponent(cut)
      if (!result.ok) refused += 1
    }
    expect(refused).toBeGreaterThan(500)
  })
})

function leb(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest > 127 ? (rest % 128) + 128 : rest)
    if (rest <= 127) return bytes
  }
}

/** A type index: signed, so that one from 64 on takes a byte more. */
function signed(value: number): number[] {
  const bytes = leb(value)
  const last = bytes.length - 1
  return bytes[last]! < 0x40 ? bytes : [...bytes.slice(0, last), bytes[last]! | 0x80, 0]
}
