// Messages on the lane: what is written comes out the same however it is cut, and nothing is taken for a message that is none.

import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createFrameReader, encodeFrame, mostBytes } from '../../../main/wasm/frames.js'
import { laneFd, maxShortBytes, openShortWay } from '../../../main/wasm/lane.js'
import { forkPool } from '../../../main/wasm/pool-process.js'
import type { Answer } from '../../../main/wasm/pool-protocol.js'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import { openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { createRandom } from './random.js'
import { randomValue } from './random-values.js'
import { parseWat, readWat } from './wat.js'

const seed = 36

/** Logs a line if it is told to. */
const talks = `(component
  (import "wasi:logging/logging@0.1.0-draft" (instance $logging
    (type $level (enum "trace" "debug" "info" "warn" "error" "critical"))
    (export "level" (type $l (eq $level)))
    (export "log" (func (param "level" $l) (param "context" string) (param "message" string)))))
  (core module $libc (memory (export "memory") 1) (data (i32.const 0) "hello"))
  (core instance $libc (instantiate $libc))
  (core func $log (canon lower (func $logging "log") (memory (core memory $libc "memory"))))
  (core module $m
    (import "logging" "log" (func $log (param i32 i32 i32 i32 i32)))
    (func (export "say") (param $speaks i32)
      (if (local.get $speaks)
        (then (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 5))))))
  (core instance $i (instantiate $m (with "logging" (instance (export "log" (func $log))))))
  (func (export "say") (param "speaks" u32) (canon lift (core func $i "say"))))`

function readAll(chunks: readonly Buffer[], most = mostBytes): unknown[] {
  const read: unknown[] = []
  const take = createFrameReader(most, (message) => read.push(message))
  // One buffer for all, as the reading process has it.
  const reused = Buffer.alloc(Math.max(1, ...chunks.map(({ length }) => length)))
  for (const chunk of chunks) {
    chunk.copy(reused)
    take(reused.subarray(0, chunk.length))
    reused.fill(0xee)
  }
  return read
}

describe('A message on the lane', () => {
  it('comes out as it went in, cut at every byte', () => {
    const messages = [
      { values: [1, 'two', true, null, [3, { four: 'fünf 😀 \ud800' }]] },
      { values: [1n, new Uint8Array([1, 2, 3]), undefined, { absent: undefined }, -0, NaN, Infinity] },
      { values: undefined },
      { values: [] },
    ]
    const bytes = Buffer.concat(messages.map((message) => encodeFrame(message, message.values)))
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const read = readAll([bytes.subarray(0, cut), bytes.subarray(cut)])
      // `undefined` of ours may be absent.
      expect(read).toEqual(messages)
      expect(read.slice(0, 2)).toStrictEqual(messages.slice(0, 2))
    }
    expect(readAll([...bytes].map((byte) => Buffer.of(byte)))).toEqual(messages)
  })

  it(`holds random values of every type (seed ${seed})`, async () => {
    const decoded = decodeComponent(await readWat('mirror'))
    if (!decoded.ok) throw new Error(decoded.reason)
    const random = createRandom(seed)
    for (const { result } of decoded.value.world.exports[0]?.functions ?? []) {
      if (result === undefined) continue
      for (let times = 0; times < 20; times += 1) {
        const message = { args: [randomValue(random, result)] }
        expect(readAll([encodeFrame(message, message.args)])).toStrictEqual([message])
      }
    }
  })

  it('is refused when it says that it is longer than any may be, or holds no message', () => {
    const long = Buffer.alloc(8)
    long.writeUInt32LE(maxShortBytes + 1)
    expect(() => readAll([long], maxShortBytes)).toThrow(/4097 bytes/)
    for (const flag of [0, 0x80_00_00_00]) {
      const odd = Buffer.from([0, 0, 0, 0, 0x7b, 0x00, 0x99, 0x12])
      odd.writeUInt32LE((4 | flag) >>> 0)
      expect(() => readAll([odd])).toThrow()
    }
    expect(() => encodeFrame({ values: [() => 1] }, [() => 1])).toThrow(/could not be cloned/)
  })
})

describe.runIf(process.platform === 'linux')('The short way', () => {
  const answer = (value: unknown): Answer => {
    return { kind: 'answer', id: 1, callId: 1, outcome: { ok: true, value }, guestMs: 0 }
  }
  const closers: (() => void)[] = []
  afterEach(() => {
    for (const close of closers.splice(0)) close()
  })

  /** A pipe that does not block, as the socket does not. */
  function openPipe(): number {
    const folder = mkdtempSync(path.join(tmpdir(), 'tlos-lane-'))
    const file = path.join(folder, 'pipe')
    execFileSync('mkfifo', [file])
    const fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK)
    closers.push(() => {
      closeSync(fd)
      rmSync(folder, { recursive: true })
    })
    return fd
  }

  it('takes no more than fits, and then nothing of this call', () => {
    const way = openShortWay(openPipe())
    expect(way.send(answer('x'.repeat(maxShortBytes)))).toBe(false)
    expect(way.send(answer('small'))).toBe(false)
    way.renew()
    expect(way.send(answer('small'))).toBe(true)
    way.detour()
    expect(way.send(answer('small'))).toBe(false)
    way.renew()
    let sent = 0
    while (way.send(answer('y'.repeat(1_500)))) sent += 1
    // It was full, not broken: a pipe holds 64 KiB.
    expect(sent).toBeGreaterThan(10)
    expect(sent).toBeLessThan(100)
  })

  it('ends a process, in words, that writes to it what is no message', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tlos-lane-'))
    closers.push(() => rmSync(folder, { recursive: true }))
    const entry = path.join(folder, 'entry.cjs')
    writeFileSync(
      entry,
      `require('node:fs').writeSync(${laneFd}, Buffer.from([1, 255, 0, 0, 7])); setInterval(() => {}, 1e6)`,
    )
    const reason = await new Promise<string>((resolve) => {
      forkPool(entry, [], { onMessage: () => undefined, onOutput: () => undefined, onExit: resolve })
    })
    expect(reason).toMatch(/cannot be read: a message of 65281 bytes/)
  })

  it('is left alone where there is none, or where it is gone', () => {
    expect(openShortWay(undefined).send(answer(1))).toBe(false)
    expect(openShortWay(9_999).send(answer(1))).toBe(false)
    expect(openShortWay(openPipe()).send(answer(() => 1))).toBe(false)
  })
})

describe('Answers, whichever way they take,', () => {
  let runtime: TestRuntime
  beforeAll(async () => {
    // One process: all its workers share one socket.
    runtime = await openTestRuntime({ spread: 1 })
  })
  afterAll(async () => {
    await runtime.dispose()
  })

  it(`are each for whom they are when eight instances answer at once, small and large (seed ${seed})`, async () => {
    const bytes = await readWat('mirror')
    const mirrors = await Promise.all(Array.from({ length: 8 }, () => runtime.run(bytes)))
    expect(runtime.processes()).toHaveLength(1)
    const random = createRandom(seed)
    // About as long as what the short way takes, most of them.
    const text = (who: number): string => `${who}:`.padEnd(Math.floor(random() * 5_000), `${who} `)
    const callers = mirrors.flatMap((mirror, who) =>
      [0, 1, 2].map(async () => {
        for (let times = 0; times < 60; times += 1) {
          const sent = [text(who)]
          expect(await mirror.call('', 'mirror-string', [sent])).toEqual(sent)
        }
      }),
    )
    await Promise.all(callers)
    await Promise.all(mirrors.map((mirror) => mirror.stop()))
  })

  it('come after what was logged before them', async () => {
    const host = recordingHost()
    const talker = await runtime.run(await parseWat(talks), { host })
    for (let times = 1; times <= 50; times += 1) {
      // The first of these logs nothing and answers the short way.
      await talker.call('', 'say', [0])
      await talker.call('', 'say', [1])
      expect(host.lines).toHaveLength(times)
    }
    await talker.stop()
  })
})
