// What a fresh lattice of one's own begins with: the components that come with the shell, installed in the lattice's
// image store and started through the lattice like anything else. Done once; what a person removes later stays away.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import * as v from 'valibot'
import { statelessAnnotation } from './lattice/protocol/tlos.js'

/** `out/components/index.json`, written by the build. */
const BuiltComponents = v.array(
  v.object({
    id: v.string(),
    file: v.string(),
    name: v.optional(v.string()),
    version: v.optional(v.string()),
  }),
)
export type BuiltComponent = v.InferOutput<typeof BuiltComponents>[number]

export interface Placement {
  readonly id: string
  /** Index of the local node, or the desktop itself. */
  readonly on: 'desktop' | number
  readonly annotations: Readonly<Record<string, string>>
}

const stateless = { [statelessAnnotation]: 'true' }

/** Where each of them runs at first, so that there is something to see on every place and something to drag. */
export const firstPlacements: readonly Placement[] = [
  { id: 'counter', on: 'desktop', annotations: {} },
  { id: 'notes', on: 'desktop', annotations: stateless },
  { id: 'clock', on: 0, annotations: stateless },
  { id: 'echo', on: 1, annotations: stateless },
]

/** The cable that comes with `notes`: its text lives in the key-value provider. */
export const firstLinks = [
  {
    sourceId: 'notes',
    target: 'keyvalue',
    name: 'default',
    witNamespace: 'wasi',
    witPackage: 'keyvalue',
    interfaces: ['store'],
    sourceConfig: [],
    targetConfig: [],
  },
] as const

/** The components that came with the build, in the folder given; an empty list when there are none. */
export async function readBuiltComponents(folder: string): Promise<readonly BuiltComponent[]> {
  const text = await readFile(path.join(folder, 'index.json'), 'utf8').catch(() => '[]')
  const parsed = v.safeParse(BuiltComponents, JSON.parse(text))
  return parsed.success ? parsed.output : []
}
