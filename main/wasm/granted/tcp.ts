// TCP of one instance: connections to what it was granted, and connections of this machine's programs to it at its ports.
// Errors are codes of wasi:sockets.

import { connect, createServer, type Socket } from 'node:net'
import { decide, type Grants } from '../grants.js'
import type { Operations } from './answers.js'
import { type Channel, type Channels, maxChannels, windowBytes } from './channels.js'
import { type Connection, connectionOf } from './connections.js'
import type { Lacked } from '../lacks.js'
import type { Names } from './names.js'
import { failSocket as fail, socketCode } from './socket-codes.js'

/** Connections that wait to be accepted, at one port; more are closed as they come. */
const maxWaiting = 32

interface Listener extends Channel {
  readonly waiting: Socket[]
  failure(): string | undefined
  isListening(): boolean
}

export function createTcp(grants: Grants, names: Names, channels: Channels, lacked: Lacked): Operations {
  function listen(address: string, port: number, backlog: number): Listener {
    const waiting: Socket[] = []
    let failed: string | undefined
    let isListening = false
    // Nothing is read from a connection before the guest has it.
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
    server.maxConnections = maxChannels
    server.on('connection', (socket) => {
      if (waiting.length >= maxWaiting) return void socket.destroy()
      const leave = (): void => {
        const at = waiting.indexOf(socket)
        if (at >= 0) waiting.splice(at, 1)
      }
      socket.on('error', () => socket.destroy())
      socket.on('close', leave)
      waiting.push(socket)
      channels.changed()
    })
    server.on('error', (error) => {
      failed ??= socketCode(error)
      if (failed === 'address-in-use') lacked({ kind: 'listen', port, isTaken: true })
      channels.changed()
    })
    server.listen({ host: address, port, backlog, ipv6Only: true }, () => {
      isListening = true
      channels.changed()
    })
    return {
      waiting,
      isListening: () => isListening,
      failure: () => failed,
      isReady(side) {
        if (failed !== undefined) return true
        return side === 'done' ? isListening : waiting.length > 0
      },
      close() {
        server.close()
        for (const socket of waiting.splice(0)) socket.destroy()
      },
    }
  }

  const connectionAt = (id: unknown): Connection => {
    const channel = channels.get(id)
    // Only `connectionOf` makes channels that have a socket.
    return channel !== undefined && 'socket' in channel ? (channel as Connection) : fail('invalid-state')
  }
  const listenerAt = (id: unknown): Listener => {
    const channel = channels.get(id)
    // Only `listen` above makes channels where somebody waits.
    return channel !== undefined && 'waiting' in channel ? (channel as Listener) : fail('invalid-state')
  }
  const mayListen = (address: string, port: number): void => {
    if (decide(grants, { kind: 'listen', address, port }).ok) return
    if (port > 0) lacked({ kind: 'listen', port })
    fail('access-denied')
  }
  const ends = (socket: Socket): object => ({
    address: socket.localAddress ?? '',
    port: socket.localPort ?? 0,
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
  })

  return {
    'tcp.connect': (address, port) => {
      const by = names.namesOf(String(address))
      const wish = { kind: 'connect', address: String(address), port: Number(port), names: by } as const
      if (!decide(grants, wish).ok) {
        lacked({ kind: 'host', host: by[0] ?? wish.address, port: wish.port })
        fail('access-denied')
      }
      channels.assertRoom('new-socket-limit')
      const socket = connect({ host: wish.address, port: wish.port, noDelay: true, allowHalfOpen: true })
      return channels.add(connectionOf(socket, false, channels.changed))
    },
    'tcp.finish': (id) => {
      const connection = connectionAt(id)
      const failure = connection.failure()
      if (failure !== undefined) fail(failure)
      if (!connection.isOpen()) fail('would-block')
      return ends(connection.socket)
    },
    /** Whether it may; it is bound when it listens. */
    'tcp.bind': (address, port) => mayListen(String(address), Number(port)),
    'tcp.listen': (address, port, backlog) => {
      mayListen(String(address), Number(port))
      channels.assertRoom('new-socket-limit')
      return channels.add(listen(String(address), Number(port), Math.min(maxWaiting, Math.max(1, Number(backlog)))))
    },
    'tcp.listening': (id) => {
      const listener = listenerAt(id)
      const failure = listener.failure()
      if (failure !== undefined) fail(failure)
      if (!listener.isListening()) fail('would-block')
    },
    'tcp.accept': (id) => {
      const { waiting } = listenerAt(id)
      channels.assertRoom('new-socket-limit')
      const socket = waiting.shift() ?? fail('would-block')
      const data = ends(socket)
      return { ...data, id: channels.add(connectionOf(socket, true, channels.changed)) }
    },
    /** Bytes that may be written now; undefined: none ever. */
    'tcp.room': (id) => {
      const { socket } = connectionAt(id)
      return socket.writable ? Math.max(0, windowBytes - socket.writableLength) : undefined
    },
    'tcp.write': (id, bytes) => {
      const { socket } = connectionAt(id)
      // The glue gives bytes.
      if (socket.writable) socket.write(bytes as Uint8Array, channels.changed)
    },
    'tcp.shutdown': (id, how) => {
      const { socket } = connectionAt(id)
      if (how !== 'receive') socket.end()
      if (how !== 'send') socket.pause()
    },
  }
}
