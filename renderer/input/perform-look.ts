// Where the person looks: flights, zoom, fit, tilt, and the viewpoints kept by name.

import { aboutPoint, fit, flatPitch, tiltedPitch, zoomStepped, type Content } from '../scene/projection.js'
import type { SceneDescription } from '../scene/types.js'
import type { ThingRef } from '../state/interaction.js'
import type { Viewpoint } from '../state/workspace.js'
import type { Ground } from './ground.js'
import type { Intent } from './intents.js'

type LookIntent = Extract<Intent, { readonly kind: `look.${string}` | 'viewpoint.save' }>

/** look.md 2.4 */
export const flightMs = 320
export const tiltMs = 280
/** Going to one thing does not come nearer than this. */
const nearestZoom = 1.25

export function contentOf(scene: SceneDescription): Content {
  return { places: [...scene.places.values()], windows: [...scene.windows.values()] }
}

/** What to look at to see a thing: a window, its whole place, or both ends of a link. */
function contentAround(scene: SceneDescription, thing: ThingRef): Content {
  const placeOf = (id: string | undefined): Content['places'] => {
    const place = id === undefined ? undefined : scene.places.get(id)
    return place === undefined ? [] : [place]
  }
  switch (thing.kind) {
    case 'place':
      return { places: placeOf(thing.id), windows: [...scene.windows.values()].filter((w) => w.hostId === thing.id) }
    case 'provider':
      return { places: placeOf(thing.id.split('/')[0]), windows: [] }
    case 'window': {
      const window = scene.windows.get(thing.id)
      return window === undefined ? { places: [], windows: [] } : { places: placeOf(window.hostId), windows: [window] }
    }
    case 'link': {
      const cable = [...scene.cables.values()].find((each) => each.key === thing.id)
      const ends = [...scene.windows.values()].filter(
        (window) => window.componentId === cable?.sourceId || window.componentId === cable?.target,
      )
      return { places: ends.flatMap((window) => placeOf(window.hostId)), windows: ends }
    }
  }
}

export function createLook({ stores, eye, scene }: Ground) {
  const flyTo = (content: Content, pitch: number, most: number): void => {
    const goal = fit(eye.projection.viewport, content, pitch, most)
    if (goal !== undefined) eye.fly(goal, flightMs)
  }

  /** About the middle of the screen, where there is no pointer to hold on to. */
  const about = (change: { readonly zoom?: number; readonly pitch?: number }): Viewpoint => {
    const projection = eye.projectionAt(eye.destination)
    return aboutPoint(projection, projection.centreX, projection.centreY, change)
  }

  return (intent: LookIntent): void => {
    switch (intent.kind) {
      case 'look.at':
        if (intent.isAnimated) eye.fly(intent.viewpoint, flightMs)
        else eye.set(intent.viewpoint, true)
        return
      case 'look.fit':
        flyTo(contentOf(scene()), eye.destination.pitch, 1)
        return
      case 'look.flatten': {
        const isFlat = eye.destination.pitch === flatPitch
        eye.fly(about({ pitch: isFlat ? tiltedPitch : flatPitch }), tiltMs)
        return
      }
      case 'look.zoom':
        eye.fly(about({ zoom: zoomStepped(eye.destination.zoom, intent.steps) }), flightMs)
        return
      case 'look.go-to':
        flyTo(contentAround(scene(), intent.thing), eye.destination.pitch, nearestZoom)
        return
      case 'viewpoint.save': {
        const { viewpoints } = stores.workspace.getState()
        stores.workspace.setState({ viewpoints: { ...viewpoints, [intent.name]: eye.destination } })
        return
      }
    }
  }
}
