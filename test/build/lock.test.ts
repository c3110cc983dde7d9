// The lock that keeps two setups or builds of one clone apart, with real processes.

import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from '../../build/setup/lock.mjs'

let folder: string
let lock: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-lock-'))
  lock = path.join(folder, 'work.lock')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('a lock', () => {
  it('lets one in at a time and leaves nothing behind', async () => {
    let inside = 0
    let most = 0
    let waits = 0
    const work = async (): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      await sleep(20)
      inside -= 1
    }
    await Promise.all(Array.from({ length: 5 }, () => withLock(lock, work, { onWait: () => (waits += 1) })))
    expect({ most, waits }).toEqual({ most: 1, waits: 4 })
    expect(await readdir(folder)).toEqual([])
  })

  it('is given back when the work fails', async () => {
    await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock(lock, () => Promise.resolve('again'))).toBe('again')
  })

  it('is taken from a process that was killed while holding it', async () => {
    const module = path.resolve('build/setup/lock.mjs')
    const code = `import { withLock } from ${JSON.stringify(module)}
      await withLock(${JSON.stringify(lock)}, () => { console.log('held'); return new Promise(() => setInterval(() => 0, 1000)) })`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    expect(await readFile(lock, 'utf8')).toMatch(new RegExp(`^${holder.pid} `))
    await expect(withLock(lock, () => Promise.resolve(), { waitMs: 300 })).rejects.toThrow(/gave up waiting/)
    holder.kill('SIGKILL')
    await new Promise((resolve) => holder.once('exit', resolve))
    expect(await withLock(lock, () => Promise.resolve('mine'), { waitMs: 5_000 })).toBe('mine')
  })

  it('is taken from one whose pid is used by somebody else now, and from one that hangs', async () => {
    await writeFile(lock, `${process.pid} 1 other`)
    expect(await withLock(lock, () => Promise.resolve('mine'), { waitMs: 2_000 })).toBe('mine')
    const start = (await readFile(`/proc/${process.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19]
    await writeFile(lock, `${process.pid} ${start} other`)
    await utimes(lock, 1, 1)
    expect(await withLock(lock, () => Promise.resolve('mine'), { waitMs: 2_000 })).toBe('mine')
  })
})
