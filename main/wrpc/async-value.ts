// Streams and futures as they stand in other values (SPEC W40, W41): a marker where the value would be, and the path under
// which the data travels. Types only.

import type { WitType } from '../../preload/wit.js'

/** Indexes from the parameter or result list to a stream or future (SPEC W41). */
export type AsyncPath = readonly number[]

/** Where a stream or future stands. */
export interface AsyncPlace {
  readonly path: AsyncPath
  readonly type: Extract<WitType, { kind: 'stream' | 'future' }>
}

/** A stream or future found in a value of ours: what is to be sent under its path. */
export interface AsyncValue extends AsyncPlace {
  readonly value: unknown
}
