// Datagrams of one instance. Each one is judged alone: it goes only to, and comes only from, what was granted. A socket at a
// granted port also hears whoever is on this machine, and may answer those. Errors are codes of wasi:sockets.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { parseAddress, formatAddress } from '../addresses.js'
import { decide, type Grants } from '../grants.js'
import { OperationError, type Operations } from './answers.js'
import type { Channel, Channels } from './channels.js'
import type { Lacked } from '../lacks.js'
import type { Names } from './names.js'
import { failSocket as fail, socketCode } from './socket-codes.js'

/** What one datagram can hold at most. */
const maxDatagramBytes = 65_507
/** What lies here in each direction before more is dropped (in) or has to wait (out). */
const maxLyingBytes = 256 * 1024
const maxLying = 256
/** Programs that spoke to a granted port and may be answered: the latest. */
const maxPeers = 256

export interface Datagram {
  readonly data: Uint8Array
  readonly address: string
  readonly port: number
}

interface UdpSocket extends Channel {
  readonly datagrams: Datagram[]
  setRemote(remote: string | undefined): void
  receive(most: number): Datagram[]
  room(): number
  send(datagram: Datagram): void
  mayAnswer(address: string, port: number): boolean
  readonly remote: () => string | undefined
}

const keyOf = (address: string, port: number): string => {
  const parsed = parseAddress(address)
  return `${parsed === undefined ? address : formatAddress(parsed)} ${port}`
}

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('listening', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('it was closed')))
    socket.bind({ address, port, exclusive: true })
  })
}

export function createUdp(grants: Grants, names: Names, channels: Channels, lacked: Lacked): Operations {
  const mayTalk = (address: string, port: number): boolean =>
    decide(grants, { kind: 'connect', address, port, names: names.namesOf(address) }).ok

  /** `isServer`: at a granted port, where anybody of this machine may speak to it. */
  function use(socket: Socket, isServer: boolean): UdpSocket {
    const datagrams: Datagram[] = []
    const peers = new Set<string>()
    let remote: string | undefined
    let lying = 0
    let sending = 0
    let sendingBytes = 0
    let isClosed = false

    const hears = (key: string, { address, port }: RemoteInfo): boolean => {
      if (remote !== undefined && remote !== key) return false
      return isServer || mayTalk(address, port)
    }
    socket.on('message', (data, from) => {
      // The cheap reasons first: a flood is answered by this alone.
      if (datagrams.length >= maxLying || lying + data.length > maxLyingBytes) return
      const key = keyOf(from.address, from.port)
      if (!hears(key, from)) return
      if (isServer) {
        peers.delete(key)
        peers.add(key)
        const [first] = peers
        if (peers.size > maxPeers && first !== undefined) peers.delete(first)
      }
      lying += data.length
      datagrams.push({ data: new Uint8Array(data), address: from.address, port: from.port })
      channels.changed()
    })
    // A peer that is not there is no error of the socket: datagrams get lost.
    socket.on('error', () => undefined)

    const room = (): number => (sendingBytes >= maxLyingBytes ? 0 : Math.max(0, maxLying - sending))
    return {
      datagrams,
      remote: () => remote,
      setRemote(next) {
        remote = next
        // What came from others before is not for the new stream.
        datagrams.length = 0
        lying = 0
      },
      receive(most) {
        const taken = datagrams.splice(0, most)
        lying -= taken.reduce((sum, { data }) => sum + data.length, 0)
        return taken
      },
      room,
      mayAnswer: (address, port) => isServer && peers.has(keyOf(address, port)),
      send({ data, address, port }) {
        sending += 1
        sendingBytes += data.length
        socket.send(data, port, address, () => {
          sending -= 1
          sendingBytes -= data.length
          if (!isClosed) channels.changed()
        })
      },
      isReady: (side) => (side === 'in' ? datagrams.length > 0 : side === 'out' ? room() > 0 : true),
      close() {
        isClosed = true
        datagrams.length = 0
        socket.close()
      },
    }
  }

  const get = (id: unknown): UdpSocket => {
    const channel = channels.get(id)
    // Only `use` above makes channels with datagrams.
    return channel !== undefined && 'datagrams' in channel ? (channel as UdpSocket) : fail('invalid-state')
  }

  /** Throws when this socket may not send there. */
  function judge(socket: UdpSocket, address: string, port: number): void {
    if (mayTalk(address, port) || socket.mayAnswer(address, port)) return
    lacked({ kind: 'host', host: names.namesOf(address)[0] ?? address, port })
    fail('access-denied')
  }

  return {
    'udp.bind': async (given, wanted) => {
      const address = String(given)
      const port = Number(wanted)
      const isServer = port !== 0
      if (!decide(grants, isServer ? { kind: 'listen', address, port } : { kind: 'any-port', address }).ok) {
        if (isServer) lacked({ kind: 'listen', port })
        fail('access-denied')
      }
      channels.assertRoom('new-socket-limit')
      const isV6 = address.includes(':')
      const socket = createSocket({ type: isV6 ? 'udp6' : 'udp4', ipv6Only: isV6 })
      const id = channels.add(use(socket, isServer))
      try {
        await bind(socket, address, port)
      } catch (error) {
        // Closed already if the instance went meanwhile.
        channels.drop(id)
        const code = socketCode(error)
        if (code === 'address-in-use') lacked({ kind: 'listen', port, isTaken: true })
        throw new OperationError(code)
      }
      const bound = socket.address()
      return { id, address: bound.address, port: bound.port }
    },
    'udp.stream': (id, address, port) => {
      const socket = get(id)
      if (typeof address !== 'string') return socket.setRemote(undefined)
      judge(socket, address, Number(port))
      socket.setRemote(keyOf(address, Number(port)))
    },
    'udp.receive': (id, most) => get(id).receive(Math.min(maxLying, Number(most))),
    'udp.room': (id) => get(id).room(),
    /** How many went out; the first that may not fails, those after it are not looked at. */
    'udp.send': (id, given) => {
      const socket = get(id)
      const datagrams = given as readonly Datagram[] // the worker's own shape
      for (const [index, datagram] of datagrams.entries()) {
        try {
          if (datagram.data.length > maxDatagramBytes) fail('datagram-too-large')
          const remote = socket.remote()
          if (remote !== undefined && remote !== keyOf(datagram.address, datagram.port)) fail('invalid-argument')
          judge(socket, datagram.address, datagram.port)
        } catch (error) {
          if (index === 0) throw error
          return index
        }
        if (socket.room() === 0) return index
        socket.send(datagram)
      }
      return datagrams.length
    },
  }
}
