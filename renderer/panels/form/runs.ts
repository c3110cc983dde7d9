// Runs of command components as they are seen: begun here, read from the log while they go on, kept when their window is drawn
// by a card for a while. One at a time for each component. Stands on the bridge.

import type { RunInput } from '../../../preload/grants.js'
import type { Shell } from '../../../preload/contract.js'
import type { Component } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import { exitCodeOf, linesSince, type LogLines } from './run-output.js'

/** How often the output is read while it runs, ms. */
const readEveryMs = 400

export type RunEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly tookMs: number }
  | { readonly kind: 'stopped'; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly message: string; readonly tookMs: number }

export interface Run {
  readonly arguments: readonly string[]
  /** Wall clock. */
  readonly startedAtMs: number
  readonly lines: LogLines
  /** Absent while it goes on. */
  readonly end: RunEnd | undefined
}

export interface RunRequest {
  readonly component: Pick<Component, 'id' | 'hostId'>
  readonly interfaceName: string
  /** Absent: with what its node gives it. */
  readonly input: RunInput | undefined
}

export interface Runs {
  last(key: string): Run | undefined
  start(request: RunRequest): void
  stop(component: RunRequest['component']): void
  onChange(listener: () => void): () => void
  close(): void
}

export function openRuns(shell: Pick<Shell, 'call'>): Runs {
  const runs = new Map<string, Run>()
  const stopping = new Set<string>()
  const timers = new Set<ReturnType<typeof setInterval>>()
  const listeners = new Set<() => void>()

  const set = (key: string, run: Run): void => {
    runs.set(key, run)
    for (const listener of [...listeners]) listener()
  }
  const update = (key: string, more: Partial<Run>): void => {
    const run = runs.get(key)
    if (run !== undefined) set(key, { ...run, ...more })
  }

  async function run(key: string, { component, interfaceName, input }: RunRequest): Promise<void> {
    const { id, hostId } = component
    const read = async (): Promise<LogLines> => {
      const outcome = await shell.call('component.log', id, hostId)
      return outcome.ok ? outcome.value : []
    }
    const before = await read()
    const written = (lines: LogLines): LogLines => linesSince(before, lines).filter(({ by }) => by !== 'node')
    const timer = setInterval(() => {
      void read().then((lines) => {
        if (runs.get(key)?.end === undefined) update(key, { lines: written(lines) })
      })
    }, readEveryMs)
    timers.add(timer)
    const since = performance.now()
    const outcome = await (input === undefined
      ? shell.call('component.call', id, hostId, interfaceName, 'run', [])
      : shell.call('run.start', id, hostId, interfaceName, input))
    const tookMs = performance.now() - since
    clearInterval(timer)
    timers.delete(timer)
    const lines = written(await read())
    const wasStopped = stopping.delete(key) && !outcome.ok
    const end: RunEnd = wasStopped
      ? { kind: 'stopped', tookMs }
      : outcome.ok
        ? { kind: 'exit', code: exitCodeOf(outcome.value), tookMs }
        : { kind: 'failed', message: outcome.failure.message, tookMs }
    update(key, { lines, end })
  }

  return {
    last: (key) => runs.get(key),
    start(request) {
      const key = onHostKey(request.component.hostId, request.component.id)
      const last = runs.get(key)
      if (last !== undefined && last.end === undefined) return
      set(key, { arguments: request.input?.arguments ?? [], startedAtMs: Date.now(), lines: [], end: undefined })
      void run(key, request)
    },
    stop({ id, hostId }) {
      stopping.add(onHostKey(hostId, id))
      void shell.call('run.stop', id, hostId)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      for (const timer of timers) clearInterval(timer)
      timers.clear()
      listeners.clear()
    },
  }
}
