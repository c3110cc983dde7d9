// Starts, calls, stops, loops, traps and kills, many at once and by chance (seeded), while worker threads are kept ready for
// whoever is next: everybody must be who they were started as, and nobody but those in a killed process may fail. Used by
// tests under plain Node and inside Electron.

import type { Instance, Runtime } from '../../../../main/wasm/types.js'
import { createRandom } from '../random.js'

export interface StressReport {
  /** Instances that said who they are. */
  answered: number
  /** Loops and traps that ended as they should. */
  ended: number
  /** Those whose process was killed under them. */
  lost: number
  killed: number
  /** What should not have been. */
  readonly wrong: string[]
}

export interface StressParts {
  readonly runtime: Runtime
  /** Reads its configuration (`test/fixtures/guests/settings.js`). */
  readonly settings: Uint8Array
  /** Loops and traps (`test/fixtures-wat/hostile.wat`). */
  readonly hostile: Uint8Array
  /** Ends one pool process, as a crash would; false: there is none. */
  readonly killOne: () => boolean
  readonly seed: number
}

const host = { callImport: (name: string) => Promise.reject(new Error(`nobody offers ${name}`)), log: () => undefined }
const limits = { startMs: 120_000, callMs: 60_000 }
const isOfKill = (error: unknown): boolean => /pool process (was )?ended/.test(wordsOf(error))

/** With what caused it. */
function wordsOf(error: unknown): string {
  return error instanceof Error
    ? `${error.message} ${error.cause === undefined ? '' : wordsOf(error.cause)}`
    : String(error)
}

export async function stressPool({ runtime, settings, hostile, killOne, seed }: StressParts): Promise<StressReport> {
  const report: StressReport = { answered: 0, ended: 0, lost: 0, killed: 0, wrong: [] }
  const random = createRandom(seed)
  const below = (most: number): number => Math.floor(random() * most)
  const [named, nasty] = [await runtime.prepare(settings), await runtime.prepare(hostile)]
  let last = 0

  /** Mistakes are written down; what a kill explains is counted. */
  async function attempt(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (report.killed > 0 && isOfKill(error)) report.lost += 1
      else report.wrong.push(`${what}: ${wordsOf(error)}`)
    }
  }

  async function startNamed(): Promise<{ instance: Instance; name: string }> {
    last += 1
    const name = `number ${last}`
    const config = { me: name }
    const instance = await runtime.start(named.digest, { componentId: name, host, limits, config })
    return { instance, name }
  }

  async function ask({ instance, name }: { instance: Instance; name: string }): Promise<void> {
    const said = await instance.call('', 'act', [JSON.stringify(['get', 'me'])])
    if (said === JSON.stringify({ got: name })) report.answered += 1
    else report.wrong.push(`${name} says ${String(said)}`)
  }

  async function misbehave(): Promise<void> {
    // A trap comes by itself, however busy the machine is; a loop ends at its limit.
    const [functionName, code, timeoutMs] =
      below(2) === 0 ? (['trap', 'trapped', limits.callMs] as const) : (['loop-forever', 'timed-out', 100] as const)
    const instance = await runtime.start(nasty.digest, { componentId: functionName, host, limits })
    try {
      await instance.call('', functionName, [], { timeoutMs })
      report.wrong.push(`${functionName} gave an answer`)
    } catch (error) {
      if (isOfKill(error)) throw error
      if ((error as { code?: unknown }).code === code) report.ended += 1
      else report.wrong.push(`${functionName}: ${wordsOf(error)}`)
    } finally {
      await instance.stop()
    }
  }

  async function manyAtOnce(count: number): Promise<void> {
    const started: Instance[] = []
    await Promise.all(
      Array.from({ length: count }, () =>
        attempt('one of many', async () => {
          const one = await startNamed()
          started.push(one.instance)
          await ask(one)
        }),
      ),
    )
    await Promise.all(started.map((instance) => attempt('a stop', () => instance.stop())))
  }

  /** One after the other, as chance has it. */
  async function lane(length: number): Promise<void> {
    for (let left = length; left > 0; left -= 1) {
      switch (below(5)) {
        case 0:
          await attempt('something nasty', misbehave)
          break
        case 1:
          // Never asked: its worker is ended with all before it.
          await attempt('a start', async () => (await startNamed()).instance.stop())
          break
        default:
          await attempt('one of a lane', async () => {
            const one = await startNamed()
            try {
              await ask(one)
            } finally {
              await one.instance.stop()
            }
          })
      }
    }
  }

  await manyAtOnce(24)
  const lanes = Promise.all(Array.from({ length: 6 }, () => lane(10)))
  // In the middle of starts, however fast this machine is: each after so many more of them.
  for (let kill = 1; kill <= 3; kill += 1) {
    const from = last
    while (last < from + 6 && last < 24 + 40) await new Promise((resolve) => setTimeout(resolve, 5))
    if (killOne()) report.killed += 1
  }
  await lanes
  const before = report.lost
  await manyAtOnce(24)
  if (report.lost > before) report.wrong.push('some were lost after the last kill')
  return report
}
