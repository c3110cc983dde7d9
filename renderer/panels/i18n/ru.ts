// Russian, typed by English: what is missing does not compile.
// The names of actors, nodes and interfaces are nobody's to translate.

import type { Words } from './en.js'
import { grants } from './ru-grants.js'
import { permits } from './ru-permits.js'
import { popups } from './ru-popups.js'
import { space } from './ru-space.js'
import { tools } from './ru-tools.js'

export const ru: Words = { ...space, ...popups, ...tools, grants, permits }
