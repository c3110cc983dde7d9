// A TCP connection of one instance, opened by it or accepted: its bytes, and what became of it.

import type { Socket } from 'node:net'
import { type Channel, createInlet, windowBytes } from './channels.js'
import { socketCode } from './socket-codes.js'

/** Longest a connection may take to open, ms. */
const connectMs = 30_000

export interface Connection extends Channel {
  readonly socket: Socket
  /** `error-code` why it did not open or broke. */
  failure(): string | undefined
  isOpen(): boolean
}

/** `isAccepted`: it is open already, and was held back until somebody takes it. */
export function connectionOf(socket: Socket, isAccepted: boolean, changed: () => void): Connection {
  let failed: string | undefined
  let isOpen = isAccepted
  const inlet = createInlet(socket, changed)
  const limit = isAccepted
    ? undefined
    : setTimeout(() => {
        failed ??= 'timeout'
        socket.destroy()
      }, connectMs)
  socket.on('connect', () => {
    isOpen = true
    clearTimeout(limit)
    changed()
  })
  socket.on('error', (error) => {
    failed ??= socketCode(error)
    changed()
  })
  socket.on('close', () => {
    clearTimeout(limit)
    if (!isOpen) failed ??= 'connection-aborted'
    changed()
  })
  socket.on('drain', changed)
  if (isAccepted) socket.resume()
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
