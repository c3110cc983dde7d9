// Why an instance cannot be copied, or an image not be taken: the one error of this folder.

import type { Fault } from '../pool-protocol.js'

/** `reason` is the end of a sentence (`… cannot be copied: ` or `the image cannot be taken: `). */
export class SnapshotRefusal extends Error {
  override readonly name = 'SnapshotRefusal'
  readonly code: Fault['code']

  constructor(code: Fault['code'], reason: string) {
    super(reason)
    this.code = code
  }
}
