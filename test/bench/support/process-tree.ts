// What the processes of a program cost, from Linux's /proc: which they are, their memory, their CPU time. Only reads.

import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

export interface FoundProcess {
  readonly pid: number
  readonly parent: number
  /** In words for the table. */
  readonly kind: string
}

export interface Memory {
  readonly rssBytes: number
  /** Shared pages divided among those who share them: the sum over all is what the machine really spends. */
  readonly pssBytes: number
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

async function statOf(pid: number): Promise<readonly string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The name is in brackets and may hold anything; what follows it starts with field 3.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

function kindOf(command: readonly string[]): string {
  const all = command.join(' ')
  const type = /--type=([a-z-]+)/.exec(all)?.[1]
  if (all.includes('nats-server')) return 'nats-server'
  if (all.includes('pool.cjs')) return 'component pool of a node'
  if (all.includes('node.cjs')) return 'local node'
  if (type === undefined) return 'main'
  if (type === 'renderer') return 'page'
  if (type === 'gpu-process') return 'GPU (software)'
  if (type === 'utility') {
    return all.includes('NetworkService')
      ? 'network service'
      : all.includes('NodeService')
        ? 'component pool'
        : 'utility'
  }
  return type
}

/** This process and all below it. */
export async function processTree(root: number): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = await Promise.all(
    pids.map(async (pid) => {
      const parent = Number((await statOf(pid))?.[1])
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
      return { pid, parent, kind: kindOf(command) }
    }),
  )
  const tree: FoundProcess[] = []
  const take = (pid: number): void => {
    const found = all.find((one) => one.pid === pid)
    if (found !== undefined) tree.push(found)
    for (const child of all) if (child.parent === pid) take(child.pid)
  }
  take(root)
  return tree
}

/** CPU time of the process so far in ms, its threads included; undefined when it is gone. */
export async function cpuMs(pid: number): Promise<number | undefined> {
  const fields = await statOf(pid)
  if (fields === undefined) return undefined
  // utime and stime, fields 14 and 15.
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1_000
}

export async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1_024
  return { rssBytes: bytes('Rss'), pssBytes: bytes('Pss') }
}
