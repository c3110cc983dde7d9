// A guest's standard input and output: text that is there from the beginning, and sinks. Each call gives a stream of its
// own, as WIT says, so that a guest that drops one does not close the others.

import { GuestError } from '../import-error.js'
import { bytesUpTo, type StreamMaker } from './streams.js'

export interface StandardParts {
  readonly input: string
  readonly output: (bytes: Uint8Array) => void
  readonly error: (bytes: Uint8Array) => void
}

/** Members of `wasi:cli/stdin`, `stdout` and `stderr`. */
export function createStandardStreams(
  parts: StandardParts,
  make: StreamMaker,
): {
  readonly stdin: Record<string, unknown>
  readonly stdout: Record<string, unknown>
  readonly stderr: Record<string, unknown>
} {
  const input = new TextEncoder().encode(parts.input)
  let at = 0
  const read = (length: bigint): Uint8Array => {
    if (at >= input.length) throw new GuestError({ tag: 'closed' })
    const piece = bytesUpTo(input, at, length)
    at += piece.length
    return piece
  }
  const sink = (write: (bytes: Uint8Array) => void) => () => make.output({ write, blockingFlush() {} })
  return {
    stdin: { getStdin: () => make.input({ read, blockingRead: read }) },
    stdout: { getStdout: sink(parts.output) },
    stderr: { getStderr: sink(parts.error) },
  }
}
