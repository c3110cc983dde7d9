// The eye as deeds see it, over the camera of the stage; and looking at everything by itself as long as the person has not
// looked anywhere: at the first start nodes and actors come one after the other.

import type { Eye } from './input/ground.js'
import { contentOf } from './input/perform-look.js'
import { fit, projectionOf, tiltedPitch } from './scene/projection.js'
import type { SceneDescription } from './scene/types.js'
import type { Stage } from './view/stage.js'

export interface OwnEye extends Eye {
  /** Shows everything there is, unless the person looked somewhere already. */
  fitUnlessLooked(scene: SceneDescription): void
  /** From here on the view is the person's. */
  claim(): void
}

const fitMs = 320

const wantsStillness = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches

/** `isClaimed`: the viewpoint is one that the person left. */
export function createEye(stage: Stage, isClaimed: boolean): OwnEye {
  const { camera } = stage
  let isOwn = isClaimed
  let hasShown = false
  const fly: Eye['fly'] = (viewpoint, ms) => camera.fly(viewpoint, performance.now(), wantsStillness() ? 0 : ms)
  return {
    get viewpoint() {
      return camera.viewpoint
    },
    get destination() {
      return camera.destination
    },
    get projection() {
      return camera.projection
    },
    projectionAt: (viewpoint) => projectionOf(viewpoint, camera.viewport),
    set(viewpoint, isFinal) {
      isOwn = true
      camera.set(viewpoint, isFinal)
    },
    fly(viewpoint, ms) {
      isOwn = true
      fly(viewpoint, ms)
    },
    fitUnlessLooked(scene) {
      if (isOwn || scene.places.size === 0) return
      const goal = fit(camera.viewport, contentOf(scene), tiltedPitch)
      if (goal !== undefined) fly(goal, hasShown ? fitMs : 0)
      hasShown = true
    },
    claim() {
      isOwn = true
    },
  }
}
