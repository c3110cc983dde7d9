// Time from the start of the process to the shell's first frame, and to the first frame with its three places, beside an
// empty Electron + Three.js window started in turns with it. With user data of an earlier run, and without any.

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type BenchContext, openEmpty, openShell, type OpenedApp } from './support/open-app.js'
import { type Row, rowOf } from './support/statistics.js'

export const name = 'start: process to first frame, beside an empty Electron + Three.js window'

const samples = 5
/** From the first frame to three places; a lattice that takes longer does not come. */
const placesMs = 60_000
/** Of the first frame, to the empty window's. */
const aim = 1.5

interface Start {
  readonly firstMs: number
  readonly placesMs: number
}

/** In the page: wall clock when a frame with three places was drawn. */
const threePlaces = `new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error('three places were not there in time')), ${placesMs})
  const look = () => {
    if (document.querySelectorAll('[role=region][aria-label^="node "]').length < 3) return false
    // The second callback comes after the frame that the first one was called before.
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(Date.now())))
    return true
  }
  if (look()) return
  const observer = new MutationObserver(() => { if (look()) observer.disconnect() })
  observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['aria-label'] })
})`

async function startShell(context: BenchContext, userDataDir: string): Promise<Start> {
  const shell = await openShell(context, userDataDir)
  try {
    const page = await shell.session()
    const placesAtMs = await page.evaluate<number>(threePlaces)
    return { firstMs: shell.firstFrameMs, placesMs: placesAtMs - shell.spawnedAtMs }
  } finally {
    await shell.close()
  }
}

async function startEmpty(context: BenchContext, userDataDir: string): Promise<number> {
  const app: OpenedApp = await openEmpty(context, userDataDir)
  await app.close()
  return app.firstFrameMs
}

export async function run(context: BenchContext): Promise<Row[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-start-'))
  const at = (what: string): string => path.join(folder, what)
  const empty = { warm: [] as number[], fresh: [] as number[] }
  const shell = { warm: [] as Start[], fresh: [] as Start[] }
  try {
    // The first round is not counted: it fills the caches of the machine and makes the user data of the warm ones.
    for (let round = 0; round <= samples; round += 1) {
      context.signal.throwIfAborted()
      const measured = {
        emptyWarm: await startEmpty(context, at('empty')),
        warm: await startShell(context, at('warm')),
        emptyFresh: await startEmpty(context, at(`empty-${round}`)),
        fresh: await startShell(context, at(`fresh-${round}`)),
      }
      if (round === 0) continue
      empty.warm.push(measured.emptyWarm)
      empty.fresh.push(measured.emptyFresh)
      shell.warm.push(measured.warm)
      shell.fresh.push(measured.fresh)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return (['warm', 'fresh'] as const).flatMap((kind) => {
    const data = kind === 'warm' ? 'user data there' : 'no user data'
    const baseline = empty[kind]
    const first = shell[kind].map((start) => start.firstMs)
    const places = shell[kind].map((start) => start.placesMs)
    return [
      rowOf(`first frame, ${data}`, 'ms', first, { baseline, aim }),
      rowOf(`first frame with three places, ${data}`, 'ms', places, { baseline }),
    ]
  })
}
