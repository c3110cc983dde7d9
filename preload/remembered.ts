// Connections that the person let this machine remember, as the page sees them: never their secrets. Schema and type together.

import * as v from 'valibot'

export const RememberedConnection = v.object({
  id: v.string(),
  lattice: v.string(),
  url: v.string(),
})
export type RememberedConnection = v.InferOutput<typeof RememberedConnection>

export const Remembered = v.object({
  /** `no-store`: this system keeps no key to encrypt with, so that nothing is remembered. */
  store: v.picklist(['ready', 'no-store']),
  list: v.array(RememberedConnection),
})
export type Remembered = v.InferOutput<typeof Remembered>
