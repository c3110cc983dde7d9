import { readFileSync } from 'node:fs'
import { parse } from '@bytecodealliance/jco'
import { describe, expect, it } from 'vitest'
import { fingerprintModule, openPrints, pageSize } from '../../../main/wasm/snapshot/fingerprint.js'
import { createRandom } from './random.js'

const text = new URL('../../../main/wasm/snapshot/fingerprint.wat', import.meta.url)
const seed = 7

describe('The fingerprint of a memory', () => {
  it('is made by the code whose text lies beside it', async () => {
    expect(Buffer.compare(fingerprintModule(), Buffer.from(await parse(readFileSync(text, 'utf8'))))).toBe(0)
  })

  it('is 0 for pages of zeros only, also after the memory grew, and none for a memory of no pages', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 })
    const [print, printNone] = openPrints([memory, new WebAssembly.Memory({ initial: 0 })])
    new Uint8Array(memory.buffer)[5 * pageSize + 17] = 1
    memory.grow(1)
    const prints = print?.() ?? new Float64Array()
    expect(prints.length).toBe(131_072 / pageSize)
    expect([...prints.keys()].filter((page) => prints[page] !== 0)).toEqual([5])
    expect(printNone?.().length).toBe(0)
  })

  it(`is another for each bit of a page, and for words that changed places (seed ${seed})`, () => {
    const random = createRandom(seed)
    const memory = new WebAssembly.Memory({ initial: 1 })
    const words = new Uint32Array(memory.buffer)
    for (let at = 0; at < words.length; at += 1) words[at] = Math.floor(random() * 2 ** 32)
    const print = openPrints([memory])[0] ?? (() => new Float64Array())
    const [first = 0] = print()
    expect(Number.isSafeInteger(first)).toBe(true)
    const seen = new Set([first])
    for (let bit = 0; bit < pageSize * 8; bit += 1) {
      const word = words[bit >> 5] ?? 0
      words[bit >> 5] = word ^ (1 << (bit % 32))
      seen.add(print()[0] ?? 0)
      words[bit >> 5] = word
    }
    expect(seen.size).toBe(pageSize * 8 + 1)
    for (let at = 1; at < pageSize / 4; at += 1) {
      const [a = 0, b = 0] = [words[0], words[at]]
      words.set([b], 0)
      words.set([a], at)
      seen.add(print()[0] ?? 0)
      words.set([a], 0)
      words.set([b], at)
    }
    expect(seen.size).toBe(pageSize * 8 + pageSize / 4)
    expect(print()[0]).toBe(first)
  })
})
