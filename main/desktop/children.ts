// Which processes this shell started, written down, so that the next start can end what a crash left behind. A process is
// ended only when it is provably the one we started: same id, same start, and our own marker in its command line. When in
// doubt it lives.

import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import * as v from 'valibot'
import { formatChain } from '../failure.js'
import type { Kept } from './kept.js'
import { describeProcess } from './process-table.js'

const ChildRecord = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  /** `ProcessFacts.started`. */
  started: v.string(),
  /** In its command line and in no other's: a path in this user-data folder. */
  marker: v.pipe(v.string(), v.minLength(8)),
})
type ChildRecord = v.InferOutput<typeof ChildRecord>

export const ChildRecords = v.pipe(v.array(ChildRecord), v.maxLength(1_000))

export interface Children {
  /** Processes of an earlier run that were still there and were ended. */
  readonly ended: readonly number[]
  /** Writes a child down. Resolves when it is on the disk. Never rejects. */
  track(pid: number, marker: string): Promise<void>
  /** It ended. Never rejects. */
  forget(pid: number): Promise<void>
}

export interface ChildrenOptions {
  readonly kept: Kept<ChildRecord[]>
  /** From SIGTERM to SIGKILL, ms. */
  readonly graceMs?: number | undefined
  readonly log?: ((level: 'info' | 'warn', text: string) => void) | undefined
}

const usualGraceMs = 3_000
const stepMs = 25

async function isStillOurs(record: ChildRecord): Promise<boolean> {
  const facts = await describeProcess(record.pid)
  return facts !== undefined && facts.started === record.started && facts.commandLine.includes(record.marker)
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    // Gone meanwhile, or not ours to end: the next look tells which.
    return false
  }
}

async function waitGone(record: ChildRecord, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  while (performance.now() < end) {
    if (!(await isStillOurs(record))) return true
    await delay(stepMs)
  }
  return false
}

async function end(record: ChildRecord, graceMs: number): Promise<boolean> {
  if (!(await isStillOurs(record))) return false
  signal(record.pid, 'SIGTERM')
  if (await waitGone(record, graceMs)) return true
  // Looked at once more just now: the id has not passed to another process.
  signal(record.pid, 'SIGKILL')
  return waitGone(record, 2_000)
}

/**
 * Ends a process that wrote its own id into `pidFile`, if `marker` is in its command line: for one that was started but not
 * yet written down when the shell was killed. Resolves to its id if it was ended. Never rejects.
 */
export async function endStray(pidFile: string, marker: string, graceMs = usualGraceMs): Promise<number | undefined> {
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).trim())
  if (!Number.isInteger(pid) || pid < 2) return undefined
  const facts = await describeProcess(pid)
  if (facts === undefined) return undefined
  // Its start is taken from now on, so that another process of this id is not ended in its place.
  return (await end({ pid, started: facts.started, marker }, graceMs)) ? pid : undefined
}

/** Ends what an earlier run left, before anything new is started. */
export async function openChildren(options: ChildrenOptions): Promise<Children> {
  const log = options.log ?? (() => undefined)
  const left = options.kept.value
  const graceMs = options.graceMs ?? usualGraceMs
  const outcomes = await Promise.all(
    left.map(async (record) => ({ record, isEnded: await end(record, graceMs), isThere: await isStillOurs(record) })),
  )
  const ended = outcomes.filter((one) => one.isEnded).map((one) => one.record.pid)
  const stubborn = outcomes.filter((one) => one.isThere).map((one) => one.record)
  for (const pid of ended) log('info', `ended process ${pid}, left by a shell that did not close`)
  for (const { pid } of stubborn) log('warn', `process ${pid}, left by a shell that did not close, cannot be ended`)

  let records: readonly ChildRecord[] = stubborn
  let saving: Promise<void> = Promise.resolve()
  const save = (): Promise<void> =>
    (saving = options.kept.save([...records]).catch((error: unknown) => {
      log('warn', `children of this shell are not written down: ${formatChain(error)}`)
    }))
  if (left.length > 0) await save()

  return {
    ended,
    async track(pid, marker) {
      const facts = await describeProcess(pid)
      // Where nothing can be known of it, nothing can be proven later.
      if (facts === undefined) return
      records = [...records, { pid, started: facts.started, marker }]
      await save()
    },
    async forget(pid) {
      // Whoever says it second waits, too, until it is written.
      if (!records.some((record) => record.pid === pid)) return saving
      records = records.filter((record) => record.pid !== pid)
      return save()
    },
  }
}
