// Local nodes as real processes: started, stopped, gone, never outliving who started them.

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openChildren } from '../../../main/desktop/children.js'
import { type LocalNodes, type LocalNodesOptions, openLocalNodes } from '../../../main/desktop/local-nodes.js'
import { describeProcess } from '../../../main/desktop/process-table.js'
import { stateFiles } from '../../../main/desktop/settings.js'
import { openStateFile } from '../../../main/state-file.js'
import { bundleProgram } from './programs/bundle.js'

let built: string
let program: string
beforeAll(async () => {
  built = await mkdtemp(path.join(os.tmpdir(), 'tlos-programs-'))
  program = await bundleProgram('local-node', built)
})
afterAll(() => rm(built, { recursive: true, force: true }))

let folder: string
const opened: LocalNodes[] = []
/** What is written down of them, on its way to the folder. */
const written: { settled(): Promise<void> }[] = []
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-local-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((nodes) => nodes.close()))
  await Promise.all(written.splice(0).map((file) => file.settled()))
  await rm(folder, { recursive: true, force: true })
})

async function open(wish: string, more: Partial<LocalNodesOptions> = {}) {
  const gone: string[][] = []
  const lines: string[] = []
  const kept = await openStateFile({ folder, ...stateFiles.children })
  written.push(kept)
  const nodes = openLocalNodes({
    command: { file: process.execPath, args: [program], env: process.env },
    lattice: 'default',
    natsUrl: 'nats://127.0.0.1:4222',
    folder: path.join(folder, 'nodes'),
    extra: ['--label', `do=${wish}`],
    children: await openChildren({ kept }),
    onGone: (...what) => gone.push(what),
    onLine: (name, line) => lines.push(`${name}: ${line}`),
    ...more,
  })
  opened.push(nodes)
  return { nodes, gone, lines, kept }
}

const isThere = async (pid: number): Promise<boolean> => (await describeProcess(pid)) !== undefined

describe('local nodes', () => {
  it('are ready when they say so, are one process however often they are asked for, and stop', async () => {
    const { nodes, gone, lines, kept } = await open('nothing')
    const [north, again, south] = await Promise.all([nodes.start('north'), nodes.start('north'), nodes.start('south')])
    expect(again).toBe(north)
    expect([north.hostId, south.hostId]).toEqual(['HOST-north', 'HOST-south'])
    expect(await nodes.start('north')).toBe(north)
    expect(nodes.list()).toEqual([north, south])
    await expect.poll(() => lines).toContain('south: a line of its log')
    await expect.poll(() => kept.value.map((record) => record.pid).sort()).toEqual([north.pid, south.pid].sort())
    await nodes.close()
    expect([await isThere(north.pid), await isThere(south.pid), nodes.list(), gone, kept.value]).toEqual([
      false,
      false,
      [],
      [],
      [],
    ])
    await expect(nodes.start('north')).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('say which one died and how, stay dead, and start again when asked', async () => {
    const { nodes, gone } = await open('nothing')
    const north = await nodes.start('north')
    process.kill(north.pid, 'SIGKILL')
    await expect.poll(() => gone).toEqual([['north', 'HOST-north', 'was ended by SIGKILL']])
    expect(nodes.list()).toEqual([])
    const again = await nodes.start('north')
    expect(again.pid).not.toBe(north.pid)
    await nodes.stop('north')
    await nodes.stop('north')
    expect(gone).toHaveLength(1)
  })

  it('say in their own words why they did not start', async () => {
    const { nodes, gone } = await open('fail')
    await expect(nodes.start('north')).rejects.toMatchObject({
      code: 'unavailable',
      message: 'node north ended with exit code 7\nno server answers at that URL',
    })
    expect([nodes.list(), gone]).toEqual([[], []])
  })

  it('are not waited for without end', async () => {
    const { nodes } = await open('mute', { readyMs: 500 })
    await expect(nodes.start('north')).rejects.toMatchObject({ code: 'timed-out' })
    await expect.poll(() => nodes.list()).toEqual([])
  })

  it('are a clear failure when the program is not there or the name is none', async () => {
    const { nodes } = await open('nothing', { command: { file: '/no/such/program', args: [], env: {} } })
    await expect(nodes.start('north')).rejects.toMatchObject({ code: 'unavailable', about: 'north' })
    for (const name of ['', '../x', 'a/b', '.', 'x'.repeat(65)]) {
      await expect(nodes.start(name)).rejects.toMatchObject({ code: 'invalid' })
    }
  })

  it('leave nothing when closed while they start', async () => {
    const { nodes } = await open('mute')
    const starting = nodes.start('north').catch((error: unknown) => error)
    await nodes.close()
    expect(await starting).toMatchObject({ name: 'TlosError' })
    const { ended } = await openChildren({ kept: await openStateFile({ folder, ...stateFiles.children }) })
    expect(ended).toEqual([])
  })

  it('are ended by force when they do not listen', async () => {
    const { nodes } = await open('stay')
    const { pid } = await nodes.start('north')
    await nodes.close()
    expect(await isThere(pid)).toBe(false)
  }, 15_000)
})

describe('a shell killed with -9', () => {
  it('takes its nodes with it, and what stays is ended at the next start and nothing else', async () => {
    const shell = await bundleProgram('shell', built)
    const run = async () => {
      const child = spawn(process.execPath, [shell, folder, program], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      for await (const chunk of child.stdout) {
        said += String(chunk)
        if (said.includes('\n')) break
      }
      return {
        child,
        pids: JSON.parse(said) as Record<'nats' | 'good' | 'hanging' | 'stubborn', number> & { ended: number[] },
      }
    }
    const first = await run()
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      first.child.kill('SIGKILL')
      const { nats, good, hanging, stubborn } = first.pids
      await expect.poll(() => isThere(good)).toBe(false)
      await expect.poll(() => isThere(hanging)).toBe(false)
      expect([await isThere(nats), await isThere(stubborn)]).toEqual([true, true])

      // As if the id of a child had passed to a process that is not ours: it must live.
      const kept = await openStateFile({ folder, ...stateFiles.children })
      const facts = await describeProcess(bystander.pid!)
      await kept.save([
        ...kept.value,
        { pid: bystander.pid!, started: `${facts!.started}0`, marker: 'sleep 60' },
        { pid: bystander.pid!, started: facts!.started, marker: path.join(folder, 'nodes') },
      ])

      const second = await run()
      try {
        expect([...second.pids.ended].sort()).toEqual([nats, stubborn].sort())
        expect([await isThere(nats), await isThere(stubborn), await isThere(bystander.pid!)]).toEqual([
          false,
          false,
          true,
        ])
      } finally {
        second.child.kill('SIGKILL')
      }
      const last = await openChildren({ kept: await openStateFile({ folder, ...stateFiles.children }), graceMs: 500 })
      expect(last.ended).toContain(second.pids.nats)
    } finally {
      bystander.kill()
      first.child.kill('SIGKILL')
      await openChildren({ kept: await openStateFile({ folder, ...stateFiles.children }), graceMs: 500 })
    }
  }, 40_000)
})
