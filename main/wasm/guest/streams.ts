// Streams of wasi:io for a guest, made from handlers: the shim's classes, which the glue checks for, with what they do given
// by whoever has the bytes.

import type * as ShimIo from '@bytecodealliance/preview2-shim/io'
import type { Recipes } from '../snapshot/recipes.js'

/** `read` never waits and may give nothing; both throw `GuestError({ tag: 'closed' })` at the end. */
export interface InputHandler {
  read(length: bigint): Uint8Array
  blockingRead(length: bigint): Uint8Array
  /** Absent: always ready. */
  subscribe?(): object
  drop?(): void
  /** What a person calls it, should it keep its guest from being copied. */
  readonly words?: string
}

export interface OutputHandler {
  /** Absent: always a megabyte. */
  checkWrite?(): bigint
  write(bytes: Uint8Array): void
  flush?(): void
  blockingFlush(): void
  /** Absent: `write`, then `blockingFlush`. */
  blockingWriteAndFlush?(bytes: Uint8Array): void
  subscribe?(): object
  drop?(): void
  /** As above. */
  readonly words?: string
}

/** Makes the streams that the glue takes for `input-stream` and `output-stream`. */
export interface StreamMaker {
  input(handler: InputHandler): object
  output(handler: OutputHandler): object
  /** A `wasi:io/error` with these words. */
  error(message: string): object
  /** A pollable that is always ready. */
  always(): object
}

/** The shim's types ask for its own classes in places that are never looked at. */
export function createStreamMaker(shim: typeof ShimIo, recipes: Recipes): StreamMaker {
  const { inputStreamCreate, outputStreamCreate, ioErrorCreate, pollableCreate } = shim
  const named = (stream: object, words: string | undefined): object => {
    if (words !== undefined) recipes.name(stream, words)
    return stream
  }
  const always = (): object => {
    const pollable = pollableCreate()
    recipes.add(pollable, () => ['ready'])
    return pollable
  }
  recipes.onMake('ready', always)
  // Those that are always ready say so themselves: a pollable of the shim's own could not be made again.
  const whole = <T extends InputHandler | OutputHandler>(handler: T): T => ({
    ...handler,
    subscribe: handler.subscribe ?? always,
  })
  return {
    input: (handler) =>
      named(inputStreamCreate(whole(handler) as unknown as Parameters<typeof inputStreamCreate>[0]), handler.words),
    output: (handler) =>
      named(outputStreamCreate(whole(handler) as unknown as Parameters<typeof outputStreamCreate>[0]), handler.words),
    error: (message) => ioErrorCreate(message),
    always,
  }
}

/** A copy of at most `length` bytes from `at` on. */
export function bytesUpTo(bytes: Uint8Array, at: number, length: bigint): Uint8Array {
  const left = bytes.length - at
  return bytes.slice(at, at + (length < BigInt(left) ? Number(length) : left))
}

/** How the glue ends a resource of ours that a guest dropped. Node 18 has no such symbol and the glue makes its own. */
export const disposeSymbol: symbol = (Symbol as { readonly dispose?: symbol }).dispose ?? Symbol.for('dispose')
