// Runs a command component that is an actor: each run in an instance of its own, its output in the actor's log, its end told
// there in one line. The actor's standing instance is not touched.

import { runCommand } from '../wasm/runtime.js'
import type { LogLevel, Runtime, StartOptions } from '../wasm/types.js'

export { isCommandRun } from '../wasm/runtime.js'

export interface RunParts {
  readonly runtime: Runtime
  readonly digest: string
  readonly options: StartOptions
  readonly note: (level: LogLevel, text: string) => void
}

/** One run to its end; see `runCommand` for what comes back. */
export async function runOnce(parts: RunParts, instance: string): Promise<unknown> {
  const end = await runCommand(parts.runtime, parts.digest, instance, parts.options)
  parts.note(end.exitCode === 0 ? 'debug' : 'warn', `ended with exit code ${end.exitCode}`)
  return end
}
