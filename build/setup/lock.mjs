// One at a time: a lock file that names its holder. A holder that died or hung is noticed and its lock is taken away.
// Everything done under a lock also ends in one atomic rename, so that two holders would cost time and nothing else.

import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Stop } from '../say.mjs'

/** Start time of a process in kernel ticks, so that a reused pid is not taken for the holder; undefined when gone. */
async function startOf(pid) {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  if (process.platform === 'linux') return undefined
  try {
    process.kill(pid, 0)
    return 'unknown'
  } catch (error) {
    return error.code === 'EPERM' ? 'unknown' : undefined
  }
}

async function isStale(file, text, staleMs) {
  const stat = await fs.stat(file).catch(() => undefined)
  if (stat === undefined) return false
  if (Date.now() - stat.mtimeMs > staleMs) return true
  const [pid, start] = text.split(' ')
  return (await startOf(Number(pid))) !== start
}

/** Takes a lock away from its dead holder, unless somebody else was quicker and it is already a new one. */
async function takeAway(file, text) {
  const aside = `${file}.stale-${randomBytes(4).toString('hex')}`
  try {
    await fs.rename(file, aside)
  } catch {
    return
  }
  if ((await fs.readFile(aside, 'utf8').catch(() => text)) !== text) await fs.link(aside, file).catch(() => undefined)
  await fs.rm(aside, { force: true })
}

/**
 * Runs `work` while holding the lock `file`. Waits for another holder at most `waitMs`; a lock older than `staleMs` or of
 * a process that is gone counts as left behind. `onWait` is called once, when somebody else holds it.
 */
export async function withLock(file, work, { waitMs = 900_000, staleMs = 1_200_000, onWait = () => undefined } = {}) {
  await fs.mkdir(path.dirname(file), { recursive: true })
  const mine = `${process.pid} ${await startOf(process.pid)} ${randomBytes(8).toString('hex')}`
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  await fs.writeFile(draft, mine)
  const deadline = Date.now() + waitMs
  let waited = false
  try {
    for (;;) {
      const won = await fs.link(draft, file).then(
        () => true,
        (error) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
      if (won) break
      const text = await fs.readFile(file, 'utf8').catch(() => undefined)
      if (text !== undefined && (await isStale(file, text, staleMs))) {
        await takeAway(file, text)
        continue
      }
      if (!waited) onWait()
      waited = true
      if (Date.now() > deadline) throw new Stop(`gave up waiting for ${file}; delete it if nothing is running`)
      await sleep(100)
    }
  } finally {
    await fs.rm(draft, { force: true })
  }
  try {
    return await work()
  } finally {
    if ((await fs.readFile(file, 'utf8').catch(() => undefined)) === mine) await fs.rm(file, { force: true })
  }
}
