// wasi:sockets for one guest: outgoing TCP and names, asked of the pool process (granted/sockets.ts), which refuses what was
// not granted. UDP and listening are granted to nobody.

import { formatAddress, parseAddress } from '../addresses.js'
import { GuestError } from '../import-error.js'
import type { Recipes } from '../snapshot/recipes.js'
import { channelInput, type ChannelParts } from './channel-input.js'
import { Shared } from './shared.js'
import { disposeSymbol } from './streams.js'

type Interfaces = Record<string, Record<string, unknown>>

type Family = 'ipv4' | 'ipv6'

interface SocketAddress {
  readonly tag: Family
  readonly val: { readonly port: number; readonly address: readonly number[] }
}

const fail = (code: string): never => {
  throw new GuestError(code)
}

const textOf = ({ tag, val }: SocketAddress): string =>
  formatAddress({ family: tag === 'ipv4' ? 4 : 6, parts: val.address })

function toWit(text: string): { readonly tag: Family; readonly val: readonly number[] } | undefined {
  const address = parseAddress(text)
  return address === undefined ? undefined : { tag: address.family === 4 ? 'ipv4' : 'ipv6', val: address.parts }
}

function socketAddress(text: string, port: number): object {
  const address = toWit(text)
  if (address === undefined) return fail('unknown')
  const { tag, val } = address
  return tag === 'ipv4'
    ? { tag, val: { port, address: val } }
    : { tag, val: { port, address: val, flowInfo: 0, scopeId: 0 } }
}

export function createSockets(parts: ChannelParts, recipes: Recipes): Interfaces {
  const { ask, make, poll } = parts

  class Network {}
  const network = new Network()
  // A name for what every node has; what may be reached by it is asked at each use.
  recipes.add(network, () => ['network'])
  recipes.onMake('network', () => network)

  class ResolveAddressStream {
    readonly #addresses: string[]

    constructor(addresses: readonly string[]) {
      this.#addresses = [...addresses]
    }

    resolveNextAddress(): object | undefined {
      const next = this.#addresses.shift()
      return next === undefined ? undefined : toWit(next)
    }

    subscribe(): object {
      return always()
    }
  }

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

  const always = (): object => make.always()

  /** Settings that the guest may have and that change nothing here. */
  class Options {
    readonly #values = new Map<string, unknown>()
    get(name: string, initial: unknown): unknown {
      return this.#values.get(name) ?? initial
    }
    set(name: string, value: unknown): void {
      if (value === 0 || value === 0n) fail('invalid-argument')
      this.#values.set(name, value)
    }
  }

  class TcpSocket {
    readonly #family: Family
    readonly #options = new Options()
    #connection: Shared | undefined
    #remote: SocketAddress | undefined
    #local: object | undefined

    constructor(family: Family) {
      this.#family = family
    }

    startBind(): never {
      return fail('access-denied')
    }

    finishBind(): never {
      return fail('not-in-progress')
    }

    startListen(): never {
      return fail('access-denied')
    }

    finishListen(): never {
      return fail('not-in-progress')
    }

    accept(): never {
      return fail('invalid-state')
    }

    isListening(): boolean {
      return false
    }

    addressFamily(): Family {
      return this.#family
    }

    startConnect(_network: Network, remote: SocketAddress): void {
      if (this.#connection !== undefined) fail('invalid-state')
      if (remote.tag !== this.#family || remote.val.port === 0) fail('invalid-argument')
      const id = ask('tcp.connect', textOf(remote), remote.val.port) as number // the service's own shape
      this.#connection = new Shared(id, 'channel.close', ask)
      this.#remote = remote
    }

    finishConnect(): [object, object] {
      const connection = this.#connection ?? fail('not-in-progress')
      if (this.#local !== undefined) fail('not-in-progress')
      // The service's own shape.
      const { address, port } = ask('tcp.finish', connection.id) as { address: string; port: number }
      this.#local = socketAddress(address, port)
      return [channelInput(parts, connection.take()), output(connection.take())]
    }

    localAddress(): object {
      return this.#local ?? fail('invalid-state')
    }

    remoteAddress(): object {
      return (this.#local === undefined ? undefined : this.#remote) ?? fail('invalid-state')
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
      const connection = this.#connection
      return connection === undefined ? always() : poll.pollableFor(() => [connection.id, 'done'])
    }

    shutdown(how: string): void {
      if (this.#local === undefined || this.#connection === undefined) return fail('invalid-state')
      ask('tcp.shutdown', this.#connection.id, how)
    }

    [disposeSymbol](): void {
      this.#connection?.drop()
    }
  }

  // Nobody gets one; the glue wants the classes.
  class UdpSocket {}
  class IncomingDatagramStream {}
  class OutgoingDatagramStream {}

  return {
    'wasi:sockets/network': { Network, networkErrorCode: () => undefined },
    'wasi:sockets/instance-network': { instanceNetwork: () => network },
    'wasi:sockets/ip-name-lookup': {
      ResolveAddressStream,
      resolveAddresses(_network: Network, name: string): ResolveAddressStream {
        // The service's own shape.
        return new ResolveAddressStream(ask('name.resolve', name) as readonly string[])
      },
    },
    'wasi:sockets/tcp': { TcpSocket },
    'wasi:sockets/tcp-create-socket': {
      createTcpSocket(family: Family): TcpSocket {
        ask('tcp.create')
        return new TcpSocket(family)
      },
    },
    'wasi:sockets/udp': { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
    'wasi:sockets/udp-create-socket': { createUdpSocket: () => fail('access-denied') },
  }
}
