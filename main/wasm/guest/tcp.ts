// `tcp-socket` for one guest: what it connects to and who connects to it, asked of the pool process (granted/tcp.ts).

import { GuestError } from '../import-error.js'
import { channelInput, type ChannelParts } from './channel-input.js'
import { Shared } from './shared.js'
import {
  failGuest as fail,
  type Family,
  type Network,
  type SocketAddress,
  socketAddress,
  SocketOptions,
  textOf,
} from './socket-addresses.js'
import { disposeSymbol } from './streams.js'

/** What the service tells of a connection. */
interface Ends {
  readonly address: string
  readonly port: number
  readonly remoteAddress: string
  readonly remotePort: number
}

/** Connections that may wait to be accepted unless the guest says otherwise. */
const usualBacklog = 32n

/** The class for this guest, and how one is made. */
export function createTcpSockets(parts: ChannelParts) {
  const { ask, make, poll } = parts

  function output(connection: Shared): object {
    const room = (): bigint => {
      const bytes = ask('tcp.room', connection.id) as number | undefined // the service's own shape
      if (bytes === undefined) throw new GuestError({ tag: 'closed' })
      return BigInt(bytes)
    }
    const write = (bytes: Uint8Array): void => void ask('tcp.write', connection.id, bytes)
    const blockingFlush = (): void => {
      poll.waitFor([connection.id, 'flushed'])
      room()
    }
    return make.output({
      checkWrite: room,
      write,
      blockingFlush,
      blockingWriteAndFlush(bytes) {
        room()
        write(bytes)
        blockingFlush()
      },
      subscribe: () => poll.pollableFor(() => [connection.id, 'out']),
      drop: () => connection.drop(),
      words: 'a stream of a connection',
    })
  }

  const streams = (connection: Shared): [object, object] => [
    channelInput(parts, connection.take()),
    output(connection.take()),
  ]

  class TcpSocket {
    readonly #family: Family
    readonly #options = new SocketOptions()
    /** A connection or a listener of the process. */
    #channel: Shared | undefined
    #state: 'new' | 'binding' | 'bound' | 'connecting' | 'connected' | 'starting' | 'listening' = 'new'
    #remote: SocketAddress | undefined
    #local: SocketAddress | undefined

    constructor(family: Family) {
      this.#family = family
    }

    static accepted(family: Family, connection: Shared, ends: Ends): TcpSocket {
      const socket = new TcpSocket(family)
      socket.#state = 'connected'
      socket.#channel = connection
      socket.#local = socketAddress(ends.address, ends.port)
      socket.#remote = socketAddress(ends.remoteAddress, ends.remotePort)
      return socket
    }

    startBind(_network: Network, local: SocketAddress): void {
      if (this.#state !== 'new') fail('invalid-state')
      if (local.tag !== this.#family) fail('invalid-argument')
      ask('tcp.bind', textOf(local), local.val.port)
      this.#local = local
      this.#state = 'binding'
    }

    finishBind(): void {
      if (this.#state !== 'binding') fail('not-in-progress')
      this.#state = 'bound'
    }

    startListen(): void {
      const local = this.#local
      if (this.#state !== 'bound' || local === undefined) return fail('invalid-state')
      const backlog = Number(this.#options.get('backlog', usualBacklog))
      const id = ask('tcp.listen', textOf(local), local.val.port, backlog) as number // the service's own shape
      this.#channel = new Shared(id, 'channel.close', ask)
      this.#state = 'starting'
    }

    finishListen(): void {
      if (this.#state !== 'starting' || this.#channel === undefined) return fail('not-in-progress')
      ask('tcp.listening', this.#channel.id)
      this.#state = 'listening'
    }

    accept(): [object, object, object] {
      if (this.#state !== 'listening' || this.#channel === undefined) return fail('invalid-state')
      const { id, ...ends } = ask('tcp.accept', this.#channel.id) as Ends & { id: number } // the service's own shape
      const connection = new Shared(id, 'channel.close', ask)
      return [TcpSocket.accepted(this.#family, connection, ends), ...streams(connection)]
    }

    isListening(): boolean {
      return this.#state === 'listening'
    }

    addressFamily(): Family {
      return this.#family
    }

    startConnect(_network: Network, remote: SocketAddress): void {
      // Bound to a port of its own it is for those who come to it.
      if (this.#state !== 'new') fail('invalid-state')
      if (remote.tag !== this.#family || remote.val.port === 0) fail('invalid-argument')
      const id = ask('tcp.connect', textOf(remote), remote.val.port) as number // the service's own shape
      this.#channel = new Shared(id, 'channel.close', ask)
      this.#state = 'connecting'
      this.#remote = remote
    }

    finishConnect(): [object, object] {
      if (this.#state !== 'connecting' || this.#channel === undefined) return fail('not-in-progress')
      const { address, port } = ask('tcp.finish', this.#channel.id) as Ends // the service's own shape
      this.#local = socketAddress(address, port)
      this.#state = 'connected'
      return streams(this.#channel)
    }

    localAddress(): object {
      const isKnown = this.#state !== 'binding' && this.#state !== 'connecting'
      return (isKnown ? this.#local : undefined) ?? fail('invalid-state')
    }

    remoteAddress(): object {
      return (this.#state === 'connected' ? this.#remote : undefined) ?? fail('invalid-state')
    }

    setListenBacklogSize(value: bigint): void {
      this.#options.set('backlog', value)
    }

    keepAliveEnabled(): unknown {
      return this.#options.get('keepAlive', false)
    }

    setKeepAliveEnabled(value: boolean): void {
      this.#options.set('keepAlive', value)
    }

    keepAliveIdleTime(): unknown {
      return this.#options.get('idle', 7_200_000_000_000n)
    }

    setKeepAliveIdleTime(value: bigint): void {
      this.#options.set('idle', value)
    }

    keepAliveInterval(): unknown {
      return this.#options.get('interval', 75_000_000_000n)
    }

    setKeepAliveInterval(value: bigint): void {
      this.#options.set('interval', value)
    }

    keepAliveCount(): unknown {
      return this.#options.get('count', 9)
    }

    setKeepAliveCount(value: number): void {
      this.#options.set('count', value)
    }

    hopLimit(): unknown {
      return this.#options.get('hops', 64)
    }

    setHopLimit(value: number): void {
      this.#options.set('hops', value)
    }

    receiveBufferSize(): unknown {
      return this.#options.get('receive', 65_536n)
    }

    setReceiveBufferSize(value: bigint): void {
      this.#options.set('receive', value)
    }

    sendBufferSize(): unknown {
      return this.#options.get('send', 65_536n)
    }

    setSendBufferSize(value: bigint): void {
      this.#options.set('send', value)
    }

    subscribe(): object {
      const channel = this.#channel
      if (channel === undefined) return make.always()
      const side = this.#state === 'listening' ? 'in' : 'done'
      return poll.pollableFor(() => [channel.id, side])
    }

    shutdown(how: string): void {
      if (this.#state !== 'connected' || this.#channel === undefined) return fail('invalid-state')
      ask('tcp.shutdown', this.#channel.id, how)
    }

    [disposeSymbol](): void {
      this.#channel?.drop()
    }
  }
  return TcpSocket
}
