// Preparing a component when the process that does it has a fault, and when several want it at once. The processes are real:
// small scripts that misbehave, and the real transpiler held back until the test lets it go.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRuntime } from '../../../main/wasm/runtime.js'
import { transpile } from '../../../main/wasm/transpile.js'
import type { PreparedComponent, Runtime } from '../../../main/wasm/types.js'
import { readBuiltComponent, wasmEntries } from '../../support/wasm-entries.js'
import { failureOf } from './open-test-runtime.js'

const soon = { timeout: 60_000 }

let folder: string
const at = (name: string): string => join(folder, name)
const textOf = (name: string): string => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : '')
/** Process ids of the children that ran, in order. */
const begun = (): number[] => textOf('begun').trim().split('\n').filter(Boolean).map(Number)

/** An entry of a child: `on` is run with the `request`; `begun()` tells how many of them ran before it. */
function entryOf(on: string): string {
  const text = `
    const fs = require('node:fs')
    const at = (name) => ${JSON.stringify(folder)} + '/' + name
    process.once('message', (request) => {
      const before = fs.existsSync(at('begun')) ? fs.readFileSync(at('begun'), 'utf8').trim().split('\\n').length : 0
      fs.appendFileSync(at('begun'), process.pid + '\\n')
      const answer = (reply) => process.send(reply, () => process.exit(0))
      ${on}
    })`
  writeFileSync(at('entry.cjs'), text)
  return at('entry.cjs')
}

const isThere = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tlos-transpile-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('a process that prepares a component', () => {
  const request = (): { input: string; folder: string; digest: string } => ({
    input: at('none'),
    folder: at('draft'),
    digest: '0'.repeat(64),
  })

  it('has another one try when it was killed', async () => {
    const entry = entryOf(`before === 0 ? process.kill(process.pid, 'SIGKILL') : answer({ ok: true })`)
    await transpile(entry, request())
    expect(begun()).toHaveLength(2)
  })

  it('has another one try when it is not done in time', async () => {
    // No process starts and answers within the first of these.
    await transpile(entryOf('answer({ ok: true })'), request(), { triesMs: [1, 60_000] })
    expect(begun().length).toBeLessThanOrEqual(2)
    expect(begun().length).toBeGreaterThan(0)
  })

  it('fails in words when the other one is killed, too, and is not tried a third time', async () => {
    const failure = await failureOf(transpile(entryOf(`process.kill(process.pid, 'SIGKILL')`), request()))
    expect(failure).toEqual({ code: 'unavailable', message: 'the transpiler was ended by the system (SIGKILL)' })
    expect(begun()).toHaveLength(2)
  })

  it('fails in words when the other one is not done in time either, and none is left', async () => {
    const entry = entryOf('setInterval(() => undefined, 1_000)')
    const failure = await failureOf(transpile(entry, request(), { triesMs: [1, 20] }))
    expect(failure).toEqual({ code: 'timed-out', message: 'preparing the component took longer than 0.02 s' })
    expect(begun().filter(isThere)).toEqual([])
  })

  it.each([
    [
      'says that the component is at fault',
      `answer({ ok: false, code: 'too-large', reason: 'of its size' })`,
      'too-large',
    ],
    ['ends by itself', `console.error('it is full'); process.exit(3)`, 'invalid'],
  ])('is not tried again when it %s', async (_, on, code) => {
    expect(await failureOf(transpile(entryOf(on), request()))).toMatchObject({ code })
    expect(begun()).toHaveLength(1)
  })
})

describe('a component that several want', () => {
  let runtime: Runtime
  const bytes = readBuiltComponent('echo')

  beforeEach(async () => {
    const entries = await wasmEntries()
    // The real one, once the test lets it go.
    const entry = entryOf(`
      const wait = setInterval(() => {
        if (!fs.existsSync(at('go'))) return
        clearInterval(wait)
        require(${JSON.stringify(entries.transpile)})
        process.emit('message', request)
      }, 20)`)
    runtime = await openRuntime({ cacheDir: at('cache'), entries: { ...entries, transpile: entry } })
  })
  afterEach(() => runtime.close())

  interface Wanted {
    readonly result: Promise<PreparedComponent>
    /** It waits for the process now. */
    readonly waits: Promise<void>
    leave(): void
  }

  function want(): Wanted {
    const controller = new AbortController()
    let tell: () => void = () => undefined
    const waits = new Promise<void>((resolve) => (tell = resolve))
    const result = runtime.prepare(bytes, { signal: controller.signal, onProgress: tell })
    // Looked at later, and not unhandled until then.
    result.catch(() => undefined)
    return { result, waits, leave: () => controller.abort() }
  }

  it('lets each of them go at once, the one that began it, too, and goes on for the others', async () => {
    const wanted = [want(), want(), want()]
    for (const each of wanted) await each.waits
    await expect.poll(begun, soon).toHaveLength(1)
    const [first, second, third] = wanted
    second?.leave()
    expect(await failureOf(Promise.resolve(second?.result))).toMatchObject({ code: 'cancelled' })
    first?.leave()
    expect(await failureOf(Promise.resolve(first?.result))).toMatchObject({ code: 'cancelled' })
    expect(begun().map(isThere)).toEqual([true])
    writeFileSync(at('go'), '')
    expect(await third?.result).toMatchObject({ name: 'echo' })
    expect(begun()).toHaveLength(1)
  })

  it('is ended when the last of them leaves, leaves nothing behind, and begins anew for whoever comes then', async () => {
    const wanted = [want(), want()]
    for (const each of wanted) await each.waits
    await expect.poll(begun, soon).toHaveLength(1)
    for (const each of wanted) each.leave()
    for (const each of wanted) expect(await failureOf(each.result)).toMatchObject({ code: 'cancelled' })
    expect(begun().map(isThere)).toEqual([false])
    expect(readdirSync(at('cache'))).toEqual([])
    writeFileSync(at('go'), '')
    expect(await want().result).toMatchObject({ name: 'echo' })
    expect(begun()).toHaveLength(2)
  })

  it('is not begun for one that left while others had their turn', async () => {
    const others = (['counter', 'clock'] as const).map((name) => runtime.prepare(readBuiltComponent(name)))
    await expect.poll(begun, soon).toHaveLength(2)
    const late = want()
    await late.waits
    late.leave()
    expect(await failureOf(late.result)).toMatchObject({ code: 'cancelled' })
    expect(begun().map(isThere)).toEqual([true, true])
    writeFileSync(at('go'), '')
    expect(await Promise.all(others)).toHaveLength(2)
    expect(begun()).toHaveLength(2)
  })
})
