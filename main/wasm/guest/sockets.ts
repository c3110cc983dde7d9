// wasi:sockets for one guest: names here, connections in tcp.ts, datagrams in udp.ts. All of it is asked of the pool process
// (granted/sockets.ts), which refuses what was not granted.

import type { Recipes } from '../snapshot/recipes.js'
import type { ChannelParts } from './channel-input.js'
import { type Family, ipAddress, Network } from './socket-addresses.js'
import { createTcpSockets } from './tcp.js'
import { createUdpSockets } from './udp.js'

type Interfaces = Record<string, Record<string, unknown>>

export function createSockets(parts: ChannelParts, recipes: Recipes): Interfaces {
  const { ask, make } = parts
  const network = new Network()
  // A name for what every node has; what may be reached by it is asked at each use.
  recipes.add(network, () => ['network'])
  recipes.onMake('network', () => network)
  const TcpSocket = createTcpSockets(parts)
  const udp = createUdpSockets(parts)

  class ResolveAddressStream {
    readonly #addresses: string[]

    constructor(addresses: readonly string[]) {
      this.#addresses = [...addresses]
    }

    resolveNextAddress(): object | undefined {
      const next = this.#addresses.shift()
      return next === undefined ? undefined : ipAddress(next)
    }

    subscribe(): object {
      return make.always()
    }
  }

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
      createTcpSocket(family: Family): object {
        ask('socket.create')
        return new TcpSocket(family)
      },
    },
    'wasi:sockets/udp': udp,
    'wasi:sockets/udp-create-socket': {
      createUdpSocket(family: Family): object {
        ask('socket.create')
        return new udp.UdpSocket(family)
      },
    },
  }
}
