// Moving slabs, resizing, minimising and maximising windows: the workspace store only, with a history.

import { footSide, grid, largestWindow, slabsCollide, smallestWindow } from '../scene/layout.js'
import type { OnHostKey } from '../../preload/records.js'
import type { WindowArrangement } from '../state/workspace.js'
import type { History } from './arrangement.js'
import type { Ground } from './ground.js'
import type { Intent } from './intents.js'
import { partsOf } from './keys.js'

type ArrangeIntent = Extract<
  Intent,
  {
    readonly kind:
      'place.move' | 'window.resize' | 'window.minimise' | 'window.maximise' | 'arrange.undo' | 'arrange.redo'
  }
>

const clamp = (value: number, least: number, most: number): number => Math.round(Math.min(most, Math.max(least, value)))

export function createArrange({ stores: { workspace }, scene, homes }: Ground, history: History) {
  /** Sizes that windows had before they were maximised. */
  const before = new Map<OnHostKey, { readonly width: number; readonly height: number }>()

  const standing = (key: OnHostKey): WindowArrangement | undefined =>
    workspace.getState().windows[key] ?? homes().get(key)

  /** Written by the thing on its node, and by its id: so a window keeps its size when its actor goes elsewhere. */
  const put = (key: OnHostKey, arrangement: WindowArrangement): void => {
    const { windows } = workspace.getState()
    workspace.setState({ windows: { ...windows, [key]: arrangement, [partsOf(key).id]: arrangement } })
  }

  const resize = (key: OnHostKey, width: number, height: number): void => {
    const now = standing(key)
    if (now === undefined) return
    put(key, {
      ...now,
      width: clamp(width, smallestWindow.width, largestWindow.width),
      height: clamp(height, smallestWindow.height, largestWindow.height),
    })
  }

  const maximise = (key: OnHostKey): void => {
    const now = standing(key)
    const place = scene().places.get(partsOf(key).hostId)
    if (now === undefined || place === undefined) return
    history.remember(`maximise ${key}`)
    const old = before.get(key)
    if (old !== undefined) {
      before.delete(key)
      resize(key, old.width, old.height)
      return
    }
    before.set(key, { width: now.width, height: now.height })
    // As wide as its slab, and as high as that looks right; over the slab behind it, which is what was asked for.
    const width = Math.min(largestWindow.width, place.width - 2 * footSide)
    put(key, {
      ...now,
      x: place.width / 2,
      width: clamp(width, smallestWindow.width, largestWindow.width),
      height: clamp(width * 0.62, smallestWindow.height, 560),
      isMinimised: false,
    })
  }

  return (intent: ArrangeIntent): void => {
    switch (intent.kind) {
      case 'place.move': {
        const place = scene().places.get(intent.id)
        if (place === undefined) return
        const x = Math.round(intent.x / grid) * grid
        const y = Math.round(intent.y / grid) * grid
        if (x === place.x && y === place.y) return
        const moved = { x, y, width: place.width, depth: place.depth }
        const others = [...scene().places.values()].filter((other) => other.id !== place.id)
        // It stops where the channel between slabs would get too narrow, unless it is already: then it may only leave.
        const touches = others.some((other) => slabsCollide(moved, other) && !slabsCollide(place, other))
        if (touches) return
        history.remember(`place ${intent.id}`)
        workspace.setState({ places: { ...workspace.getState().places, [intent.id]: moved } })
        return
      }
      case 'window.resize':
        history.remember(`resize ${intent.key}`)
        before.delete(intent.key)
        resize(intent.key, intent.width, intent.height)
        return
      case 'window.minimise': {
        const now = standing(intent.key)
        if (now === undefined) return
        history.remember(`minimise ${intent.key}`)
        put(intent.key, { ...now, isMinimised: intent.isMinimised })
        return
      }
      case 'window.maximise':
        maximise(intent.key)
        return
      case 'arrange.undo':
        history.undo()
        return
      case 'arrange.redo':
        history.redo()
        return
    }
  }
}
