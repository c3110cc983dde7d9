// A guest's standard input and output: text that is there from the beginning, and sinks. Each call gives a stream of its
// own, as WIT says, so that a guest that drops one does not close the others. They can be made again (snapshot/recipes.ts).

import { GuestError } from '../import-error.js'
import type { Recipes } from '../snapshot/recipes.js'
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
  recipes: Recipes,
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
  /** A guest that is copied has them again elsewhere. */
  const named = (name: string, stream: object): object => {
    recipes.add(stream, () => ['stream', name, at])
    return stream
  }
  const sink = (name: string, write: (bytes: Uint8Array) => void) => () =>
    named(name, make.output({ write, blockingFlush() {} }))
  const makers: Readonly<Record<string, () => object>> = {
    stdin: () => named('stdin', make.input({ read, blockingRead: read })),
    stdout: sink('stdout', parts.output),
    stderr: sink('stderr', parts.error),
  }
  recipes.onMake('stream', ([name, position]) => {
    if (typeof name !== 'string' || !Object.hasOwn(makers, name)) return undefined
    // Where the reading of the input was.
    if (typeof position === 'number' && position >= 0) at = Math.min(Math.floor(position), input.length)
    const stream = makers[name]?.()
    // The guest may have asked how much it can write before it was copied, and write now.
    const output = stream as { checkWrite?(): unknown } | undefined // an input has none
    output?.checkWrite?.()
    return stream
  })
  return {
    stdin: { getStdin: makers['stdin'] },
    stdout: { getStdout: makers['stdout'] },
    stderr: { getStderr: makers['stderr'] },
  }
}
