// Keeps the picture up to date with the three stores: described again once per turn of the page, however many changes came;
// the view gets patches, the panels the description. What nobody had arranged is written down where it was placed.

import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Stores } from './input/ground.js'
import { unarranged } from './scene/arrange.js'
import { describe, nothingDescribed, type Described } from './scene/describe.js'
import { needsDrawing } from './scene/drawn.js'
import { emptyScene, reconcile, type ScenePatch } from './scene/reconcile.js'
import type { SceneDescription } from './scene/types.js'

export interface Picture {
  readonly store: StoreApi<SceneDescription>
  /** The newest description, with what is needed beside it. */
  described(): Described
  /** The newest picture and the patch that leads to it from the one that was taken before. */
  take(): { readonly scene: SceneDescription; readonly patch: ScenePatch }
  /** Right now, when somebody cannot wait for the turn to end. */
  update(): void
  close(): void
}

/** `onChange` is called when what is drawn became different; words beside it change without. */
export function createPicture(stores: Stores, onChange: () => void): Picture {
  const store = createStore<SceneDescription>()(() => emptyScene)
  let described = nothingDescribed
  let taken = emptyScene
  let isDue = false
  let isClosed = false

  const update = (): void => {
    isDue = false
    if (isClosed) return
    const [lattice, workspace, interaction] = [
      stores.lattice.getState(),
      stores.workspace.getState(),
      stores.interaction.getState(),
    ]
    const before = described.scene
    described = describe({ lattice, workspace, interaction }, described)
    const { scene, homes } = described
    if (scene === before) return
    store.setState(scene, true)
    if (needsDrawing(before, scene)) onChange()
    const fresh = interaction.drag === undefined ? unarranged(scene, homes, workspace) : undefined
    if (fresh === undefined) return
    stores.workspace.setState({
      places: { ...workspace.places, ...fresh.places },
      windows: { ...workspace.windows, ...fresh.windows },
    })
  }
  const mark = (): void => {
    if (isDue || isClosed) return
    isDue = true
    queueMicrotask(update)
  }
  const unsubscribes = [
    stores.lattice.subscribe(mark),
    stores.workspace.subscribe(mark),
    stores.interaction.subscribe(mark),
  ]
  mark()
  return {
    store,
    described: () => described,
    take() {
      const { scene } = described
      const patch = reconcile(taken, scene)
      taken = scene
      return { scene, patch }
    },
    update,
    close() {
      isClosed = true
      for (const unsubscribe of unsubscribes) unsubscribe()
    },
  }
}
