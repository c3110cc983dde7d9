// What runs, written as a wadm manifest, as it crosses the bridge: what is asked for, the text, and what no manifest can
// say. Schema and type together. Pure; words for the notes are the page's.

import * as v from 'valibot'

export const ManifestRequest = v.object({
  name: v.pipe(v.string(), v.regex(/^[-\w]{1,128}$/, 'letters, digits, _ and - only, at most 128')),
  /** Left out, wadm makes one. */
  version: v.optional(v.pipe(v.string(), v.regex(/^[-+.\w]{1,128}$/, 'one word'))),
  description: v.optional(v.string()),
  withManaged: v.boolean(),
})
export type ManifestRequest = v.InferOutput<typeof ManifestRequest>

export const ManifestNote = v.object({
  code: v.picklist([
    'managed', // left out: wadm has it already
    'images', // runs from several images
    'tlos-image', // only tLOS nodes can get it
    'config-unknown', // its host does not tell what configurations it has
    'no-config', // named, but there is none
    'no-target', // a link to what is not in the manifest
    'anywhere', // nothing tells its node from others
  ]),
  about: v.string(),
})
export type ManifestNote = v.InferOutput<typeof ManifestNote>

export const WrittenManifest = v.object({ text: v.string(), notes: v.array(ManifestNote) })
export type WrittenManifest = v.InferOutput<typeof WrittenManifest>
