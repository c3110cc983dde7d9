// `udp-socket` and its two streams for one guest, asked of the pool process (granted/udp.ts), which judges each datagram.

import { type ChannelParts } from './channel-input.js'
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

interface OutgoingDatagram {
  readonly data: Uint8Array
  readonly remoteAddress: SocketAddress | undefined
}

/** The classes for this guest. */
export function createUdpSockets({ ask, make, poll }: ChannelParts) {
  class IncomingDatagramStream {
    readonly #socket: Shared
    readonly #onDrop: () => void

    constructor(socket: Shared, onDrop: () => void) {
      this.#socket = socket
      this.#onDrop = onDrop
    }

    receive(most: bigint): object[] {
      const count = Number(most < 1_024n ? most : 1_024n)
      // The service's own shape.
      const came = ask('udp.receive', this.#socket.id, count) as { data: Uint8Array; address: string; port: number }[]
      return came.map(({ data, address, port }) => ({ data, remoteAddress: socketAddress(address, port) }))
    }

    subscribe(): object {
      return poll.pollableFor(() => [this.#socket.id, 'in'])
    }

    [disposeSymbol](): void {
      this.#onDrop()
      this.#socket.drop()
    }
  }

  class OutgoingDatagramStream {
    readonly #socket: Shared
    readonly #remote: SocketAddress | undefined
    readonly #onDrop: () => void
    #permitted = 0

    constructor(socket: Shared, remote: SocketAddress | undefined, onDrop: () => void) {
      this.#socket = socket
      this.#remote = remote
      this.#onDrop = onDrop
    }

    checkSend(): bigint {
      this.#permitted = ask('udp.room', this.#socket.id) as number // the service's own shape
      return BigInt(this.#permitted)
    }

    send(datagrams: readonly OutgoingDatagram[]): bigint {
      // The interface wants a trap for more than `check-send` allowed; an error tells the guest as much and keeps it alive.
      if (datagrams.length > this.#permitted) fail('invalid-argument')
      this.#permitted = 0
      const given = datagrams.map(({ data, remoteAddress }) => {
        const to = remoteAddress ?? this.#remote ?? fail('invalid-argument')
        if (to.val.port === 0) fail('invalid-argument')
        return { data, address: textOf(to), port: to.val.port }
      })
      return BigInt(ask('udp.send', this.#socket.id, given) as number) // the service's own shape
    }

    subscribe(): object {
      return poll.pollableFor(() => [this.#socket.id, 'out'])
    }

    [disposeSymbol](): void {
      this.#onDrop()
      this.#socket.drop()
    }
  }

  class UdpSocket {
    readonly #family: Family
    readonly #options = new SocketOptions()
    #channel: Shared | undefined
    #local: SocketAddress | undefined
    #remote: SocketAddress | undefined
    #isBinding = false
    /** Of the last `stream` that the guest still has. */
    #streams = 0

    constructor(family: Family) {
      this.#family = family
    }

    startBind(_network: Network, local: SocketAddress): void {
      if (this.#channel !== undefined) fail('invalid-state')
      if (local.tag !== this.#family) fail('invalid-argument')
      // The service's own shape.
      const { id, address, port } = ask('udp.bind', textOf(local), local.val.port) as {
        id: number
        address: string
        port: number
      }
      this.#channel = new Shared(id, 'channel.close', ask)
      this.#local = socketAddress(address, port)
      this.#isBinding = true
    }

    finishBind(): void {
      if (!this.#isBinding) fail('not-in-progress')
      this.#isBinding = false
    }

    stream(remote: SocketAddress | undefined): [object, object] {
      const channel = this.#channel
      if (channel === undefined || this.#isBinding || this.#streams > 0) return fail('invalid-state')
      if (remote === undefined) ask('udp.stream', channel.id, undefined, 0)
      else {
        if (remote.tag !== this.#family || remote.val.port === 0) fail('invalid-argument')
        ask('udp.stream', channel.id, textOf(remote), remote.val.port)
      }
      this.#remote = remote
      this.#streams = 2
      const onDrop = (): void => {
        this.#streams -= 1
      }
      return [
        new IncomingDatagramStream(channel.take(), onDrop),
        new OutgoingDatagramStream(channel.take(), remote, onDrop),
      ]
    }

    localAddress(): object {
      return (this.#isBinding ? undefined : this.#local) ?? fail('invalid-state')
    }

    remoteAddress(): object {
      return this.#remote ?? fail('invalid-state')
    }

    addressFamily(): Family {
      return this.#family
    }

    unicastHopLimit(): unknown {
      return this.#options.get('hops', 64)
    }

    setUnicastHopLimit(value: number): void {
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
      return make.always()
    }

    [disposeSymbol](): void {
      this.#channel?.drop()
      this.#channel = undefined
    }
  }
  return { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream }
}
