// Where the person looks: flights, zoom, fit, tilt, and the viewpoints kept by name.

import {
  aboutPoint,
  fit,
  flatPitch,
  rectOfPlace,
  rectOfTitle,
  rectOfWindow,
  tiltedPitch,
  unproject,
  zoomStepped,
  type Content,
  type Projection,
  type Rect,
} from '../scene/projection.js'
import type { SceneDescription, WindowNode } from '../scene/types.js'
import type { ThingRef } from '../state/interaction.js'
import type { Viewpoint } from '../state/workspace.js'
import type { Ground } from './ground.js'
import type { Intent } from './intents.js'

type LookIntent = Extract<Intent, { readonly kind: `look.${string}` | 'viewpoint.save' }>

/** look.md 2.4 */
export const flightMs = 320
const tiltMs = 280
/** Going to one thing does not come nearer than this. */
const nearestZoom = 1.25

export function contentOf(scene: SceneDescription): Content {
  return { places: [...scene.places.values()], windows: [...scene.windows.values()] }
}

/** Whether a rectangle is whole in what bars and panels leave free. */
function isInSight({ viewport }: Projection, rect: Rect | undefined): boolean {
  return (
    rect !== undefined &&
    rect.x >= viewport.left &&
    rect.y >= viewport.top &&
    rect.x + rect.width <= viewport.width - viewport.right &&
    rect.y + rect.height <= viewport.height - viewport.bottom
  )
}

function isAllInSight(projection: Projection, content: Content): boolean {
  return (
    content.places.every((place) => isInSight(projection, rectOfPlace(projection, place))) &&
    content.windows.every((window) => isInSight(projection, rectOfWindow(projection, window)))
  )
}

/** How far a rectangle is outside of a range, and to which side. */
const outside = (from: number, to: number, least: number, most: number): number =>
  from < least ? from - least : Math.max(0, to - most)

/**
 * Where to look so that the title bar of a window is in sight; undefined when it is. Who saw everything else sees everything;
 * else the view moves no further than it must.
 */
export function towardTitle(
  projection: Projection,
  scene: SceneDescription,
  window: WindowNode,
): Viewpoint | undefined {
  const rect = rectOfTitle(projection, window)
  if (rect === undefined || isInSight(projection, rect)) return undefined
  const { viewport, viewpoint, centreX, centreY } = projection
  const content = contentOf(scene)
  const others = { ...content, windows: content.windows.filter((each) => each !== window) }
  if (isAllInSight(projection, others)) return fit(viewport, content, viewpoint.pitch)
  const air = 12
  const dx = outside(rect.x, rect.x + rect.width, viewport.left + air, viewport.width - viewport.right - air)
  const dy = outside(rect.y, rect.y + rect.height, viewport.top + air, viewport.height - viewport.bottom - air)
  const middle = unproject(projection, centreX + dx, centreY + dy)
  return middle === undefined ? undefined : { ...viewpoint, ...middle }
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
        const pitch = eye.destination.pitch === flatPitch ? tiltedPitch : flatPitch
        // The pitch alone: what stands in the middle stays there, and no word changes its size by much. Seeing all of it
        // again is another key.
        eye.fly(about({ pitch }), tiltMs)
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
