// The embedded server, with the real nats-server: it comes back, it keeps its ports and its data, it says why when not.

import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { connect } from 'nats'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openChildren } from '../../../main/desktop/children.js'
import { type EmbeddedNats, type NatsState, openEmbeddedNats } from '../../../main/desktop/embedded-nats.js'
import { stateFiles } from '../../../main/desktop/settings.js'
import { openStateFile } from '../../../main/state-file.js'

let folder: string
const open = new Set<{ close(): unknown }>()

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-embedded-'))
})
afterEach(async () => {
  for (const one of open) await one.close()
  open.clear()
  await rm(folder, { recursive: true, force: true })
})

async function start(env: Record<string, string | undefined> = process.env) {
  const states: NatsState[] = []
  const troubles: string[] = []
  const children = await openChildren({ kept: await openStateFile({ folder, ...stateFiles.children }) })
  const nats = await openEmbeddedNats({
    folder: path.join(folder, 'nats'),
    ports: await openStateFile({ folder, ...stateFiles.ports }),
    children,
    find: { env },
    onState: (state) => states.push(state),
    onTrouble: (trouble) => troubles.push(trouble),
  })
  open.add(nats)
  return { nats, states, troubles, children }
}

const isAlive = (pid: number): boolean => spawnSync('kill', ['-0', String(pid)]).status === 0

async function put(nats: EmbeddedNats, bucket: string, value: string): Promise<void> {
  const client = await connect({ servers: nats.natsUrl })
  const kv = await client.jetstream().views.kv(bucket)
  await kv.put('key', value)
  await client.close()
}

async function get(nats: EmbeddedNats, bucket: string): Promise<string | undefined> {
  const client = await connect({ servers: nats.natsUrl })
  const kv = await client.jetstream().views.kv(bucket)
  const entry = await kv.get('key')
  await client.close()
  return entry?.string()
}

const occupy = async (port: number): Promise<void> => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  open.add(server)
}

describe('the embedded server', () => {
  it('lets in no page that a browser shows, by WebSocket or by anything that a page can send', async () => {
    const { nats } = await start()
    const upgrade = (origin: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const asked = request(nats.webSocketUrl.replace('ws:', 'http:'), {
          agent: false,
          headers: {
            connection: 'Upgrade',
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
            ...origin,
          },
        })
        asked.on('error', reject)
        asked.on('response', (response) => resolve(response.resume().statusCode))
        asked.on('upgrade', (response, socket) => {
          socket.destroy()
          resolve(response.statusCode)
        })
        asked.end()
      })
    expect(await upgrade({})).toBe(101)
    for (const origin of ['https://a-page.example', 'http://localhost:8080', 'http://127.0.0.1:1', 'null']) {
      expect([origin, await upgrade({ origin })]).toEqual([origin, 403])
    }
    // The other port takes a request of HTTP for a wrong word of the protocol; what its body says is not read.
    const { natsUrl } = nats
    const heard: string[] = []
    const client = await connect({ servers: natsUrl })
    client.subscribe('from.a.page', { callback: () => heard.push('it was published') })
    await client.flush()
    const body = 'CONNECT {"verbose":false}\r\nPUB from.a.page 2\r\nhi\r\nPING\r\n'
    await fetch(natsUrl.replace('nats:', 'http:'), { method: 'POST', body }).catch(() => undefined)
    await client.flush()
    expect(heard).toEqual([])
    await client.close()
  })

  it('offers JetStream and WebSocket on loopback only, and stops without leaving a process', async () => {
    const { nats } = await start()
    await put(nats, 'A', 'one')
    const ws = await fetch(nats.webSocketUrl.replace('ws:', 'http:')).catch((error: Error) => error)
    expect(ws).toMatchObject({ status: 400 }) // a WebSocket endpoint that got no upgrade
    const { pid = 0 } = nats
    const listening = await readFile(path.join(folder, 'nats', 'nats-server.conf'), 'utf8')
    expect(listening.match(/listen: "127\.0\.0\.1:\d+"/g)).toHaveLength(2)
    await nats.close()
    await nats.close()
    expect(isAlive(pid)).toBe(false)
    expect(JSON.parse(await readFile(path.join(folder, 'children.json'), 'utf8'))).toEqual([])
  })

  it('killed with -9, it comes back by itself on the same ports with its data', async () => {
    const { nats, states } = await start()
    await put(nats, 'A', 'one')
    const { pid = 0, webSocketUrl } = nats
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => states.map((state) => state.kind), { timeout: 20_000 }).toEqual(['restarting', 'running'])
    expect(nats.pid).not.toBe(pid)
    expect(await get(nats, 'A')).toBe('one')
    expect(nats.webSocketUrl).toBe(webSocketUrl)
  })

  it('keeps its ports and its data from one start to the next', async () => {
    const first = await start()
    await put(first.nats, 'A', 'one')
    await first.nats.close()
    const second = await start()
    expect(second.nats.natsUrl).toBe(first.nats.natsUrl)
    expect(await get(second.nats, 'A')).toBe('one')
  })

  it.each(['nats', 'webSocket'] as const)('takes new ports when that for %s is in use', async (which) => {
    const first = await start()
    await first.nats.close()
    const ports = JSON.parse(await readFile(path.join(folder, 'nats-ports.json'), 'utf8')) as Record<string, number>
    await occupy(ports[which]!)
    const second = await start()
    expect(second.nats.natsUrl === first.nats.natsUrl && second.nats.webSocketUrl === first.nats.webSocketUrl).toBe(
      false,
    )
    await put(second.nats, 'A', 'one')
  })

  it('does not take another server on its port for itself: after a death it waits for its own', async () => {
    const { nats, states } = await start()
    const { pid = 0, natsUrl } = nats
    process.kill(pid, 'SIGSTOP')
    process.kill(pid, 'SIGKILL')
    // In the 50 ms before the new start.
    await expect.poll(() => isAlive(pid), { interval: 5 }).toBe(false)
    await occupy(Number(new URL(natsUrl).port))
    await expect.poll(() => states.at(-1), { timeout: 25_000, interval: 200 }).toMatchObject({ kind: 'failed' })
    const last = states.at(-1)
    expect(last?.kind === 'failed' && last.message).toMatch(/died \d times in a row.*address already in use/s)
  }, 40_000)

  it('gives up on one that dies all the time, says its last words, and starts again when asked', async () => {
    const script = path.join(folder, 'nats-server')
    await writeFile(
      script,
      `#!/bin/sh\nif [ -e "${folder}/broken" ]; then echo "out of luck" >&2; exit 3; fi\nexec nats-server "$@"\n`,
    )
    await chmod(script, 0o755)
    const { nats, states } = await start({ ...process.env, TLOS_NATS_SERVER: script })
    await writeFile(path.join(folder, 'broken'), '')
    process.kill(nats.pid ?? 0, 'SIGKILL')
    await expect.poll(() => states.at(-1)?.kind, { timeout: 25_000, interval: 100 }).toBe('failed')
    const last = states.at(-1)
    expect(last?.kind === 'failed' && last.message).toContain('ended with exit code 3\nout of luck')
    expect(nats.pid).toBeUndefined()
    await rm(path.join(folder, 'broken'))
    await nats.restart()
    await put(nats, 'A', 'one')
    await nats.close()
    expect(states.map((state) => state.kind)).toEqual(['restarting', 'failed', 'restarting', 'running'])
  }, 40_000)

  it('closes in the middle of a restart without leaving a process', async () => {
    const { nats, children } = await start()
    process.kill(nats.pid ?? 0, 'SIGKILL')
    await expect.poll(() => nats.pid, { interval: 2 }).toBeUndefined()
    await new Promise((resolve) => setTimeout(resolve, 60))
    await nats.close()
    expect(children.ended).toEqual([])
    expect(spawnSync('pgrep', ['-f', path.join(folder, 'nats')]).stdout.toString()).toBe('')
  })

  it('ends a server that was left behind without being written down, before it opens the same store', async () => {
    const first = await start()
    await put(first.nats, 'A', 'one')
    await first.nats.close()
    const left = spawn('nats-server', ['-c', path.join(folder, 'nats', 'nats-server.conf')], { stdio: 'ignore' })
    open.add({ close: () => left.kill('SIGKILL') })
    const pidFile = path.join(folder, 'nats', 'nats-server.pid')
    await expect.poll(() => readFile(pidFile, 'utf8').catch(() => '')).toBe(String(left.pid))
    const second = await start()
    expect(second.nats.natsUrl).toBe(first.nats.natsUrl)
    // Node hears of the end of a child a little after it is gone.
    await expect.poll(() => left.exitCode ?? left.signalCode).not.toBeNull()
    expect(await get(second.nats, 'A')).toBe('one')
  })

  it('moves a store it cannot use aside, says where it is, and begins anew', async () => {
    const first = await start()
    await first.nats.close()
    const store = path.join(folder, 'nats', 'store')
    await rm(path.join(store, 'jetstream'), { recursive: true })
    await writeFile(path.join(store, 'jetstream'), 'not a folder')
    const second = await start()
    await put(second.nats, 'A', 'one')
    const [moved] = (await readdir(path.join(folder, 'nats'))).filter((name) => name.startsWith('store.broken-'))
    expect(second.troubles).toEqual([expect.stringContaining(moved ?? 'nothing moved')])
    expect(await readFile(path.join(folder, 'nats', moved ?? '', 'jetstream'), 'utf8')).toBe('not a folder')
  })

  it('keeps what is whole when one bucket is damaged, and the damaged one aside', async () => {
    const first = await start()
    await put(first.nats, 'A', 'one')
    await put(first.nats, 'B', 'two')
    await first.nats.close()
    await writeFile(path.join(folder, 'nats/store/jetstream/$G/streams/KV_A/meta.inf'), 'garbage')
    const second = await start()
    expect(second.troubles).toEqual([expect.stringMatching(/\(KV_A\).*store\.broken-/)])
    expect(await get(second.nats, 'B')).toBe('two')
    expect(await get(second.nats, 'A')).toBeUndefined()
    const [moved = ''] = (await readdir(path.join(folder, 'nats'))).filter((name) => name.startsWith('store.broken-'))
    expect(await readdir(path.join(folder, 'nats', moved))).toEqual(['KV_A'])
  })

  it('says exactly what to do when there is no nats-server', async () => {
    const find = { env: { PATH: folder }, systemFolders: [] }
    const ports = await openStateFile({ folder, ...stateFiles.ports })
    const children = await openChildren({ kept: await openStateFile({ folder, ...stateFiles.children }) })
    const opening = openEmbeddedNats({ folder, ports, children, find })
    await expect(opening).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/`sudo apt-get install nats-server`.*`TLOS_NATS_SERVER=.*`--nats URL`/) as string,
    })
    const named = start({ TLOS_NATS_SERVER: '/no/such/program' })
    await expect(named).rejects.toMatchObject({ code: 'unavailable', about: '/no/such/program' })
  })

  it('says the server’s own words when a program of that name is something else', async () => {
    const script = path.join(folder, 'nats-server')
    await writeFile(script, '#!/bin/sh\necho "usage: something else" >&2\nexit 64\n')
    await chmod(script, 0o755)
    await expect(start({ TLOS_NATS_SERVER: script })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('exit code 64\nusage: something else') as string,
    })
  })
})
