// Damaged bytes of real components and modules: always a result or a reason, soon, never an exception.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TlosError } from '../../../main/failure.js'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import { maxTableEntries, patchMemories } from '../../../main/wasm/patch-memory.js'
import { openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { createMutation } from './mutate.js'
import { createRandom } from './random.js'
import { parseWat, readWat } from './wat.js'

const path = (name: string): string => fileURLToPath(new URL(`../../fixtures${name}`, import.meta.url))
const texts = readdirSync(path('-wat')).map((name) => name.replace('.wat', ''))
const limits = { pages: 1_024, tableEntries: maxTableEntries }

let components: readonly Uint8Array[]
let modules: readonly Uint8Array[]

beforeAll(async () => {
  components = [
    ...(await Promise.all(texts.map(readWat))),
    await parseWat(readFileSync(path('/families/guest.wat'), 'utf8')),
    new Uint8Array(readFileSync(path('/families/rust.wasm'))),
    new Uint8Array(readFileSync(path('/families/c.wasm'))),
  ]
  modules = components.map(firstModule).filter((module) => module !== undefined)
})

/** The first core module in a component: where its preamble is, to the end of the section it stands in. */
function firstModule(component: Uint8Array): Uint8Array | undefined {
  const at = Buffer.from(component).indexOf(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
  if (at < 0) return undefined
  let size = 0
  let shift = 0
  // The size of the section stands before it, in at most five bytes; the last of them is below 0x80.
  let first = at - 1
  while (first > 8 && (component[first - 1] ?? 0) >= 0x80) first -= 1
  for (let index = first; index < at; index += 1, shift += 7) size += ((component[index] ?? 0) & 0x7f) * 2 ** shift
  return component.subarray(at, at + size)
}

describe('Damaged bytes are a world or a reason, never an exception or a hang:', () => {
  it.each([1, 2])('of components (seed %i, 4,000 rounds)', (seed) => {
    const random = createRandom(seed)
    const mutate = createMutation(random)
    let refused = 0
    for (let round = 0; round < 4_000; round += 1) {
      // The large ones in few rounds: most of them is code, which nobody reads here.
      const from = round % 40 === 0 ? components.length : components.length - 2
      const result = decodeComponent(mutate(components[Math.floor(random() * from)]!))
      if (result.ok) continue
      refused += 1
      expect(result.reason.length).toBeLessThan(400)
      expect(result.reason).toMatch(/^this [^\n]*[^.\n]$/)
    }
    expect(refused).toBeGreaterThan(1_000)
  })

  it('of each text component, cut off at every byte', () => {
    for (const bytes of components.slice(0, -2)) {
      for (let length = 0; length < bytes.length; length += 1) {
        const result = decodeComponent(bytes.subarray(0, length))
        if (!result.ok) expect(result.reason).not.toBe('')
      }
    }
  })

  it.each([11, 12])('of core modules that are narrowed (seed %i, 4,000 rounds)', (seed) => {
    const random = createRandom(seed)
    const mutate = createMutation(random)
    expect(modules.length).toBeGreaterThan(10)
    let refused = 0
    for (let round = 0; round < 4_000; round += 1) {
      const from = round % 40 === 0 ? modules.length : modules.length - 2
      const result = patchMemories(mutate(modules[Math.floor(random() * from)]!), limits)
      if (!result.ok) refused += 1
    }
    expect(refused).toBeGreaterThan(500)
  })

  it('of core modules, cut off at every byte', () => {
    for (const bytes of modules.slice(0, -2)) {
      for (let length = 0; length < bytes.length; length += 1) patchMemories(bytes.subarray(0, length), limits)
    }
  })
})

describe('Damaged components in the whole runtime', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('are refused, fail or run, with a typed error and never for long (seed 21, 12 that the decoder takes)', async () => {
    const mutate = createMutation(createRandom(21))
    const bytes = components.at(-3)!
    const damaged: Uint8Array[] = []
    for (let round = 0; damaged.length < 12 && round < 20_000; round += 1) {
      const candidate = mutate(bytes)
      if (decodeComponent(candidate).ok) damaged.push(candidate)
    }
    expect(damaged).toHaveLength(12)
    const errors: unknown[] = []
    for (const candidate of damaged) {
      try {
        const host = recordingHost()
        const instance = await runtime.run(candidate, { host, limits: { startMs: 5_000, callMs: 2_000 } })
        await instance.call('demo:families/ops@0.1.0', 'next', [])
        await instance.stop()
      } catch (error) {
        errors.push(error)
      }
    }
    expect(errors.length).toBeGreaterThan(2)
    for (const error of errors) expect(error).toBeInstanceOf(TlosError)
    const fresh = await runtime.run(bytes)
    expect(await fresh.call('demo:families/ops@0.1.0', 'next', [])).toBe(1)
  }, 240_000)
})
