// The bytes of a stream into what it has, cut anywhere, and bytes that wait in blocks.

import { describe, expect, it } from 'vitest'
import { readTaken, readWindow, writeTaken } from '../../../main/lattice/rpc-window.js'
import { ByteQueue } from '../../../main/wrpc/byte-queue.js'
import { BadData } from '../../../main/wrpc/bytes.js'
import { encodeChunk, streamEnd } from '../../../main/wrpc/channels.js'
import { ChunkReader } from '../../../main/wrpc/chunks.js'
import { createRandom } from '../wasm/random.js'

describe.each([1, 2, 3, 4, 5])('streams of random chunks [seed %i]', (seed) => {
  const random = createRandom(seed)
  const below = (count: number): number => Math.floor(random() * count)
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))

  it('[W12, W44] are read as they were, however they are cut, and nothing behind their end is', () => {
    for (let turn = 0; turn < 200; turn += 1) {
      const chunks = Array.from({ length: below(6) }, () => bytes(1 + below(turn % 10 === 0 ? 20_000 : 200)))
      const wire = Buffer.concat([...chunks.map(encodeChunk), streamEnd, bytes(below(20))])
      const reader = new ChunkReader()
      const got: Uint8Array[] = []
      for (let at = 0; at < wire.length;) {
        const piece = wire.subarray(at, at + 1 + below(300))
        for (const each of reader.read(piece)) {
          expect(each.length).toBeGreaterThan(0)
          got.push(each.slice())
        }
        at += piece.length
      }
      expect([reader.isEnded, Buffer.compare(Buffer.concat(got), Buffer.concat(chunks))]).toEqual([true, 0])
    }
  })

  it('[W38] are pieces, an end or a reason when their bytes are anything', () => {
    for (let turn = 0; turn < 2_000; turn += 1) {
      const given = bytes(below(40))
      try {
        const size = [...new ChunkReader().read(given)].reduce((sum, piece) => sum + piece.length, 0)
        expect(size).toBeLessThanOrEqual(given.length)
      } catch (error) {
        expect(error).toBeInstanceOf(BadData)
      }
    }
  })

  it('wait in blocks and come out in order', () => {
    const queue = new ByteQueue()
    const into: Uint8Array[] = []
    const out: Uint8Array[] = []
    for (let turn = 0; turn < 5_000; turn += 1) {
      if (random() < 0.6) {
        const piece = bytes(below(turn % 50 === 0 ? 9_000 : 30))
        into.push(piece)
        queue.push(piece)
      } else {
        const piece = queue.shift()
        if (piece !== undefined) out.push(piece)
      }
      const lying = into.reduce((sum, { length }) => sum + length, 0) - out.reduce((sum, { length }) => sum + length, 0)
      if (turn % 100 === 0) expect(queue.length).toBe(lying)
    }
    for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) out.push(piece)
    expect([queue.length, Buffer.compare(Buffer.concat(into), Buffer.concat(out))]).toEqual([0, 0])
  })

  it('[W45] are told of in words that are understood or passed over', () => {
    for (let turn = 0; turn < 2_000; turn += 1) {
      const taken = readTaken(bytes(1 + below(20)))
      expect(taken === undefined || (taken.kind === 'taken' && Number.isSafeInteger(taken.bytes))).toBe(true)
    }
    const count = below(2 ** 40)
    expect(readTaken(writeTaken(count))).toEqual({ kind: 'taken', bytes: count })
    expect(readTaken(writeTaken(undefined))).toEqual({ kind: 'unwanted' })
    for (const text of ['', '0', '-1', '1e9', ' 5', '9'.repeat(16), 'NaN']) {
      expect(readWindow({ 'tlos-window': text })).toBeUndefined()
    }
  })
})

it('a million bytes that come one by one wait in no more blocks than they need', () => {
  const queue = new ByteQueue()
  const one = new Uint8Array(1)
  for (let i = 0; i < 1_000_000; i += 1) queue.push(one)
  let blocks = 0
  while (queue.shift() !== undefined) blocks += 1
  expect(blocks).toBeLessThan(300)
})
