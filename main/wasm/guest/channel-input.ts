// An input stream of a connection that the pool process holds.

import { GuestError } from '../import-error.js'
import type { Ask } from '../host-call.js'
import type { Poll } from '../poll.js'
import type { Shared } from './shared.js'
import type { StreamMaker } from './streams.js'

export interface ChannelParts {
  readonly ask: Ask
  readonly make: StreamMaker
  readonly poll: Poll
}

/** Takes over one use of `channel`. */
export function channelInput({ ask, make, poll }: ChannelParts, channel: Shared): object {
  const read = (length: bigint): Uint8Array => {
    // The service's own shape.
    const incoming = ask('channel.read', channel.id, length) as { bytes: Uint8Array } | { end: string | undefined }
    if ('bytes' in incoming) return incoming.bytes
    if (incoming.end === undefined) throw new GuestError({ tag: 'closed' })
    throw new GuestError({ tag: 'last-operation-failed', val: make.error(incoming.end) })
  }
  return make.input({
    read,
    blockingRead(length) {
      for (;;) {
        const bytes = read(length)
        if (bytes.length > 0 || length === 0n) return bytes
        poll.waitFor([channel.id, 'in'])
      }
    },
    subscribe: () => poll.pollableFor(() => [channel.id, 'in']),
    drop: () => channel.drop(),
    words: 'a stream of a connection',
  })
}
