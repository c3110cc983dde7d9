// An input stream of a connection that the pool process holds.

import { GuestError } from '../import-error.js'
import type { Ask } from '../host-call.js'
import type { Poll } from '../poll.js'
import type { Shared } from './shared.js'
import { bytesUpTo, type StreamMaker } from './streams.js'

export interface ChannelParts {
  readonly ask: Ask
  readonly make: StreamMaker
  readonly poll: Poll
}

/** Read in one question to the process: guests that read by the kilobyte would else ask for each. */
const aheadBytes = 64 * 1024

/** Takes over one use of `channel`. */
export function channelInput({ ask, make, poll }: ChannelParts, channel: Shared): object {
  let ahead = new Uint8Array(0)
  const read = (length: bigint): Uint8Array => {
    if (length === 0n) return new Uint8Array(0)
    if (ahead.length > 0) return take(length)
    // The service's own shape.
    const incoming = ask('channel.read', channel.id, aheadBytes) as
      { bytes: Uint8Array<ArrayBuffer> } | { end: string | undefined }
    if ('bytes' in incoming) {
      ahead = incoming.bytes
      return take(length)
    }
    if (incoming.end === undefined) throw new GuestError({ tag: 'closed' })
    throw new GuestError({ tag: 'last-operation-failed', val: make.error(incoming.end) })
  }
  const take = (length: bigint): Uint8Array => {
    const bytes = bytesUpTo(ahead, 0, length)
    ahead = ahead.subarray(bytes.length)
    return bytes
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
    subscribe: () => poll.pollableFor(() => (ahead.length > 0 ? 'ready' : [channel.id, 'in'])),
    drop: () => channel.drop(),
    words: 'a stream of a connection',
  })
}
