import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TlosError } from '../../../main/failure.js'
import { transpilerVersion } from '../../../main/wasm/prepared-format.js'
import { openRuntime } from '../../../main/wasm/runtime.js'
import { preparedDir, readBuiltComponent, wasmEntries } from '../../support/wasm-entries.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { parseWat, readWat } from './wat.js'

const counter = 'tlos:counter/counter@0.1.0'

describe('Preparing a component', () => {
  it('takes the one that came with the app without any work', async () => {
    const runtime = await openTestRuntime()
    const progress: string[] = []
    const prepared = await runtime.prepare(readBuiltComponent('counter'), { onProgress: (text) => progress.push(text) })
    expect(prepared).toMatchObject({
      name: 'counter',
      version: '0.1.0',
      sizeBytes: readBuiltComponent('counter').length,
    })
    expect(progress).toEqual([])
    expect(readdirSync(runtime.cacheDir)).toEqual([])
    expect(runtime.processes()).toEqual([])
    await runtime.dispose()
  })

  it('keeps what it made for the next runtime, and makes it again when a file of it is damaged', async () => {
    const bytes = await readWat('hostile')
    const runtime = await openTestRuntime({ withPrepared: false })
    const { cacheDir } = runtime
    const { digest } = await runtime.prepare(bytes)
    const [folder] = readdirSync(cacheDir)
    const glue = join(cacheDir, folder!, 'glue.cjs')
    const written = readFileSync(glue, 'utf8')
    await runtime.close()

    writeFileSync(glue, written.replace('instantiate', 'hijacked'))
    const second = await openTestRuntime({ withPrepared: false, cacheDir })
    expect(await second.describe(digest)).toBeUndefined()
    expect((await second.prepare(bytes)).digest).toBe(digest)
    expect(readFileSync(glue, 'utf8')).toBe(written)
    expect(await second.describe(digest)).toMatchObject({ digest })
    await second.dispose()
  })

  it('finds damage that happened after it looked, when an instance starts, and helps itself', async () => {
    const bytes = await readWat('hostile')
    const runtime = await openTestRuntime({ withPrepared: false })
    const { digest } = await runtime.prepare(bytes)
    const [folder] = readdirSync(runtime.cacheDir)
    writeFileSync(join(runtime.cacheDir, folder!, 'component.core.wasm'), 'gone')
    const start = { componentId: 'test', host: recordingHost() }
    const failure = await failureOf(runtime.start(digest, start))
    expect(failure.message).toContain('damaged')
    await runtime.prepare(bytes)
    const instance = await runtime.start(digest, start)
    expect(await instance.call('', 'count', [])).toBe(1)
    await runtime.dispose()
  })

  it('by two runtimes at once in one cache works for both', async () => {
    const bytes = await readWat('relay')
    const first = await openTestRuntime({ withPrepared: false })
    const second = await openTestRuntime({ withPrepared: false, cacheDir: first.cacheDir })
    const all = await Promise.all([first.prepare(bytes), first.prepare(bytes), second.prepare(bytes)])
    expect(new Set(all.map(({ digest }) => digest)).size).toBe(1)
    expect(readdirSync(first.cacheDir)).toHaveLength(1)
    await second.close()
    await first.dispose()
  })

  it('can be cancelled', async () => {
    const runtime = await openTestRuntime({ withPrepared: false })
    const controller = new AbortController()
    const failure = failureOf(
      runtime.prepare(readBuiltComponent('echo'), {
        signal: controller.signal,
        onProgress: () => setImmediate(() => controller.abort()),
      }),
    )
    expect(await failure).toMatchObject({ code: 'cancelled' })
    expect(readdirSync(runtime.cacheDir)).toEqual([])
    await runtime.dispose()
  })

  it('refuses what is no component in words that help', async () => {
    const runtime = await openTestRuntime({ withPrepared: false })
    const core = await failureOf(runtime.prepare(await parseWat('(module)')))
    expect(core).toMatchObject({ code: 'invalid' })
    expect(core.message).toContain('wasm-tools component new')
    const bytes = readBuiltComponent('counter')
    expect(await failureOf(runtime.prepare(bytes.subarray(0, 500_000)))).toMatchObject({ code: 'invalid' })
    // Whole as a component, broken in the code: only the transpiler sees it.
    const broken = Uint8Array.from(bytes)
    broken.fill(0xff, 300_000, 300_400)
    const deep = await failureOf(runtime.prepare(broken))
    expect(['invalid']).toContain(deep.code)
    expect(await failureOf(runtime.prepare(new Uint8Array(200 * 1024 * 1024)))).toMatchObject({ code: 'too-large' })
    expect(readdirSync(runtime.cacheDir)).toEqual([])
    await runtime.dispose()
  })

  it('is keyed by the version of the transpiler that is installed', () => {
    const entry = createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile')
    const { version } = JSON.parse(readFileSync(join(dirname(dirname(entry)), 'package.json'), 'utf8')) as {
      version: string
    }
    expect(transpilerVersion).toBe(version)
  })
})

describe('The runtime', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime()
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('keeps instances apart: each has a memory of its own', async () => {
    const bytes = readBuiltComponent('counter')
    const [one, two] = await Promise.all([runtime.run(bytes), runtime.run(bytes)])
    await one.call(counter, 'increment', [])
    await one.call(counter, 'increment', [])
    expect(await two.call(counter, 'increment', [])).toBe(1n)
    expect(one.memoryBytes).toBeGreaterThan(65_536)
    await Promise.all([one.stop(), two.stop()])
  })

  it.each([
    ['few in each of several', undefined, [5, 5, 4, 4]],
    ['no more than one can take', 1, [16, 2]],
  ])('spreads instances over processes: %s', async (_what, spread, expected) => {
    const spreading = await openTestRuntime({ ...(spread === undefined ? {} : { spread }) })
    const { digest } = await spreading.prepare(await readWat('hostile'))
    const start = () => spreading.start(digest, { componentId: 'many', host: recordingHost() })
    const instances = await Promise.all(Array.from({ length: 18 }, start))
    const counts = spreading.processes().map(({ instances: count }) => count)
    expect(counts.sort((x, y) => y - x)).toEqual(expected)
    expect(await Promise.all(instances.map((instance) => instance.call('', 'count', [])))).toEqual(
      Array.from({ length: 18 }, () => 1),
    )
    await Promise.all(instances.map((instance) => instance.stop()))
    expect(spreading.processes().every(({ instances: count }) => count === 0)).toBe(true)
    await spreading.dispose()
  })

  it('gives no new instances to a process that the rest does not need any more', async () => {
    const crowded = await openTestRuntime({ spread: 1 })
    const { digest } = await crowded.prepare(await readWat('hostile'))
    const start = () => crowded.start(digest, { componentId: 'many', host: recordingHost() })
    const counts = () =>
      crowded
        .processes()
        .map(({ instances }) => instances)
        .sort((x, y) => y - x)
    // The first sixteen are in the first process, two in another.
    const instances = []
    for (let made = 0; made < 18; made += 1) instances.push(await start())
    expect(counts()).toEqual([16, 2])
    await Promise.all(instances.slice(0, 13).map((instance) => instance.stop()))
    expect(counts()).toEqual([3, 2])
    await start()
    await start()
    expect(counts()).toEqual([5, 2])
    await crowded.dispose()
  })

  it("takes a guest's calls to its host and the answers back", async () => {
    const host = recordingHost((_instance, _functionName, [n]) => Promise.resolve(Number(n) * 2))
    const instance = await runtime.run(await readWat('relay'), { host })
    expect(await instance.call('demo:near/numbers@0.1.0', 'twice', [5])).toBe(20)
    expect(host.asked).toEqual([
      { instance: 'demo:far/numbers@1.2.0', functionName: 'double', args: [5] },
      { instance: 'demo:far/numbers@1.2.0', functionName: 'double', args: [10] },
    ])
    await instance.stop()
  })

  it('keeps two versions of one interface apart', async () => {
    const host = recordingHost((instance) => Promise.resolve(instance.endsWith('@1.2.0') ? 1 : 200))
    const instance = await runtime.run(await readWat('two-versions'), { host })
    expect(await instance.call('', 'both', [0])).toBe(201)
    expect(host.asked.map(({ instance: name }) => name)).toEqual(['demo:far/numbers@1.2.0', 'demo:far/numbers@2.0.0'])
    await instance.stop()
  })

  it('ends an instance whose host fails in a call that has no place for an error, and says why', async () => {
    const host = recordingHost(() => Promise.reject(new TlosError('refused', 'there is no link for demo:far/numbers')))
    const instance = await runtime.run(await readWat('relay'), { host })
    const gone = new Promise((resolve) => instance.onGone(resolve))
    const failure = await failureOf(instance.call('demo:near/numbers@0.1.0', 'twice', [5]))
    expect(failure).toEqual({ code: 'refused', message: 'there is no link for demo:far/numbers' })
    expect(await gone).toMatchObject({ code: 'refused' })
  })

  it('ends an instance whose host answers with what cannot travel or does not fit', async () => {
    for (const answer of [() => 1, 'text', -1, undefined]) {
      const host = recordingHost(() => Promise.resolve(answer))
      const instance = await runtime.run(await readWat('relay'), { host })
      const gone = new Promise((resolve) => instance.onGone(resolve))
      const failure = await failureOf(instance.call('demo:near/numbers@0.1.0', 'twice', [5]))
      expect(['internal', 'trapped']).toContain(failure.code)
      expect(await gone).toBeInstanceOf(TlosError)
    }
  })

  it('ends a guest that waits for a host without an answer at the deadline', async () => {
    const host = recordingHost(() => new Promise(() => {}))
    const instance = await runtime.run(await readWat('relay'), { host })
    const call = instance.call('demo:near/numbers@0.1.0', 'twice', [5], { timeoutMs: 300 })
    expect(await failureOf(call)).toMatchObject({ code: 'timed-out' })
  })

  it('starts nothing that it does not have, and nothing after it was closed', async () => {
    const host = recordingHost()
    expect(await failureOf(runtime.start('0'.repeat(64), { componentId: 'x', host }))).toMatchObject({
      code: 'not-found',
    })
    const cacheDir = mkdtempSync(join(tmpdir(), 'tlos-closed-'))
    const closed = await openRuntime({ cacheDir, extraCacheDirs: [preparedDir], entries: await wasmEntries() })
    const { digest } = await closed.prepare(readBuiltComponent('counter'))
    const instance = await closed.start(digest, { componentId: 'x', host })
    const reasons: unknown[] = []
    instance.onGone((reason) => reasons.push(reason))
    const [pool] = closed.processes()
    await closed.close()
    await closed.close()
    expect(reasons).toEqual([undefined])
    expect(await failureOf(closed.start(digest, { componentId: 'x', host }))).toMatchObject({ code: 'unavailable' })
    await expect.poll(() => isAlive(pool!.pid), { timeout: 20_000 }).toBe(false)
    rmSync(cacheDir, { recursive: true })
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
