// Which images fit which component: its bytes, and everything that shaped its prepared form.

import { createHash } from 'node:crypto'
import { transpileKey } from '../prepared-format.js'
import type { Identity } from './image.js'

/** `digest`: sha256 of the component's bytes, hex. */
export const identityOf = (digest: string): Identity => ({
  digest,
  tool: createHash('sha256').update(transpileKey).digest('hex'),
})
