// Outgoing TCP of one instance, to what it was granted: names, connections, bytes. Errors are codes of wasi:sockets.

import { connect, type Socket } from 'node:net'
import { decide, type Grants } from '../grants.js'
import { OperationError, type Operations, systemCode } from './answers.js'
import { type Channel, type Channels, createInlet, windowBytes } from './channels.js'
import type { Lacked } from '../lacks.js'
import type { Names } from './names.js'

/** Longest a connection may take to open, ms. */
const connectMs = 30_000

interface Connection extends Channel {
  readonly socket: Socket
  /** `error-code` why it did not open or broke. */
  failure(): string | undefined
  isOpen(): boolean
}

const codes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  ECONNABORTED: 'connection-aborted',
  EPIPE: 'connection-reset',
  ENETUNREACH: 'remote-unreachable',
  EHOSTUNREACH: 'remote-unreachable',
  EADDRNOTAVAIL: 'remote-unreachable',
  ETIMEDOUT: 'timeout',
}
const codeOf = (error: unknown): string => codes[systemCode(error) ?? ''] ?? 'unknown'

const fail = (code: string): never => {
  throw new OperationError(code)
}

export function createSockets(grants: Grants, names: Names, channels: Channels, lacked: Lacked): Operations {
  function open(address: string, port: number): Connection {
    const socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true })
    let failed: string | undefined
    let isOpen = false
    const inlet = createInlet(socket, channels.changed)
    const limit = setTimeout(() => {
      failed ??= 'timeout'
      socket.destroy()
    }, connectMs)
    socket.on('connect', () => {
      isOpen = true
      clearTimeout(limit)
      channels.changed()
    })
    socket.on('error', (error) => {
      failed ??= codeOf(error)
      channels.changed()
    })
    socket.on('close', () => {
      clearTimeout(limit)
      if (!isOpen) failed ??= 'connection-aborted'
      channels.changed()
    })
    socket.on('drain', channels.changed)
    return {
      socket,
      isOpen: () => isOpen,
      failure: () => failed,
      isReady(side) {
        if (side === 'in') return inlet.isReady()
        if (side === 'out') return socket.writableLength < windowBytes || !socket.writable
        if (side === 'flushed') return socket.writableLength === 0 || !socket.writable
        return isOpen || failed !== undefined
      },
      read: (length) => inlet.read(length),
      close() {
        clearTimeout(limit)
        socket.destroy()
      },
    }
  }

  const get = (id: unknown): Connection => {
    const channel = channels.get(id)
    // Only `open` above makes channels that have a socket.
    return channel !== undefined && 'socket' in channel ? (channel as Connection) : fail('invalid-state')
  }

  return {
    'tcp.create': () => {
      if (decide(grants, { kind: 'network' }).ok) return
      lacked({ kind: 'host' })
      fail('access-denied')
    },
    'name.resolve': async (name) => {
      const resolved = await names.resolve(String(name))
      switch (resolved.kind) {
        case 'addresses':
          return resolved.addresses
        case 'unknown':
          return fail('name-unresolvable')
        case 'too-slow':
          return fail('temporary-resolver-failure')
        default:
          return fail('access-denied')
      }
    },
    'tcp.connect': (address, port) => {
      const by = names.namesOf(String(address))
      const wish = { kind: 'connect', address: String(address), port: Number(port), names: by } as const
      if (!decide(grants, wish).ok) {
        lacked({ kind: 'host', host: by[0] ?? wish.address, port: wish.port })
        fail('access-denied')
      }
      channels.assertRoom('new-socket-limit')
      return channels.add(open(wish.address, wish.port))
    },
    'tcp.finish': (id) => {
      const connection = get(id)
      const failure = connection.failure()
      if (failure !== undefined) fail(failure)
      if (!connection.isOpen()) fail('would-block')
      const { localAddress, localPort } = connection.socket
      return { address: localAddress ?? '', port: localPort ?? 0 }
    },
    /** Bytes that may be written now; undefined: none ever. */
    'tcp.room': (id) => {
      const { socket } = get(id)
      return socket.writable ? Math.max(0, windowBytes - socket.writableLength) : undefined
    },
    'tcp.write': (id, bytes) => {
      const { socket } = get(id)
      // The glue gives bytes.
      if (socket.writable) socket.write(bytes as Uint8Array, channels.changed)
    },
    'tcp.shutdown': (id, how) => {
      const { socket } = get(id)
      if (how !== 'receive') socket.end()
      if (how !== 'send') socket.pause()
    },
  }
}
