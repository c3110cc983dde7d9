// The buses that lattice tests run on: the one in memory and a real nats-server, with the same face.

import { openTransport } from '../../../main/nats/connection.js'
import type { Transport } from '../../../main/nats/transport.js'
import { MemoryBus, openMemoryTransport } from '../../support/memory-transport.js'
import { startNatsServer } from '../../support/nats-server.js'

export interface TestBus {
  /** One more client; closed with the bus. */
  connect(): Promise<Transport>
  /** The server goes away, and comes back. */
  cut(): Promise<void>
  mend(): Promise<void>
  close(): Promise<void>
}

export interface BusOptions {
  readonly jetStream?: boolean
}

async function openMemoryBus(options: BusOptions): Promise<TestBus> {
  const bus = new MemoryBus({ hasJetStream: options.jetStream ?? true })
  const transports: Transport[] = []
  return Promise.resolve({
    connect() {
      const transport = openMemoryTransport(bus)
      transports.push(transport)
      return Promise.resolve(transport)
    },
    cut: () => Promise.resolve(bus.cut()),
    mend: () => Promise.resolve(bus.mend()),
    async close() {
      await Promise.all(transports.map((transport) => transport.close()))
    },
  })
}

async function openServerBus(options: BusOptions): Promise<TestBus> {
  const server = await startNatsServer({ jetStream: options.jetStream ?? true })
  const transports: Transport[] = []
  return {
    async connect() {
      const transport = await openTransport({ servers: server.tcpUrl })
      transports.push(transport)
      return transport
    },
    cut: () => server.kill(),
    mend: () => server.start(),
    async close() {
      await Promise.all(transports.map((transport) => transport.close()))
      await server.close()
    },
  }
}

export const buses = [
  { name: 'in memory', open: openMemoryBus },
  { name: 'on a nats-server', open: openServerBus },
] as const

/** Waits until it holds; fails with what was seen last. */
export async function eventually<T>(read: () => T | undefined | false, limitMs = 5_000): Promise<T> {
  const endMs = Date.now() + limitMs
  for (;;) {
    const value = read()
    if (value !== undefined && value !== false) return value
    if (Date.now() > endMs) throw new Error(`not within ${limitMs} ms: ${read.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
