// Which bytes a reference of a registry meant when it was pulled last: so that an image that is here needs no registry, and
// a registry that is away keeps nothing from starting. A cache: losing it costs a pull.

import * as v from 'valibot'
import { openStateFile, type StateFile } from '../state-file.js'

/** References to remember; the oldest are forgotten. */
const most = 1_000

const Remembered = v.record(
  v.string(),
  v.object({ digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), atMs: v.number() }),
)
type Remembered = v.InferOutput<typeof Remembered>

export interface ImageTags {
  /** sha256 in hex. */
  get(ref: string): Promise<string | undefined>
  set(ref: string, digest: string): Promise<void>
}

export function openImageTags(folder: string, log: (text: string) => void): ImageTags {
  let file: Promise<StateFile<Remembered>> | undefined
  const open = (): Promise<StateFile<Remembered>> => {
    file ??= openStateFile<Remembered>({ folder, name: 'references', schema: Remembered, initial: {} })
    return file
  }
  return {
    async get(ref) {
      const { value } = await open()
      return Object.hasOwn(value, ref) ? value[ref]?.digest : undefined
    },
    async set(ref, digest) {
      const kept = await open()
      const others = Object.entries(kept.value).filter(([other]) => other !== ref)
      const newest = others.sort(([, a], [, b]) => b.atMs - a.atMs).slice(0, most - 1)
      await kept
        .save({ ...Object.fromEntries(newest), [ref]: { digest, atMs: Date.now() } })
        .catch((error: unknown) => {
          log(`what ${ref} is could not be remembered: ${error instanceof Error ? error.message : String(error)}`)
        })
    },
  }
}
