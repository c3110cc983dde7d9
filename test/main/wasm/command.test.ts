import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandEnd, runCommand } from '../../../main/wasm/command.js'
import { noGrants } from '../../../main/wasm/grants.js'
import type { PreparedComponent, StartOptions } from '../../../main/wasm/types.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildGuest } from './wasi-guest.js'

const run = 'wasi:cli/run@0.2.10'

describe('A command component', () => {
  let runtime: TestRuntime
  let prepared: PreparedComponent
  const host = recordingHost()

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    prepared = await runtime.prepare(await buildGuest('command'))
  }, 400_000)
  afterAll(() => runtime.dispose())

  function start(args: string[], options: Partial<StartOptions> = {}): Promise<CommandEnd> {
    host.lines.length = 0
    const grants = { ...noGrants, arguments: args, environment: { HOME: '/home/guest' }, stdin: 'some lines\n' }
    return runCommand(runtime, prepared.digest, run, { componentId: 'command', host, grants, ...options })
  }
  const output = (): string[] => host.lines.map((line) => line.text)

  it('runs to completion with arguments, environment and input, and ends with 0', async () => {
    expect(await start(['return', 'a', 'b c'])).toEqual({ tag: 'ok', exitCode: 0 })
    expect(output()).toEqual(['run 1: a b c', 'home /home/guest', 'read "some lines\\n"'])
  })

  it('runs without any of these when nothing is granted', async () => {
    expect(await start([], { grants: undefined })).toEqual({ tag: 'ok', exitCode: 0 })
    expect(output()).toEqual(['run 1:', 'home none'])
  })

  it.each([
    ['exit-ok', { tag: 'ok', exitCode: 0 }],
    ['exit-err', { tag: 'err', exitCode: 1 }],
    ['return-err', { tag: 'err', exitCode: 1 }],
  ])('that ends by %s has an exit code and did not trap', async (how, end) => {
    expect(await start([how])).toEqual(end)
    expect(host.lines.filter((line) => line.level === 'error').map((line) => line.text)).toEqual(
      how === 'exit-err' ? ['something went wrong'] : [],
    )
  })

  it('that traps or never ends fails in words', async () => {
    expect((await failureOf(start(['trap']))).code).toBe('trapped')
    const endless = await failureOf(start(['loop'], { limits: { callMs: 500 } }))
    expect(endless.code).toBe('timed-out')
  })

  it('begins each run anew', async () => {
    await start(['return'])
    await start(['return'])
    expect(output()[0]).toBe('run 1:')
  })

  it('leaves nothing behind in its process', async () => {
    await start(['exit-ok'])
    expect(runtime.processes().reduce((sum, each) => sum + each.instances, 0)).toBe(0)
  })
})
