// Errors that nobody caught, of an emitter in the place of Node's `process` and of a real node process into which another module throws.

import { EventEmitter } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClient } from '../../main/lattice/client.js'
import { openTransport } from '../../main/nats/connection.js'
import { watchStrayErrors } from '../../main/stray-errors.js'
import { type NatsServer, startNatsServer } from '../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../support/node-process.js'

function watch() {
  const emitter = new EventEmitter()
  const logged: string[] = []
  const told: string[] = []
  let ends = 0
  let nowMs = 0
  watchStrayErrors({
    process: emitter,
    log: (_level, text, fields) => logged.push(`${text} ${JSON.stringify(fields)}`),
    onNew: (words) => told.push(words),
    giveUp: () => (ends += 1),
    now: () => nowMs,
  })
  return {
    throws: (error: unknown) => emitter.emit('uncaughtException', error),
    rejects: (error: unknown) => emitter.emit('unhandledRejection', error),
    pass: (ms: number) => (nowMs += ms),
    logged,
    told,
    ends: () => ends,
  }
}

describe('An error that nobody caught', () => {
  it('is logged each time with its stack, and told once of a kind', () => {
    const { throws, rejects, logged, told } = watch()
    const fail = (n: number): Error => new Error(`no ${n}`)
    for (const n of [1, 2, 3]) throws(fail(n))
    rejects(new Error('another'))
    rejects('no error at all')
    expect(logged).toHaveLength(5)
    expect(logged[1]).toMatch(/nobody caught: no 2 .*stray-errors\.test/)
    expect(told).toEqual(['no 1', 'another', 'no error at all'])
  })

  it('is told of eight kinds at most', () => {
    const { throws, told } = watch()
    for (let n = 0; n < 15; n += 1) throws(`kind ${n}`)
    expect(told).toHaveLength(8)
  })

  it('ends the process in order, once, when there are twenty within a minute, and not when they are seldom', () => {
    const { throws, pass, ends } = watch()
    for (let n = 0; n < 60; n += 1) {
      throws(new Error('seldom'))
      pass(3_500)
    }
    expect(ends()).toBe(0)
    for (let n = 0; n < 60; n += 1) throws(new Error('often'))
    expect(ends()).toBe(1)
  })
})

describe('A node', () => {
  let folder: string
  let server: NatsServer
  let node: NodeProcess
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-stray-'))
    server = await startNatsServer()
    // One stray error of each sort at SIGUSR2, and errors without end at SIGWINCH.
    const fault = path.join(folder, 'fault.cjs')
    await writeFile(
      fault,
      `let times = 0
       process.on('SIGUSR2', () => {
         setImmediate(() => { throw new Error('thrown by hand') })
         void Promise.reject(new Error('rejected by hand'))
         require('node:fs').writeFileSync(${JSON.stringify(path.join(folder, 'times'))}, String(++times))
       })
       process.on('SIGWINCH', () => setInterval(() => { throw new Error('without end') }, 5))`,
    )
    const env = { NODE_OPTIONS: `--require ${fault}` }
    node = await startNodeProcess({ natsUrl: server.tcpUrl, name: 'stray', env })
  })
  afterEach(async () => {
    await node.stop('SIGKILL')
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function answers(): Promise<boolean> {
    const transport = await openTransport({ servers: server.tcpUrl, name: 'who asks' })
    try {
      const hosts = await createClient({ transport, lattice: 'default' }).ping()
      return hosts.some(({ id }) => id === node.hostId)
    } finally {
      await transport.close()
    }
  }

  it('outlives errors that nobody caught, says so, and ends in order when they do not stop', async () => {
    process.kill(node.pid, 'SIGUSR2')
    await expect.poll(() => node.stderr(), { timeout: 20_000 }).toMatch(/nobody caught: thrown by hand/)
    await expect.poll(() => node.stderr(), { timeout: 20_000 }).toMatch(/nobody caught: rejected by hand/)
    expect(await answers()).toBe(true)
    process.kill(node.pid, 'SIGWINCH')
    expect(await node.exited).toBe(1)
    expect(node.stderr()).toContain('20 errors within a minute that nobody caught')
  })

  it('goes on, and ends in order, when nobody reads what it writes any more', async () => {
    node.leaveOutput()
    for (const times of ['1', '2', '3']) {
      process.kill(node.pid, 'SIGUSR2')
      await expect.poll(() => readFile(path.join(folder, 'times'), 'utf8').catch(() => '0')).toBe(times)
      expect(await answers()).toBe(true)
    }
    // As the terminal that it was started in says, when it is closed.
    expect(await node.stop('SIGHUP')).toBe(0)
  })
})
