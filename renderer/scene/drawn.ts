// Which changes of a description can be seen on the plane, and which only in the words beside it: how long ago a node was
// heard and how loaded it is are told by its nameplate, which is DOM, and must not cost a frame. Pure.

import { isSame } from './identity.js'
import type { PlaceNode, SceneDescription } from './types.js'

/** Whether the plane has to be drawn again to go from one description to the other. */
export function needsDrawing(before: SceneDescription, after: SceneDescription): boolean {
  if (before.windows !== after.windows || before.cables !== after.cables) return true
  if (before.footprints !== after.footprints || before.places.size !== after.places.size) return true
  if (before.places === after.places) return false
  return [...after.places].some(([id, place]) => {
    const was = before.places.get(id)
    return was !== place && (was === undefined || !isSame(withoutWords(was), withoutWords(place)))
  })
}

function withoutWords(place: PlaceNode): PlaceNode {
  return { ...place, heardAtMs: 0, load: undefined }
}
