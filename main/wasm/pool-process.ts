// How a pool process is started and talked to, whichever kind of process it is. The desktop passes its own (a utility
// process); plain Node forks.

import { fork } from 'node:child_process'
import { Duplex } from 'node:stream'
import { createFrameReader, encodeFrame } from './frames.js'
import { laneArgument, laneFd, maxShortBytes, valuesOf } from './lane.js'
import type { ToPool } from './pool-protocol.js'

export interface PoolProcessListeners {
  readonly onMessage: (message: unknown) => void
  /** Once; `reason` is words for a person. */
  readonly onExit: (reason: string) => void
  /** Lines of its own stderr: nothing of a guest's. */
  readonly onOutput: (text: string) => void
}

/** A running pool process. `post` throws for what is no structured-clone data, and not when the process has ended. */
export interface PoolProcess {
  readonly pid: number | undefined
  post(message: ToPool): void
  kill(): void
}

/** Starts `entry` with `args`; calls the listeners from later turns only. */
export type SpawnPool = (entry: string, args: readonly string[], listeners: PoolProcessListeners) => PoolProcess

/** Electron's binary is a plain Node with this set. */
export const asNode: Readonly<Record<string, string>> =
  process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }

/**
 * glibc gives many threads a heap of their own each, eight for a core, and what a thread that ended leaves in one is hardly
 * used again: with a thread for each instance, on many cores, that is most of the memory.
 */
const fewHeaps: Readonly<Record<string, string>> =
  process.env['MALLOC_ARENA_MAX'] === undefined ? { MALLOC_ARENA_MAX: '2' } : {}

/** Elsewhere than on Linux nothing is known of writes by several threads; there everything goes over Node's channel. */
const hasLane = process.platform === 'linux'

export const forkPool: SpawnPool = (entry, args, listeners) => {
  const child = fork(entry, [...(hasLane ? [laneArgument] : []), ...args], {
    serialization: 'advanced',
    env: { ...process.env, ...asNode, ...fewHeaps },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...(hasLane ? (['pipe'] as const) : [])],
  })
  child.stderr?.on('data', (chunk: Buffer) => listeners.onOutput(chunk.toString('utf8')))
  child.on('message', listeners.onMessage)
  const stream = child.stdio[laneFd]
  const lane = stream instanceof Duplex ? stream : undefined
  if (lane !== undefined) {
    const read = createFrameReader(maxShortBytes, listeners.onMessage)
    lane.on('data', (chunk: Buffer) => {
      try {
        read(chunk)
      } catch (error) {
        over(`the pool process sent what cannot be read: ${error instanceof Error ? error.message : String(error)}`)
        child.kill('SIGKILL')
      }
    })
    // It ends with the process, whose end says why.
    lane.on('error', () => undefined)
  }
  let isOver = false
  const over = (reason: string): void => {
    if (isOver) return
    isOver = true
    listeners.onExit(reason)
  }
  child.on('error', (error) => over(`the pool process failed: ${error.message}`))
  child.on('exit', (code, signal) => over(`the pool process ended (${signal ?? `exit code ${code ?? '?'}`})`))
  return {
    pid: child.pid,
    post(message) {
      if (!child.connected) return
      if (lane === undefined) child.send(message, () => {})
      else lane.write(encodeFrame(message, valuesOf(message)))
    },
    kill() {
      child.kill('SIGKILL')
    },
  }
}
