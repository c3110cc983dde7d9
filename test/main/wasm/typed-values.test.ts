// Values of every type through a real component and back.

import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import type { Instance } from '../../../main/wasm/types.js'
import { openTestRuntime, type TestRuntime } from './open-test-runtime.js'
import { createRandom } from './random.js'
import { randomValue } from './random-values.js'
import { readWat } from './wat.js'

const seed = 20_261
const batches = 10
const perBatch = 1_000

const decoded = decodeComponent(await readWat('mirror'))
if (!decoded.ok) throw new Error(decoded.reason)
const functions = decoded.value.world.exports[0]?.functions ?? []

describe(`${batches * perBatch} random values of a type come back unchanged (seed ${seed})`, () => {
  let runtime: TestRuntime
  let mirror: Instance

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    mirror = await runtime.run(await readWat('mirror'))
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('and there are functions for all kinds of types', () => {
    const kinds = functions.flatMap(({ result }) => (result?.kind === 'list' ? [result.element.kind] : []))
    for (const kind of ['u8', 's64', 'f32', 'char', 'string', 'list', 'option', 'result', 'tuple', 'record'] as const) {
      expect(kinds).toContain(kind)
    }
    for (const kind of ['variant', 'enum', 'flags'] as const) expect(kinds).toContain(kind)
  })

  it.each(functions.map((fn) => [fn.name.replace('mirror-', ''), fn] as const))(
    '%s',
    async (_name, fn) => {
      const element = fn.result?.kind === 'list' ? fn.result.element : undefined
      if (element === undefined) throw new Error('no list')
      const random = createRandom(seed)
      const make = (): unknown => randomValue(random, element)
      for (let batch = 0; batch < batches; batch += 1) {
        const sent =
          element.kind === 'u8'
            ? Uint8Array.from({ length: perBatch }, () => Number(make()))
            : Array.from({ length: perBatch }, make)
        const got = await mirror.call('', fn.name, [sent], { timeoutMs: 60_000 })
        if (isDeepStrictEqual(got, sent)) continue
        // Only now, since saying what differs is slow.
        const at = Array.from(sent).findIndex((value, index) => !isDeepStrictEqual((got as unknown[])[index], value))
        expect((got as unknown[])[at], `value ${at} of batch ${batch}`).toStrictEqual(sent[at])
      }
    },
    90_000,
  )
})
