// The one error class for what we expect to go wrong (refused, unreachable, not found, timed out, …), and its
// translation to the failure record that crosses the bridge. Bugs of ours are plain `Error`s and are not translated
// away: they become code `internal` with their message.

import { inspect, type InspectOptions } from 'node:util'
import type { Failure, FailureCode } from '../preload/records.js'

/** How a thrown thing that is no `Error` is told: on one line, and its own code is not run. */
const asWords: InspectOptions = { depth: 2, breakLength: Infinity, customInspect: false }

/** An expected trouble: `code` says what kind, `message` what happened in words, `about` which thing (an id or a path). */
export class TlosError extends Error {
  override readonly name = 'TlosError'
  readonly code: FailureCode
  readonly about: string | undefined

  constructor(code: FailureCode, message: string, options: { about?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.about = options.about
  }
}

/** The whole chain of causes on one line (`outer: inner: …`), as wasmCloud hosts write it into events. */
export function formatChain(error: unknown): string {
  const parts: string[] = []
  let current: unknown = error
  while (current !== undefined && current !== null && parts.length < 10) {
    const text =
      current instanceof Error ? current.message : typeof current === 'string' ? current : inspect(current, asWords)
    if (text !== '' && !parts.some((part) => part.includes(text))) parts.push(text)
    current = current instanceof Error ? current.cause : undefined
  }
  return parts.join(': ')
}

/** Any thrown thing as the record the bridge carries; never throws. */
export function toFailure(error: unknown): Failure {
  if (error instanceof TlosError) {
    const failure = { code: error.code, message: formatChain(error) }
    return error.about === undefined ? failure : { ...failure, about: error.about }
  }
  return { code: 'internal', message: formatChain(error) }
}

/** A thrown thing as an `Error`: itself when it is one. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(inspect(thrown, asWords))
}
