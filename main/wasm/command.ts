// Command components: those that export `wasi:cli/run`. A run has an instance of its own, since a program's main function is
// written to be entered once. Stands on the runtime's own types only.

import type { Instance, Runtime, StartOptions } from './types.js'
import { withoutVersion } from './wit-names.js'

export const isCommandRun = (instance: string, functionName: string): boolean =>
  withoutVersion(instance) === 'wasi:cli/run' && functionName === 'run'

/** What `wasi:cli/run.run` gives here: its `result`, and the code, which the result alone does not carry. */
export interface CommandEnd {
  readonly tag: 'ok' | 'err'
  /** 0 to 255; 0 is success. */
  readonly exitCode: number
}

/**
 * Runs a prepared command to its end, with the arguments, environment and input of `options.grants`. Rejects when it traps
 * or takes longer than `limits.callMs`; ending with a code other than 0 is no failure of this.
 */
export async function runCommand(
  runtime: Pick<Runtime, 'start'>,
  digest: string,
  instanceName: string,
  options: StartOptions,
  onStarted: (instance: Instance) => void = () => {},
): Promise<CommandEnd> {
  const instance = await runtime.start(digest, options)
  try {
    onStarted(instance)
    // The worker makes this value for this function (worker.ts).
    return (await instance.call(instanceName, 'run', [])) as CommandEnd
  } finally {
    await instance.stop()
  }
}
