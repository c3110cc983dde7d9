// A message to or from a component as it was seen on the bus, for the page. Pure.

import * as v from 'valibot'

export const SpiedMessage = v.object({
  number: v.number(),
  atMs: v.number(),
  /** As the caller says; empty when it does not. */
  from: v.string(),
  to: v.string(),
  /** Empty for functions at the root of a world. */
  instance: v.string(),
  functionName: v.string(),
  sizeBytes: v.number(),
  /** The beginning of the payload. */
  hex: v.string(),
})
export type SpiedMessage = v.InferOutput<typeof SpiedMessage>

export const SpiedMessages = v.object({ messages: v.array(SpiedMessage), last: v.number(), missed: v.number() })
