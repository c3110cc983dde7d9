// What the operating system says of a process: enough to know it again, also after its id was given to another. Linux by
// /proc, macOS by `ps`; elsewhere nothing, and then nothing is known to be ours.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export interface ProcessFacts {
  /** When it started, with which boot: the same text only for the same process. */
  readonly started: string
  readonly commandLine: string
}

const run = promisify(execFile)

async function fromProc(pid: number): Promise<ProcessFacts | undefined> {
  const [stat, command, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  ])
  // The name, field 2, is in parentheses and may hold anything: count from behind it. State is field 3, start time 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const ticks = fields[19]
  // A zombie has ended; its parent has only not looked yet.
  if (ticks === undefined || state === 'Z' || state === 'X') return undefined
  return { started: `${boot.trim()}:${ticks}`, commandLine: command.split('\0').join(' ') }
}

async function fromPs(pid: number): Promise<ProcessFacts | undefined> {
  const { stdout } = await run('ps', ['-ww', '-o', 'lstart=', '-o', 'command=', '-p', String(pid)], { timeout: 5_000 })
  // `Mon Nov 23 21:33:30 2026 /usr/…`: five words of time.
  const match = /^\s*(\S+\s+\S+\s+\d+\s+\S+\s+\d+)\s+(.*)$/m.exec(stdout)
  if (match === null) return undefined
  const [, started = '', commandLine = ''] = match
  return { started, commandLine }
}

/** Undefined when there is no such process, or nothing can be known of it here. */
export async function describeProcess(pid: number): Promise<ProcessFacts | undefined> {
  try {
    if (process.platform === 'linux') return await fromProc(pid)
    if (process.platform === 'darwin') return await fromPs(pid)
    return undefined
  } catch {
    // It ended while we looked.
    return undefined
  }
}
