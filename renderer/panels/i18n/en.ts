// English, the source: every word the panels say. `Words` is its type, so another language that misses one does not
// compile.

import { grants } from './en-grants.js'
import { permits } from './en-permits.js'
import { popups } from './en-popups.js'
import { space } from './en-space.js'
import { tools } from './en-tools.js'

export const en = { ...space, ...popups, ...tools, grants, permits }

/** The words of a language: the shape of English with other strings. */
export type Words = typeof en
