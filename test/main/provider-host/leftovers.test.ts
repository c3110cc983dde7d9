import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endLeftovers, noteRunning } from '../../../main/provider-host/leftovers.js'

describe.runIf(process.platform === 'linux')('Providers that a killed node left behind', () => {
  let under: string
  beforeEach(async () => void (under = await mkdtemp(path.join(os.tmpdir(), 'tlos-left-'))))
  afterEach(() => rm(under, { recursive: true, force: true }))

  const begin = async (cwd: string): Promise<{ pid: number; ended: Promise<unknown>; kill: () => void }> => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
      cwd,
      detached: true,
    })
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    return { pid: child.pid!, ended, kill: () => child.kill('SIGKILL') }
  }

  it('are ended, and their folders removed', async () => {
    const folder = path.join(under, 'provider-a')
    await mkdir(folder)
    const left = await begin(folder)
    await noteRunning(folder, left.pid)
    expect(await endLeftovers(under)).toBe(1)
    expect(await left.ended).toBe('SIGKILL')
    expect(await readdir(under)).toEqual([])
  })

  it('are not taken for somebody who has their number by now', async () => {
    const folder = path.join(under, 'provider-b')
    await mkdir(folder)
    const other = await begin(os.tmpdir())
    await noteRunning(folder, other.pid)
    await mkdir(path.join(under, 'provider-c'))
    await writeFile(path.join(under, 'provider-c', 'pid'), '-1')
    expect(await endLeftovers(under)).toBe(0)
    expect(process.kill(other.pid, 0)).toBe(true)
    other.kill()
    await other.ended
  })
})
