// One shell per user-data folder. A second one hands over what it was asked to do and ends; the first hears of it. Two
// shells on one folder would write over each other's files. Stands on Electron's lock, which lives in the user-data folder:
// that has to be set before.

import { app } from 'electron'
import * as v from 'valibot'

/** What a second shell was started with. From another process of the same person, so checked. */
const Handover = v.object({ args: v.pipe(v.array(v.string()), v.maxLength(1_000)), cwd: v.string() })
export type Handover = v.InferOutput<typeof Handover>

export interface SingleInstance {
  /** Another shell was started on the same folder; `undefined` when it said nothing that can be understood. */
  onSecond(listener: (handover: Handover | undefined) => void): () => void
}

/**
 * Resolves the question who is first. The second one gets `undefined`, has handed over, and has nothing left to do but
 * exit with code 0.
 */
export function claimInstance(own: Handover): SingleInstance | undefined {
  if (!app.requestSingleInstanceLock({ ...own })) {
    process.stderr.write(
      `tLOS is already running on ${app.getPath('userData')}: its window was brought to the front.\n` +
        'For a second shell beside it, give --user-data-dir another folder.\n',
    )
    return undefined
  }
  const listeners = new Set<(handover: Handover | undefined) => void>()
  // Seconds may come before the parts that care for them.
  const early: (Handover | undefined)[] = []
  app.on('second-instance', (_event, _commandLine, _cwd, data) => {
    const parsed = v.safeParse(Handover, data)
    const handover = parsed.success ? parsed.output : undefined
    if (listeners.size === 0) early.push(handover)
    for (const listener of listeners) listener(handover)
  })
  return {
    onSecond(listener) {
      listeners.add(listener)
      for (const handover of early.splice(0)) listener(handover)
      return () => listeners.delete(listener)
    },
  }
}
