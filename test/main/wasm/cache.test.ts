import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openRuntime } from '../../../main/wasm/runtime.js'
import type { Runtime } from '../../../main/wasm/types.js'
import { statelessAnnotation } from '../../../main/lattice/protocol/tlos.js'
import { openTestActor } from '../actors/open-test-actor.js'
import { wasmEntries } from '../../support/wasm-entries.js'
import { openTestRuntime, recordingHost } from './open-test-runtime.js'
import { readWat } from './wat.js'

const folders: string[] = []
const runtimes: Runtime[] = []

async function open(options: { cacheBytes?: number; cacheDir?: string; extraCacheDirs?: string[] }): Promise<Runtime> {
  const cacheDir = options.cacheDir ?? newFolder()
  const runtime = await openRuntime({ ...options, cacheDir, cacheGraceMs: 0, entries: await wasmEntries() })
  runtimes.push(runtime)
  return runtime
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tlos-cache-'))
  folders.push(folder)
  return folder
}

const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.path, entry.name)).size, 0)

/** Digests in it, and nothing else. */
const kept = (folder: string): string[] => readdirSync(folder).map((name) => name.slice(0, 64))

/** File times of some systems are coarse. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('The cache of prepared components', () => {
  it('holds so many bytes: what was used least recently goes, what runs and what came with the app stays', async () => {
    const shipped = newFolder()
    const first = await open({ cacheDir: shipped })
    const ofApp = await first.prepare(await readWat('two-versions'))

    const folder = newFolder()
    const measure = await open({ cacheDir: folder })
    const one = await measure.prepare(await readWat('hostile'))
    const mostBytes = Math.floor(sizeOf(folder) * 2.5)

    const runtime = await open({ cacheDir: folder, cacheBytes: mostBytes, extraCacheDirs: [shipped] })
    await runtime.prepare(await readWat('two-versions'))
    expect(kept(folder)).toEqual([one.digest])
    await aMoment()
    const two = await runtime.prepare(await readWat('asks'))
    await aMoment()
    expect(await runtime.describe(one.digest)).toBeDefined()
    await aMoment()
    const three = await runtime.prepare(await readWat('relay'))
    expect(kept(folder).sort()).toEqual([one.digest, three.digest].sort())
    expect(await runtime.describe(two.digest)).toBeUndefined()

    const running = await runtime.start(one.digest, { componentId: 'one', host: recordingHost() })
    await aMoment()
    await runtime.prepare(await readWat('asks'))
    await aMoment()
    await runtime.prepare(await readWat('relay'))
    await aMoment()
    await runtime.prepare(await readWat('log-flood'))
    expect(kept(folder)).toContain(one.digest)
    expect(sizeOf(folder)).toBeLessThanOrEqual(mostBytes)
    expect(kept(shipped)).toEqual([ofApp.digest])
    await running.stop()
  })

  it('makes again what is gone when an actor that was at rest is called', async () => {
    const runtime = await openTestRuntime({ withPrepared: false })
    const annotations = { [statelessAnnotation]: 'true' }
    const { actor } = await openTestActor(runtime, await readWat('asks'), { annotations })
    await actor.run('', 'count', [])
    expect(await actor.instances.rest(performance.now())).toBe(1)
    for (const name of readdirSync(runtime.cacheDir)) rmSync(join(runtime.cacheDir, name), { recursive: true })
    // The pool process remembers what it compiled; another one does not.
    for (const { pid } of runtime.processes()) process.kill(pid, 'SIGKILL')
    await expect.poll(() => runtime.processes().length, { timeout: 20_000 }).toBe(0)
    expect(await actor.run('', 'count', [])).toBe(1)
    expect(kept(runtime.cacheDir)).toEqual([actor.prepared.digest])
    await actor.stop()
    await runtime.dispose()
  })
})
