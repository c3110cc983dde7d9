// How an open file of a guest that is copied is opened again: by the granted directory and the path that led there, with the
// rights it had and no others, and only where the node that makes it grants that directory. What is there by then is not
// known here: a file of another machine may hold other things.

import type { Ask } from '../host-call.js'
import { GuestError } from '../import-error.js'
import type { Recipe, Recipes } from '../snapshot/recipes.js'
import { SnapshotRefusal } from '../snapshot/refusal.js'

/** Where something open was found. */
export interface Origin {
  /** Of the granted directory, as the guest knows it. */
  readonly root: string
  /** Below it; '' is the directory itself. */
  readonly path: string
  readonly follow: boolean
  readonly flags: FileFlags
}

export interface FileFlags {
  readonly read?: boolean
  readonly write?: boolean
  readonly mutateDirectory?: boolean
}

export const rootOrigin = (root: string): Origin => ({ root, path: '', follow: true, flags: {} })

/** Of something opened from something open. */
export const originBelow = (base: Origin, path: string, follow: boolean, flags: FileFlags): Origin => ({
  root: base.root,
  path: base.path === '' ? path : `${base.path}/${path}`,
  follow,
  flags,
})

const bit = (is: boolean | undefined): number => (is === true ? 1 : 0)

export const recipeOf = ({ root, path, follow, flags }: Origin): [string, ...(string | number)[]] => [
  root,
  path,
  bit(follow),
  bit(flags.read) + 2 * bit(flags.write) + 4 * bit(flags.mutateDirectory),
]

type Data = readonly (string | number)[]

/** What a recipe says, if it says anything. */
function originFrom([root, path, follow, rights]: Data): Origin | undefined {
  if (typeof root !== 'string' || typeof path !== 'string' || typeof rights !== 'number') return undefined
  const has = (place: number): boolean => (rights & place) !== 0
  return { root, path, follow: follow === 1, flags: { read: has(1), write: has(2), mutateDirectory: has(4) } }
}

/** The kinds of streams that files have; the last two write. */
export type StreamKind = 'reads' | 'writes' | 'appends'

export interface FileMakers {
  /** Id of a granted directory by the name it has for the guest. */
  readonly rootId: (guest: string) => number | undefined
  /** A descriptor of what was opened, or of the granted directory itself. */
  readonly descriptor: (id: number | undefined, origin: Origin) => object | undefined
  readonly stream: (kind: StreamKind, id: number, origin: Origin, at: bigint) => object
}

/** Throws a `SnapshotRefusal` that names what cannot be opened here. */
export function addFileMakers(recipes: Recipes, ask: Ask, makers: FileMakers): void {
  const refuse = ({ root, path }: Origin, why: string): never => {
    const name = path === '' ? root : `${root.replace(/\/$/, '')}/${path}`
    throw new SnapshotRefusal('refused', `it has ${name} open, which cannot be opened here: ${why}`)
  }
  function open(origin: Origin): number {
    const { root, path, follow, flags } = origin
    const base = makers.rootId(root)
    if (base === undefined) return refuse(origin, `the directory ${root} is not granted`)
    try {
      return ask('file.open', base, follow, path, {}, flags) as number // the service's own shape
    } catch (error) {
      if (!(error instanceof GuestError)) throw error
      return refuse(origin, String(error.payload))
    }
  }
  recipes.onMake('file', (data) => {
    const origin = originFrom(data)
    if (origin === undefined) return undefined
    if (origin.path !== '') return makers.descriptor(open(origin), origin)
    return makers.descriptor(undefined, origin) ?? refuse(origin, `the directory ${origin.root} is not granted`)
  })
  for (const kind of ['reads', 'writes', 'appends'] as const) {
    recipes.onMake(`file-${kind}`, (data) => {
      const origin = originFrom(data)
      const at = data[4]
      if (origin === undefined || typeof at !== 'string' || !/^\d{1,18}$/.test(at)) return undefined
      const stream = makers.stream(kind, open(origin), origin, BigInt(at))
      // The guest may have asked how much it can write before it was copied, and write now.
      const output = stream as { checkWrite?(): unknown } // an input has none
      output.checkWrite?.()
      return stream
    })
  }
}

/** Of a stream that is at this place of its file. */
export const streamRecipe = (kind: StreamKind, origin: Origin, at: bigint): Recipe => [
  `file-${kind}`,
  ...recipeOf(origin),
  at.toString(),
]
