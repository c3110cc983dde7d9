// What a running shell costs: memory of all its processes, CPU time and frames drawn while nothing happens (for a whole
// minute with the clock, which turns once in it, and without it), and a call of an actor from the page over the bridge.

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type BenchContext, openEmpty, openShell } from './support/open-app.js'
import type { PageSession } from './support/page-session.js'
import { cpuMs, type FoundProcess, memoryOf, processTree } from './support/process-tree.js'
import { type Row, rowOf } from './support/statistics.js'

export const name = 'running shell: memory, idle CPU, calls over the bridge'

const startMs = 60_000
/** From the last thing that happened until beads and toasts are gone. */
const settleMs = 20_000
const idleMs = 15_000
const clockMs = 60_000
const emptySettleMs = 5_000
const bridgeCalls = 500

/** Resolves in the page when the four first actors run and their windows have their content. */
const populated = `new Promise((resolve, reject) => {
  const end = Date.now() + ${startMs}
  const look = async () => {
    const watched = await window.shell.call('lattice.watch')
    const running = watched.ok ? Object.values(watched.value.state.components).filter((c) => c.state === 'running' || c.state === 'busy') : []
    const hosts = watched.ok ? Object.values(watched.value.state.hosts).length : 0
    if (running.length === 4 && hosts === 3) resolve(running.map(({ id, hostId }) => ({ id, hostId })))
    else if (Date.now() > end) reject(new Error('not all actors run: ' + JSON.stringify(running)))
    else setTimeout(look, 200)
  }
  void look()
})`

interface Running {
  readonly id: string
  readonly hostId: string
}

/** ms of each of so many calls, measured where they are made: in the page. */
const timeCalls = (call: string, times: number): string => `(async () => {
  const samples = []
  for (let i = 0; i < ${times}; i += 1) {
    const since = performance.now()
    const outcome = await ${call}
    if (!outcome.ok) throw new Error(outcome.failure.message)
    samples.push(performance.now() - since)
  }
  return samples
})()`

interface Idle {
  readonly ms: number
  /** Percent of a core, all processes together. */
  readonly cpu: number
  readonly byKind: ReadonlyMap<string, number>
  /** Drawn meanwhile. */
  readonly frames: number
}

const sum = (values: Iterable<number>): number => [...values].reduce((all, one) => all + one, 0)

/** Resolves to the percent of a core that each kind of process took between the call and its function's call. */
async function followCpu(pid: number): Promise<() => Promise<Map<string, number>>> {
  const tree = await processTree(pid)
  const read = (): Promise<(number | undefined)[]> => Promise.all(tree.map((one) => cpuMs(one.pid)))
  const since = performance.now()
  const before = await read()
  return async () => {
    const after = await read()
    const elapsed = performance.now() - since
    const byKind = new Map<string, number>()
    tree.forEach(({ kind }, i) => {
      const spent = (after[i] ?? 0) - (before[i] ?? 0)
      byKind.set(kind, (byKind.get(kind) ?? 0) + (spent / elapsed) * 100)
    })
    return byKind
  }
}

async function measureIdle(page: PageSession, shell: number, ms: number): Promise<Idle> {
  // A page that nobody can see draws nothing, and would say nothing about one that is seen.
  const isSeen = await page.evaluate<boolean>("document.visibilityState === 'visible'")
  if (!isSeen) throw new Error('the window of the shell is not visible')
  const frames = (): Promise<number> => page.evaluate<number>('window.tlos.frames().count')
  const framesBefore = await frames()
  const readCpu = await followCpu(shell)
  await delay(ms)
  const byKind = await readCpu()
  return { ms, cpu: sum(byKind.values()), byKind, frames: (await frames()) - framesBefore }
}

/** Percent of a core of an empty window that has drawn and does nothing. */
async function measureEmpty(context: BenchContext, userDataDir: string): Promise<number> {
  const empty = await openEmpty(context, userDataDir)
  try {
    await delay(emptySettleMs)
    const readCpu = await followCpu(empty.pid)
    await delay(idleMs)
    return sum((await readCpu()).values())
  } finally {
    await empty.close()
  }
}

async function memoryRows(tree: readonly FoundProcess[]): Promise<Row[]> {
  const toMiB = (bytes: number): number => bytes / 1024 / 1024
  const measured = await Promise.all(tree.map(async ({ pid, kind }) => ({ kind, ...(await memoryOf(pid)) })))
  const kinds = [...new Set(measured.map(({ kind }) => kind))]
  const row = (what: string, of: typeof measured): Row[] => {
    const pss = sum(of.map((one) => one.pssBytes))
    const rss = sum(of.map((one) => one.rssBytes))
    const title = (figure: string): string => `${figure} of ${what} (${of.length})`
    return [
      { name: title('RSS'), value: toMiB(rss), unit: 'MiB', samples: 1 },
      { name: title('PSS'), value: toMiB(pss), unit: 'MiB', samples: 1 },
    ]
  }
  return [
    ...row('all processes', measured),
    ...kinds.flatMap((kind) =>
      row(
        kind,
        measured.filter((one) => one.kind === kind),
      ),
    ),
  ]
}

const idleRows = (when: string, { ms, cpu, frames, byKind }: Idle): Row[] => [
  { name: `idle CPU ${when}`, value: cpu, unit: '% of a core', samples: 1, aim: 1 },
  { name: `frames drawn while idle ${when}`, value: frames, unit: `in ${ms / 1_000} s`, samples: 1, aim: 0 },
  ...[...byKind]
    .filter(([, share]) => share >= 0.05)
    .map(([kind, share]) => ({ name: `  of it: ${kind}`, value: share, unit: '% of a core', samples: 1 })),
]

export async function run(context: BenchContext): Promise<Row[]> {
  const userDataDir = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-shell-'))
  const shell = await openShell(context, path.join(userDataDir, 'shell'))
  try {
    const page = await shell.session()
    const running = await page.evaluate<Running[]>(populated)
    const hostOf = (id: string): string => running.find((one) => one.id === id)?.hostId ?? ''
    const call = async (text: string): Promise<number[]> => {
      await page.evaluate(timeCalls(text, 50))
      return await page.evaluate<number[]>(timeCalls(text, bridgeCalls))
    }
    const counter = `'counter', '${hostOf('counter')}'`
    const increment = await call(
      `window.shell.call('component.call', ${counter}, 'tlos:counter/counter@0.1.0', 'increment', [])`,
    )
    const bare = await call(`window.shell.call('notice.list')`)
    const bridge = rowOf('counter.increment from the page, median, beside a call that main answers', 'ms', increment, {
      baseline: bare,
    })

    const memory = await memoryRows(await processTree(shell.pid))
    await delay(settleMs)
    context.signal.throwIfAborted()
    const withClock = await measureIdle(page, shell.pid, clockMs)
    await page.evaluate(`window.shell.call('component.scale', 'clock', '${hostOf('clock')}', 0)`)
    await delay(settleMs)
    context.signal.throwIfAborted()
    const withoutClock = await measureIdle(page, shell.pid, idleMs)
    await shell.close()
    const emptyCpu = await measureEmpty(context, path.join(userDataDir, 'empty'))
    return [
      bridge,
      ...memory,
      ...idleRows('with the default actors, whose clock turns each minute', withClock),
      ...idleRows('with the clock stopped', withoutClock),
      { name: 'idle CPU of an empty Electron window', value: emptyCpu, unit: '% of a core', samples: 1 },
    ]
  } finally {
    await shell.close()
    await rm(userDataDir, { recursive: true, force: true })
  }
}
