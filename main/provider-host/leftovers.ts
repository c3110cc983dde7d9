// Providers that a node left behind when it was ended by force: each start of one has a folder, in which its process stands and
// which names it. The next run of the node ends what still stands there. On Linux alone, where a process can be asked for its
// folder; elsewhere only the folders are removed.

import { readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

const record = 'pid'

/** Best effort: a node whose disk is full still runs its providers. */
export async function noteRunning(folder: string, pid: number): Promise<void> {
  await writeFile(path.join(folder, record), String(pid)).catch(() => undefined)
}

/** Ends what an earlier node of this folder left, and resolves to how many that were. */
export async function endLeftovers(under: string): Promise<number> {
  const names = await readdir(under).catch(() => [])
  let ended = 0
  for (const name of names.filter((each) => each.startsWith('provider-'))) {
    const folder = path.join(under, name)
    const pid = Number(await readFile(path.join(folder, record), 'utf8').catch(() => ''))
    if (Number.isInteger(pid) && pid > 1 && (await stands(pid, folder))) {
      ended += kill(pid) ? 1 : 0
    }
    await rm(folder, { recursive: true, force: true })
  }
  return ended
}

function kill(pid: number): boolean {
  try {
    return process.kill(-pid, 'SIGKILL')
  } catch {
    // It went just now.
    return false
  }
}

/** The number may be somebody else's by now: only a process that stands in this very folder is meant. */
async function stands(pid: number, folder: string): Promise<boolean> {
  const at = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
  return at !== undefined && at === (await realpath(folder).catch(() => undefined))
}
