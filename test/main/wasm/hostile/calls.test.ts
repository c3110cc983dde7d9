import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBuiltComponent } from '../../../support/wasm-entries.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from '../open-test-runtime.js'
import { readWat } from '../wat.js'

const counter = 'tlos:counter/counter@0.1.0'

describe('A component that misbehaves', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime()
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('and loops is ended at its deadline, while others go on answering', async () => {
    const other = await runtime.run(readBuiltComponent('counter'))
    const looping = await runtime.run(await readWat('hostile'))
    const gone = new Promise((resolve) => looping.onGone(resolve))
    let isLooping = true
    const failure = failureOf(looping.call('', 'loop-forever', [], { timeoutMs: 3_000 })).finally(() => {
      isLooping = false
    })
    let answers = 0n
    while (isLooping && answers < 50n) expect(await other.call(counter, 'increment', [])).toBe((answers += 1n))
    // All of them while the other one looped: how soon is measured in the bench.
    expect([answers, isLooping]).toEqual([50n, true])
    expect(await failure).toMatchObject({ code: 'timed-out' })
    expect(await gone).toMatchObject({ code: 'timed-out' })
    expect(await failureOf(looping.call('', 'count', []))).toMatchObject({ code: 'unavailable' })
    await other.stop()
  })

  it('and is stopped in the middle of an endless call fails that call and is gone without a reason', async () => {
    const looping = await runtime.run(await readWat('hostile'))
    const reasons: unknown[] = []
    looping.onGone((reason) => reasons.push(reason))
    const call = failureOf(looping.call('', 'loop-forever', []))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await looping.stop()
    await looping.stop()
    expect(await call).toMatchObject({ code: 'unavailable' })
    expect(reasons).toEqual([undefined])
  })

  it('and grows without end is held at its limit', async () => {
    const bomb = await runtime.run(await readWat('hostile'), { limits: { memoryBytes: 4 * 1024 * 1024 } })
    expect(await bomb.call('', 'grow', [])).toBe(64)
    expect(bomb.memoryBytes).toBe(4 * 1024 * 1024)
    expect(await bomb.call('', 'grow-table', [])).toBeLessThanOrEqual(1_000_000)
    expect(await bomb.call('', 'count', [])).toBe(1)
    await bomb.stop()
  })

  it.each([
    ['runs into `unreachable`', 'trap', [], /unreachable/],
    ['divides by zero', 'divide', [1, 0], /divide by zero/],
    ['calls itself too deep', 'deep', [], /too deep|call stack/],
  ])('and %s fails the call with the reason and is gone', async (_what, name, args, message) => {
    const instance = await runtime.run(await readWat('hostile'))
    const gone = new Promise<Error | undefined>((resolve) => instance.onGone(resolve))
    const failure = await failureOf(instance.call('', name, args))
    expect(failure.code).toBe('trapped')
    expect(failure.message).toMatch(message)
    expect((await gone)?.message).toBe(failure.message)
    expect(await failureOf(instance.call('', 'count', []))).toMatchObject({ code: 'unavailable' })
  })

  it('and traps takes the calls that wait behind with it', async () => {
    const instance = await runtime.run(await readWat('hostile'))
    const before = instance.call('', 'count', [])
    const trap = failureOf(instance.call('', 'trap', []))
    const behind = failureOf(instance.call('', 'count', []))
    expect(await before).toBe(1)
    expect(await trap).toMatchObject({ code: 'trapped' })
    expect(await behind).toMatchObject({ code: 'trapped' })
  })

  it('and fails at its start is never there', async () => {
    expect(await failureOf(runtime.run(await readWat('start-traps')))).toMatchObject({ code: 'trapped' })
    const slow = runtime.run(await readWat('start-loops'), { limits: { startMs: 500 } })
    expect(await failureOf(slow)).toMatchObject({ code: 'timed-out' })
  })

  it('and wants more memory to start than it may have is refused', async () => {
    const failure = await failureOf(runtime.run(await readWat('greedy-start')))
    expect(failure).toMatchObject({ code: 'too-large' })
    expect(failure.message).toContain('125 MiB')
  })

  it('and shares its memory is refused before it is kept', async () => {
    const failure = await failureOf(runtime.prepare(await readWat('shared-memory')))
    expect(failure.code).toBe('invalid')
  })

  it('and imports what nobody can offer is refused by the name of the import', async () => {
    const failure = await failureOf(runtime.run(await readWat('wants-threads')))
    expect(failure.code).toBe('unavailable')
    expect(failure.message).toContain('wasi:threads/thread@0.2.0-draft')
  })

  it('and floods its log is heard in part and told what was left out', async () => {
    const host = recordingHost()
    const instance = await runtime.run(await readWat('log-flood'), { host })
    await instance.call('', 'flood', [])
    const bytes = host.lines.reduce((sum, line) => sum + line.text.length, 0)
    expect(host.lines[0]).toEqual({ level: 'info', text: 'this: this line is written again and again' })
    expect(bytes).toBeLessThan(1024 * 1024)
    expect(host.lines.some((line) => /bytes of log were left out/.test(line.text))).toBe(true)
    await instance.stop()
  })

  it('and whose process dies is gone with a reason, and the next one gets a new process', async () => {
    const instance = await runtime.run(await readWat('hostile'))
    const gone = new Promise<Error | undefined>((resolve) => instance.onGone(resolve))
    const call = failureOf(instance.call('', 'loop-forever', []))
    const [pool] = runtime.processes()
    process.kill(pool!.pid, 'SIGKILL')
    expect((await gone)?.message).toContain('SIGKILL')
    expect(await call).toMatchObject({ code: 'trapped' })

    const next = await runtime.run(await readWat('hostile'))
    expect(await next.call('', 'count', [])).toBe(1)
    expect(runtime.processes().map(({ pid }) => pid)).not.toContain(pool!.pid)
    await next.stop()
  })
})
