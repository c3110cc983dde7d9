import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decodeComponent } from '../../../../main/wasm/decode-component.js'
import { failureOf, recordingHost } from '../open-test-runtime.js'
import { parseWat } from '../wat.js'
import { exporting, openSiege, type Siege } from './siege.js'

let siege: Siege

beforeAll(async () => {
  siege = await openSiege()
})

afterEach(() => siege.expectUnharmed())
afterAll(() => siege.end())

/** Puts other bytes of the same length where `from` stands, for names that no tool would write. */
function rename(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(bytes)
  const wanted = Buffer.from(from)
  expect(Buffer.byteLength(to)).toBe(wanted.length)
  for (let at = copy.indexOf(wanted); at >= 0; at = copy.indexOf(wanted, at + 1)) copy.write(to, at)
  return Uint8Array.from(copy)
}

describe('A name is only a name:', () => {
  it.each([
    [`a quote`, `x'+(process.exit(7))+'`],
    [`a backslash`, `x\\\\`],
    [`a template`, 'x${process.exit(7)}'],
    [`the end of a comment`, `*/process.exit(7)/*`],
    [`a line`, `x\\0aprocess.exit(7)`],
    [`a line of Unicode`, `x\u2028process.exit(7)`],
  ])('%s in the name of a core export cannot become code of the glue', async (_what, name) => {
    const text = `(component
      (core module $m (func (export "${name}")))
      (core instance $i (instantiate $m))
      (func (export "f") (canon lift (core func $i "${name}"))))`
    const failure = await siege.refusal(text)
    expect(failure).toMatchObject({ code: 'invalid' })
    expect(failure.message).toContain('has characters that no tool writes into a name')
  })

  it('a quote in the name of a core import, or of what it is given, cannot become code of the glue', async () => {
    const name = `x':(process.exit(7)),'y`
    for (const [module, field] of [
      ['a', name],
      [name, 'a'],
    ] as const) {
      const failure = await siege.refusal(`(component
        (core module $n (func (export "f")))
        (core module $m (import "${module}" "${field}" (func)) (func (export "f")))
        (core instance $n (instantiate $n))
        (alias core export $n "f" (core func $f))
        (core instance $given (export "${field}" (func $f)))
        (core instance $i (instantiate $m (with "${module}" (instance $given))))
        (func (export "f") (canon lift (core func $i "f"))))`)
      expect(failure.message).toContain('has characters that no tool writes into a name')
    }
  })

  it('a quote in the name of an import, an export or a field is refused', async () => {
    const imports = await parseWat(`(component
      (import "demo:far/numbers-and-more" (instance (export "double-it" (func (param "n" u32))))))`)
    const broken = siege.refusal(rename(imports, 'numbers-and-more', `a'+exit(1)+'bcde`))
    expect((await broken).message).toContain('is not one of an interface or a function')
    expect(await siege.refusal(rename(imports, 'double-it', `a'+b()+'c`))).toMatchObject({ code: 'invalid' })
    const exports = await parseWat(exporting('double-it'))
    expect(await siege.refusal(rename(exports, 'double-it', `a'+b()+'c`))).toMatchObject({ code: 'invalid' })
    const fields = await parseWat(`(component
      (import "demo:far/numbers" (instance (type $r (record (field "double-it" u32))) (export "r" (type (eq $r))))))`)
    expect(await siege.refusal(rename(fields, 'double-it', `a'+b()+'c`))).toMatchObject({ code: 'invalid' })
  })

  it('exports called like members of every object, or like words of JavaScript, are called and nothing else', async () => {
    const names = ['constructor', 'to-string', 'value-of', 'has-own-property', 'is-prototype-of', 'define-getter']
    const words = ['delete', 'class', 'default', 'function', 'eval', 'arguments', 'await', 'new', 'null', 'this']
    const instance = await siege.attack(exporting(...names, ...words, 'undefined', 'global-this', 'process'))
    for (const name of [...names, ...words, 'undefined', 'global-this', 'process']) {
      expect(await instance.call('', name, [])).toBeUndefined()
    }
    for (const name of ['toString', 'valueOf', '__proto__', 'hasOwnProperty', 'f', '']) {
      expect(await failureOf(instance.call('', name, []))).toMatchObject({ code: 'not-found' })
    }
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(await failureOf(instance.call(name, 'constructor', []))).toMatchObject({ code: 'not-found' })
    }
    await instance.stop()
  })

  it('interfaces called like members of every object are found by their whole names', async () => {
    const text = exporting('echo').replace(
      /\)$/,
      `(instance $x (export "constructor" (func $f)) (export "to-string" (func $f)))
       (export "demo:x/echo" (instance $x))
       (export "demo:y/echo@1.0.0" (instance $x))
       (export "demo:y/echo@2.0.0" (instance $x))
       (export "demo:z/constructor" (instance $x))
       (export "demo:z/to-string" (instance $x)))`,
    )
    const instance = await siege.attack(text)
    const names = ['demo:x/echo', 'demo:y/echo@1.0.0', 'demo:y/echo@2.0.0', 'demo:z/constructor', 'demo:z/to-string']
    for (const name of names) {
      expect(await instance.call(name, 'to-string', [])).toBeUndefined()
      expect(await instance.call(name, 'constructor', [])).toBeUndefined()
      expect(await failureOf(instance.call(name, 'echo', []))).toMatchObject({ code: 'not-found' })
    }
    expect(await instance.call('', 'echo', [])).toBeUndefined()
    await instance.stop()
  })

  it('exports that would be one name in JavaScript are refused', async () => {
    for (const [one, other] of [
      ['get-it', 'get-IT'],
      ['get-it', 'GET-it'],
    ]) {
      expect(await siege.refusal(exporting(one!, other!))).toMatchObject({ code: 'invalid' })
    }
  })

  it('exports called like the variables of the glue work or are refused, and reach nothing', async () => {
    const names = ['exports0', 'memory0', 'module0', 'get-core-module', 'instantiate-core', 'imports', 'gen', 'promise']
    for (const name of names) {
      const outcome = await siege.attack(exporting(name)).then(
        async (instance) => {
          const answer: unknown = await instance.call('', name, [])
          await instance.stop()
          return answer
        },
        (error: unknown) => error,
      )
      if (outcome !== undefined) expect(outcome).toMatchObject({ code: expect.stringMatching(/^(trapped|invalid)$/) })
    }
  })

  it('an export called `then`, which JavaScript would call by itself, is refused', async () => {
    expect((await siege.refusal(exporting('then'))).message).toContain('it exports `then`')
  })

  it('names of a megabyte are refused, and so are a hundred of nearly the longest', async () => {
    const long = await siege.refusal(exporting('a'.repeat(1024 * 1024)))
    expect(long).toMatchObject({ code: 'invalid' })
    expect(long.message.length).toBeLessThan(500)
    const many = Array.from({ length: 100 }, (_, index) => `a${index}${'b'.repeat(90_000)}`)
    const failure = await siege.refusal(exporting(...many))
    expect(failure).toMatchObject({ code: 'invalid' })
    expect(failure.message.length).toBeLessThan(500)
  })

  it('imports that sound like ours are calls along a link, and without one are refused', async () => {
    const names = [
      'tlos:host/secrets',
      'tlos:shell/window@0.1.0',
      'tlos:actor/state@0.1.0',
      'wrpc:keyvalue/store@0.2.0-draft',
    ]
    for (const name of names) {
      const host = recordingHost()
      const instance = await siege.attack(relayTo(name), { host })
      const failure = await failureOf(instance.call('', 'f', []))
      expect(failure.message).toBe(`there is no link for ${name}`)
      expect(host.asked).toEqual([{ instance: name, functionName: 'ask', args: [] }])
    }
  })

  it('imports that sound like WASI and are not are refused by name', async () => {
    const names = [
      'wasi:cli/secrets',
      'wasi:keyvalue/constructor@0.2.0-draft',
      'wasi:constructor/prototype',
      'wasi:fs/all',
    ]
    for (const name of names) {
      const failure = await siege.refusal(relayTo(name))
      expect(failure).toMatchObject({ code: 'unavailable' })
      expect(failure.message).toContain(name)
    }
  })
})

/** Imports one function of an interface and calls it. */
const relayTo = (name: string): string => `(component
  (import "${name}" (instance $far (export "ask" (func (result u32)))))
  (core func $ask (canon lower (func $far "ask")))
  (core module $m (import "far" "ask" (func $ask (result i32))) (func (export "f") (result i32) (call $ask)))
  (core instance $i (instantiate $m (with "far" (instance (export "ask" (func $ask))))))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))`

describe('The decoder by itself', () => {
  it('does not take a name from what every object has', async () => {
    const bytes = await parseWat(exporting('constructor', 'to-string'))
    const decoded = decodeComponent(bytes)
    expect(decoded.ok && decoded.value.world.exports[0]?.functions.map(({ name }) => name)).toEqual([
      'constructor',
      'to-string',
    ])
  })
})
