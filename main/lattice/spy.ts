// Looks at what crosses the bus to and from a component, as `wash spy` does (lattice.md 9.2). It only listens, and only as
// long as somebody reads: who stops reading stops the listening. Calls inside one node never reach the bus.

import type { SpiedMessage } from '../../preload/traffic.js'
import type { Message, Subscription, Transport } from '../nats/transport.js'
import { rpcPrefix } from './protocol/subjects.js'
import { tlosSubjects } from './protocol/tlos.js'

/** What is kept for the reader, and how much of a payload. */
const keptMessages = 500
const shownBytes = 512
/** Not read for so long, nobody looks any more, ms. */
const leaseMs = 15_000

export interface SpyOptions {
  readonly transport: Transport
  readonly lattice: string
  /** Ids that the component is linked to: calls to them are shown when they come from it. */
  readonly targetsOf: (componentId: string) => readonly string[]
  readonly now: () => number
}

export interface Heard {
  readonly messages: SpiedMessage[]
  /** Number of the newest; read on from it. */
  readonly last: number
  /** Came but are not kept any more. */
  readonly missed: number
}

export interface Spy {
  /** All that came after message number `after`. The first read begins to listen. */
  read(componentId: string, after: number): Heard
  close(): void
}

export function createSpy(options: SpyOptions): Spy {
  const watches = new Map<string, ReturnType<typeof openWatch>>()
  return {
    read(componentId, after) {
      let watch = watches.get(componentId)
      if (watch === undefined) {
        watch = openWatch(options, componentId, () => watches.delete(componentId))
        watches.set(componentId, watch)
      }
      return watch.read(after)
    },
    close() {
      for (const watch of [...watches.values()]) watch.close()
    },
  }
}

function openWatch({ transport, lattice, targetsOf, now }: SpyOptions, componentId: string, onClosed: () => void) {
  let messages: SpiedMessage[] = []
  let last = 0
  let lease: ReturnType<typeof setTimeout> | undefined

  const take = (message: Message, to: string, tail: string): void => {
    last += 1
    messages.push({ number: last, atMs: now(), to, ...describe(message, tail) })
    if (messages.length > keptMessages) messages = messages.slice(-keptMessages)
  }
  const direct = tlosSubjects(lattice).direct('*', componentId)
  const subscriptions: Subscription[] = [
    transport.subscribe(`${rpcPrefix(lattice, componentId)}.wrpc.>`, (message) =>
      take(message, componentId, afterProtocol(message.subject)),
    ),
    // How tLOS nodes call an actor on exactly one of them.
    transport.subscribe(`${direct}.wrpc.>`, (message) => take(message, componentId, afterProtocol(message.subject))),
    ...[...new Set(targetsOf(componentId))].map((target) =>
      transport.subscribe(`${rpcPrefix(lattice, target)}.wrpc.>`, (message) => {
        if (message.headers?.['source-id'] === componentId) take(message, target, afterProtocol(message.subject))
      }),
    ),
  ]
  const close = (): void => {
    clearTimeout(lease)
    for (const subscription of subscriptions) subscription.close()
    onClosed()
  }
  return {
    read(after: number): Heard {
      clearTimeout(lease)
      lease = setTimeout(close, leaseMs)
      lease.unref()
      const fresh = messages.filter(({ number }) => number > after)
      return { messages: fresh, last, missed: Math.max(0, last - after - fresh.length) }
    },
    close,
  }
}

/** `{…}.wrpc.0.0.1.{instance}.{function}`, of which the part behind the version is wanted. */
function afterProtocol(subject: string): string {
  return /\.wrpc\.\d+\.\d+\.\d+\.(.*)$/.exec(subject)?.[1] ?? subject
}

function describe(message: Message, tail: string) {
  const cut = tail.lastIndexOf('.')
  return {
    instance: cut < 0 ? '' : tail.slice(0, cut),
    functionName: tail.slice(cut + 1),
    from: message.headers?.['source-id'] ?? '',
    sizeBytes: message.data.length,
    hex: Buffer.from(message.data.subarray(0, shownBytes)).toString('hex'),
  }
}
