// Runs a command component that is an actor: one run at a time, each in an instance of its own, its output in the actor's log,
// its end told there in one line. The actor's standing instance is not touched.

import { TlosError } from '../failure.js'
import { runCommand } from '../wasm/runtime.js'
import type { Instance, LogLevel, Runtime, StartOptions } from '../wasm/types.js'

export { isCommandRun } from '../wasm/runtime.js'

/** Runs that wait for their turn; more are refused, as each is asked for from anywhere on the lattice. */
const maxWaiting = 16

export interface CommandRunnerParts {
  readonly runtime: Runtime
  readonly note: (level: LogLevel, text: string) => void
}

export interface CommandRunner {
  /** One run to its end; see `runCommand` for what comes back. `instance`: the interface's name with version. */
  run(digest: string, instance: string, options: StartOptions): Promise<unknown>
  /** Ends the run under way; the next that waits begins. */
  stopCurrent(): Promise<void>
  /** Ends the run under way and those that wait. */
  stop(): Promise<void>
}

export function createCommandRunner({ runtime, note }: CommandRunnerParts): CommandRunner {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  /** Grows with each stop: a run that began before one is not to begin after it. */
  let generation = 0
  let current: { instance: Instance | undefined; isStopped: boolean } | undefined

  const stopped = (componentId: string): TlosError =>
    new TlosError('cancelled', `the run of ${componentId} was stopped`, { about: componentId })

  async function once(digest: string, name: string, options: StartOptions, began: number): Promise<unknown> {
    if (began !== generation) throw stopped(options.componentId)
    const mine: NonNullable<typeof current> = { instance: undefined, isStopped: false }
    current = mine
    try {
      const end = await runCommand(runtime, digest, name, options, (instance) => {
        mine.instance = instance
        // It was stopped before it could be.
        if (mine.isStopped) void instance.stop()
      })
      note(end.exitCode === 0 ? 'debug' : 'warn', `ended with exit code ${end.exitCode}`)
      return end
    } catch (error) {
      if (!mine.isStopped) throw error
      note('warn', 'the run was stopped')
      throw stopped(options.componentId)
    } finally {
      current = undefined
    }
  }

  async function stopCurrent(): Promise<void> {
    if (current === undefined) return
    current.isStopped = true
    await current.instance?.stop()
  }

  return {
    async run(digest, name, options) {
      if (waiting >= maxWaiting) {
        throw new TlosError('refused', `${options.componentId} has ${waiting} runs waiting already`, {
          about: options.componentId,
        })
      }
      waiting += 1
      const began = generation
      const turn = last.then(
        () => once(digest, name, options, began),
        () => once(digest, name, options, began),
      )
      last = turn
      try {
        return await turn
      } finally {
        waiting -= 1
      }
    },
    stopCurrent,
    async stop() {
      generation += 1
      await stopCurrent()
    },
  }
}
