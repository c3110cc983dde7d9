import { describe, expect, it } from 'vitest'
import { patchMemories } from '../../../main/wasm/patch-memory.js'
import { createRandom } from './random.js'
import { parseWat } from './wat.js'

const limits = { pages: 10, tableEntries: 1_000 }
const fuzzSeed = 99

const grow = `(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))`

async function load(text: string): Promise<{ memory: WebAssembly.Memory; grow: (pages: number) => number }> {
  const patched = patchMemories(await parseWat(text), limits)
  if (!patched.ok) throw new Error(patched.reason)
  const module = await WebAssembly.compile(patched.bytes as Uint8Array<ArrayBuffer>)
  const { exports } = await WebAssembly.instantiate(module)
  return exports as never
}

describe('A core module whose memory is narrowed', () => {
  it('grows to the limit and no further', async () => {
    const open = await load(`(module (memory (export "memory") 1) ${grow})`)
    expect(open.grow(9)).toBe(1)
    expect(open.grow(1)).toBe(-1)
    expect(open.memory.buffer.byteLength).toBe(10 * 65_536)
  })

  it('keeps a smaller maximum of its own', async () => {
    const small = await load(`(module (memory (export "memory") 1 3) ${grow})`)
    expect(small.grow(2)).toBe(1)
    expect(small.grow(1)).toBe(-1)
  })

  it('is refused when it starts beyond the limit or shares its memory', async () => {
    const large = patchMemories(await parseWat('(module (memory 11))'), limits)
    expect(large).toMatchObject({ ok: false, code: 'too-large' })
    const shared = patchMemories(await parseWat('(module (memory 1 2 shared))'), limits)
    expect(shared).toMatchObject({ ok: false, code: 'invalid' })
    const wide = patchMemories(await parseWat('(module (memory i64 1))'), limits)
    expect(wide).toMatchObject({ ok: false, code: 'invalid' })
    const table = patchMemories(await parseWat('(module (table 1001 funcref))'), limits)
    expect(table).toMatchObject({ ok: false, code: 'too-large' })
    expect(patchMemories(new Uint8Array([1, 2, 3]), limits)).toMatchObject({ ok: false, code: 'invalid' })
  })

  it('is the same in all else, and counts its memories', async () => {
    const bytes =
      await parseWat(`(module (memory 1 5) (table 1 1000 funcref) (func (export "f") (result i32) i32.const 7)
      (data (i32.const 0) "some data"))`)
    const patched = patchMemories(bytes, limits)
    expect(patched).toMatchObject({ ok: true, memories: 1 })
    // Maxima are inside the limits already, so that nothing is left to change.
    expect(patched.ok && Buffer.compare(patched.bytes, bytes)).toBe(0)
    expect(patchMemories(await parseWat('(module)'), limits)).toMatchObject({ ok: true, memories: 0 })
  })

  it(`is never an exception, whatever bytes were changed (seed ${fuzzSeed})`, async () => {
    const random = createRandom(fuzzSeed)
    const original = await parseWat(
      `(module (memory 1 5) (table 1 funcref) (func (export "f") (result i32) i32.const 7))`,
    )
    let refused = 0
    for (let round = 0; round < 5_000; round += 1) {
      const bytes = Uint8Array.from(original)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      const result = patchMemories(bytes.subarray(0, Math.floor(random() * (bytes.length + 1))), limits)
      if (!result.ok) refused += 1
    }
    expect(refused).toBeGreaterThan(1_000)
  })
})
