import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createChannels } from '../../../main/wasm/granted/channels.js'
import { createNames } from '../../../main/wasm/granted/names.js'
import { createSockets } from '../../../main/wasm/granted/sockets.js'
import { decodeGrants, type Grants } from '../../../main/wasm/grants.js'
import type { Instance } from '../../../main/wasm/types.js'
import type { Lack } from '../../../preload/grants.js'
import { openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildGuest } from './wasi-guest.js'

const grant = (data: object): Grants => {
  const decoded = decodeGrants(data)
  if (!decoded.ok) throw new Error(decoded.why)
  return decoded.value
}

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function openUdp(): Promise<{ socket: UdpSocket; port: number; heard: string[] }> {
  const socket = createSocket('udp4')
  const heard: string[] = []
  socket.on('message', (data) => heard.push(data.toString('utf8')))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { socket, port: socket.address().port, heard }
}

/** Everything that comes until the other side has ended. */
async function talk(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let got = ''
  socket.on('data', (chunk) => (got += String(chunk)))
  socket.end(text)
  await once(socket, 'close')
  return got
}

describe('An instance', () => {
  let runtime: TestRuntime
  let digest: string
  let instance: Instance | undefined
  let port: number
  const lacks: Lack[] = []
  const open: (UdpSocket | Socket)[] = []

  const start = async (grants: object): Promise<void> => {
    const host = { ...recordingHost(), lacked: (lack: Lack) => void lacks.push(lack) }
    instance = await runtime.start(digest, { componentId: 'net', host, grants: grant(grants) })
  }
  const act = async (...what: readonly unknown[]): Promise<unknown> =>
    JSON.parse(String(await instance?.call('', 'act', [JSON.stringify(what)], { timeoutMs: 60_000 })))

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    digest = (await runtime.prepare(await buildGuest('net'))).digest
    port = await freePort()
  }, 400_000)
  afterEach(async () => {
    await instance?.stop()
    instance = undefined
    lacks.length = 0
    for (const each of open.splice(0))
      if ('destroy' in each) each.destroy()
      else each.close()
  })
  afterAll(() => runtime.dispose())

  describe('listens by TCP', () => {
    it('at a granted port: those who come are accepted in turn and answered', async () => {
      await start({ listen: [port] })
      expect(await act('listenOn', '127.0.0.1', port)).toEqual({ got: [true, `127.0.0.1:${port}`] })
      expect(await act('tryAccept', port)).toEqual({ err: 'would-block' })
      for (const text of ['hello', 'again']) {
        const answer = talk(port, text)
        expect(await act('serveOne', port)).toEqual({ got: [text, 'closed', `127.0.0.1:${port}`] })
        expect(await answer).toBe(text.toUpperCase())
      }
    })

    it.each([
      ['another port', '127.0.0.1', 1],
      ['any address', '0.0.0.0', 0],
      ['another address of this machine', '127.0.0.2', 0],
      ['no port in particular', '127.0.0.1', -1],
    ])('never at %s', async (_, address, more) => {
      await start({ listen: [port] })
      expect(await act('bind', address, more < 0 ? 0 : port + more)).toEqual({ err: 'access-denied' })
    })

    it('at no port without a grant for it; it says which it wanted', async () => {
      await start({ hosts: [{ host: 'example.com', port: 80 }] })
      expect(await act('listenOn', '127.0.0.1', port)).toEqual({ err: 'access-denied' })
      expect(lacks).toEqual([{ kind: 'listen', port }])
    })

    it('at no port that somebody else has', async () => {
      const server = createServer().listen(port, '127.0.0.1')
      await once(server, 'listening')
      try {
        await start({ listen: [port] })
        expect(await act('listenOn', '127.0.0.1', port)).toEqual({ err: 'address-in-use' })
        expect(lacks).toEqual([{ kind: 'listen', port, isTaken: true }])
      } finally {
        server.close()
      }
    })

    it('with so many connections and no more, all closed when it goes, and the port is free again', async () => {
      await start({ listen: [port] })
      await act('listenOn', '127.0.0.1', port)
      const came = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'))
      open.push(...came)
      await Promise.all(came.map((each) => once(each, 'connect')))
      expect(await act('acceptMany', port, 20)).toEqual({ got: 20 })
      // Fewer at a time than the system keeps for a listener: those beyond it would try again by its own clock.
      const crowd: Socket[] = []
      while (crowd.length < 120) {
        const some = Array.from({ length: 15 }, () =>
          connect(port, '127.0.0.1')
            .on('error', () => undefined)
            .resume(),
        )
        open.push(...some)
        crowd.push(...some)
        await Promise.all(some.map((each) => once(each, 'connect').catch(() => undefined)))
      }
      // Those for whom there is no room are sent away; the others wait.
      await expect
        .poll(() => crowd.filter((each) => each.closed || each.readableEnded).length, { timeout: 20_000 })
        .toBeGreaterThanOrEqual(120 - 44)
      const ends = came.map((each) => once(each.resume(), 'close'))
      await instance?.stop()
      await Promise.all(ends)
      await expect.poll(() => reaches(port), { timeout: 20_000 }).toBe(false)
    })
  })

  describe('has datagrams', () => {
    it('at a granted port, from whoever is on this machine, and answers those', async () => {
      const peer = await openUdp()
      open.push(peer.socket)
      await start({ listen: [port] })
      expect(await act('udpBind', '127.0.0.1', port)).toEqual({ got: `127.0.0.1:${port}` })
      // It was not spoken to yet: nobody may be spoken to.
      expect(await act('udpSend', 'first', ['127.0.0.1', peer.port])).toEqual({ err: 'access-denied' })
      peer.socket.send('hello', port, '127.0.0.1')
      expect(await act('udpAnswer')).toEqual({ got: ['hello'] })
      await expect.poll(() => peer.heard, { timeout: 20_000 }).toEqual(['HELLO'])
      expect(await act('udpSend', 'more', ['127.0.0.1', peer.port + 1])).toEqual({ err: 'access-denied' })
    })

    it('with a granted host only: to it, and from it', async () => {
      const friend = await openUdp()
      const stranger = await openUdp()
      open.push(friend.socket, stranger.socket)
      await start({ hosts: [{ host: '127.0.0.1', port: friend.port }] })
      const bound = (await act('udpBind', '127.0.0.1', 0)) as { got: string }
      const own = Number(bound.got.split(':')[1])
      expect(await act('udpSend', 'hi', ['127.0.0.1', friend.port])).toEqual({ got: 1 })
      await expect.poll(() => friend.heard, { timeout: 20_000 }).toEqual(['hi'])
      expect(await act('udpSend', 'hi', ['127.0.0.1', stranger.port])).toEqual({ err: 'access-denied' })
      expect(lacks).toContainEqual({ kind: 'host', host: '127.0.0.1', port: stranger.port })
      stranger.socket.send('from a stranger', own, '127.0.0.1')
      // Sent after it over the same interface: were the other one let in, it would be here first.
      friend.socket.send('from a friend', own, '127.0.0.1')
      expect(await act('udpReceive')).toEqual({ got: [['from a friend', `127.0.0.1:${friend.port}`]] })
      expect(stranger.heard).toEqual([])
    })

    it('with one host for a stream: others are neither heard nor spoken to', async () => {
      const [one, two] = [await openUdp(), await openUdp()]
      open.push(one.socket, two.socket)
      const hosts = [one, two].map((each) => ({ host: '127.0.0.1', port: each.port }))
      await start({ hosts })
      const own = Number(((await act('udpBind', '0.0.0.0', 0)) as { got: string }).got.split(':')[1])
      expect(await act('udpConnect', ['127.0.0.1', one.port])).toEqual({ got: `127.0.0.1:${one.port}` })
      expect(await act('udpSend', 'hi')).toEqual({ got: 1 })
      await expect.poll(() => one.heard, { timeout: 20_000 }).toEqual(['hi'])
      expect(await act('udpSend', 'hi', ['127.0.0.1', two.port])).toEqual({ err: 'invalid-argument' })
      two.socket.send('not for it', own, '127.0.0.1')
      one.socket.send('for it', own, '127.0.0.1')
      expect(await act('udpReceive')).toEqual({ got: [['for it', `127.0.0.1:${one.port}`]] })
    })

    it.each([
      ['another port', '127.0.0.1', 1],
      ['any address', '0.0.0.0', 0],
      ['another address of this machine', '127.0.0.2', 0],
      ['no port in particular', '127.0.0.1', -1],
    ])('never at %s', async (_, address, more) => {
      await start({ listen: [port] })
      expect(await act('udpBind', address, more < 0 ? 0 : port + more)).toEqual({ err: 'access-denied' })
    })

    it('of a size, and so many as it was told, and so many sockets', async () => {
      const peer = await openUdp()
      open.push(peer.socket)
      await start({ hosts: [{ host: '127.0.0.1', port: peer.port }] })
      await act('udpBind', '127.0.0.1', 0)
      expect(await act('udpLarge', 65_508, ['127.0.0.1', peer.port])).toEqual({ err: 'datagram-too-large' })
      expect(await act('udpUnchecked', ['127.0.0.1', peer.port])).toEqual({ err: 'invalid-argument' })
      expect(await act('udpHoard', '127.0.0.1', 100)).toEqual({ got: [63, 'new-socket-limit'] })
    })

    it('not without end: of a flood it keeps so many and forgets the rest, and goes on', async () => {
      const peer = await openUdp()
      open.push(peer.socket)
      await start({ listen: [port] })
      await act('udpBind', '127.0.0.1', port)
      const flood = Buffer.alloc(1_000, 'x')
      for (let sent = 0; sent < 5_000; sent += 1) {
        await new Promise<void>((resolve) => void peer.socket.send(flood, port, '127.0.0.1', () => resolve()))
      }
      const { got } = (await act('udpReceive')) as { got: [string, string][] }
      expect(got.length).toBeGreaterThan(0)
      expect(got.length).toBeLessThanOrEqual(256)
      // What the system itself still held comes after; then it is heard as before.
      await expect
        .poll(
          async () => {
            peer.socket.send('after', port, '127.0.0.1')
            const { got: more } = (await act('udpReceive', 1_000)) as { got: [string, string][] }
            return more.some(([text]) => text === 'after')
          },
          { timeout: 30_000 },
        )
        .toBe(true)
    })
  })

  it('without a grant has neither', async () => {
    await start({})
    expect(await act('listenOn', '127.0.0.1', port)).toEqual({ err: 'access-denied' })
    expect(await act('udpBind', '127.0.0.1', 0)).toEqual({ err: 'access-denied' })
  })
})

describe('Datagrams to a granted name', () => {
  const granted = grant({ hosts: [{ host: 'api.example.com', port: 53 }] })

  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254'])(
    'do not go to %s when the name leads there',
    async (address) => {
      const channels = createChannels()
      const lacks: Lack[] = []
      const lacked = (lack: Lack): void => void lacks.push(lack)
      const names = createNames(granted, lacked, () => Promise.resolve([address]))
      const operations = createSockets(granted, names, channels, lacked)
      try {
        expect(await names.resolve('api.example.com')).toEqual({ kind: 'prohibited' })
        const { id } = (await operations['udp.bind']?.('0.0.0.0', 0)) as { id: number }
        const datagram = { data: new Uint8Array(1), address, port: 53 }
        expect(() => operations['udp.send']?.(id, [datagram])).toThrow(/access-denied/)
        expect(() => operations['udp.stream']?.(id, address, 53)).toThrow(/access-denied/)
        expect(() => operations['tcp.connect']?.(address, 53)).toThrow(/access-denied/)
      } finally {
        channels.close()
      }
    },
  )
})

async function reaches(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
