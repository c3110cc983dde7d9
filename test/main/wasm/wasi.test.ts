import { fileURLToPath } from 'node:url'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TlosError } from '../../../main/failure.js'
import type { Instance } from '../../../main/wasm/types.js'
import { componentizeSource } from '../../../build/componentize.mjs'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'

const pathOf = (name: string): string => fileURLToPath(new URL(`../../fixtures-probe/${name}`, import.meta.url))

describe('What a component can reach without a grant', () => {
  let runtime: TestRuntime
  let bytes: Uint8Array
  let instance: Instance
  const host = recordingHost((instance, _functionName, [question]) => {
    // As a node answers without a link: a request that is not granted goes along one.
    if (instance.startsWith('wrpc:http/')) return Promise.reject(new TlosError('refused', 'no link'))
    return question === 'how large?'
      ? Promise.resolve({
          tag: 'ok',
          val: { text: 'large', sizes: [1, 2], ids: [2n ** 64n - 1n], extra: { tag: 'none' } },
        })
      : Promise.reject(new Error('what?'))
  })

  const lookWith = async (target: Instance, what: string): Promise<unknown> =>
    JSON.parse(String(await target.call('', 'look', [what])))
  const look = (what: string): Promise<unknown> => lookWith(instance, what)

  beforeAll(async () => {
    process.env['TLOS_TEST_SECRET'] = 'not for guests'
    bytes = await componentizeSource(pathOf('wit'), 'probe', readFileSync(pathOf('probe.js'), 'utf8'))
    runtime = await openTestRuntime({ withPrepared: false })
    instance = await runtime.run(bytes, { host, config: { greeting: 'hello' } })
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('is no environment, no arguments, no directory and no input', async () => {
    const [environment, args] = (await look('environment')) as unknown[]
    expect(environment).toEqual([])
    expect(args).toEqual([])
    expect(await look('directories')).toBe(0)
    expect(await look('stdin')).toEqual({ err: { tag: 'closed' } })
  })

  it('is no network', async () => {
    expect(await look('tcp')).toEqual({ err: 'access-denied' })
    expect(await look('lookup')).toEqual({ err: 'access-denied' })
    expect(await look('http')).toEqual({ err: { tag: 'HTTP-request-denied' } })
  })

  it('is the time, waiting, and random numbers that differ', async () => {
    expect(Math.abs(((await look('time')) as number) - Date.now() / 1_000)).toBeLessThan(5)
    expect(await look('random')).not.toEqual(await look('random'))
    // 80 ms are asked for; that it ends at all is seen by the test's own limit.
    expect(await look('block')).toBeGreaterThanOrEqual(79)
    expect(await look('poll')).toMatchObject({ ready: [1] })
  })

  it('is the configuration it was started with', async () => {
    expect(await look('config')).toEqual(['hello', null, [['greeting', 'hello']]])
  })

  it('is a log, to which its output goes by lines', async () => {
    host.lines.length = 0
    await look('output')
    expect(host.lines).toEqual([
      { level: 'info', text: 'to stdout' },
      { level: 'error', text: 'to stderr' },
      { level: 'info', text: 'and a tail' },
    ])
  })

  it('is what its host answers, in the types of the interface', async () => {
    host.asked.length = 0
    expect(await look('ask')).toMatchObject({
      got: { text: 'large', sizes: [1, 2], extra: { tag: 'none' } },
    })
    expect(host.asked).toEqual([
      { instance: 'demo:far/answers@0.1.0', functionName: 'ask', args: ['how large?', [1, 2, 65_535]] },
    ])
  })

  it('is the reason, when its host cannot answer, if the type has a place for words', async () => {
    const refusing = recordingHost(() => Promise.reject(new TlosError('refused', 'no link for demo:far/answers')))
    const other = await runtime.run(bytes, { host: refusing })
    expect(await lookWith(other, 'ask')).toEqual({ err: { tag: 'other', val: 'no link for demo:far/answers' } })
    expect(await lookWith(other, 'config')).toEqual([null, null, []])
    await other.stop()
  })

  it('ends with the instance when it exits or throws', async () => {
    for (const [what, message] of [
      ['exit', /ended itself/],
      ['throws', /unreachable/],
    ] as const) {
      const other = await runtime.run(bytes, { host })
      const failure = await failureOf(other.call('', 'look', [what]))
      expect(failure.code).toBe('trapped')
      expect(failure.message).toMatch(message)
    }
    expect(await look('directories')).toBe(0)
  })
})
