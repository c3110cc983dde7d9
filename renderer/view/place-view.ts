// A slab on the plane: top, edge by its state and verdict, rail, the face under it, soft shadow. The words of its lip and
// its fixtures are DOM.

import type { PlaceNode } from '../scene/types.js'
import { LipFace, type LipFaceLook } from './lip-face.js'
import { PlaneRectangle, type RectangleLook } from './plane-rectangle.js'
import { orders, type SceneView, type ViewContext } from './scene-view.js'

const cornerRadius = 16
/** The lip hangs in front of the slab; its shadow is the slab's. */
const lipReach = 46
const shadow = { right: 14, front: 10, blur: 26 }

/** How a slab looks, by what it says of itself and of a window that might come. */
export function lookOfPlace(node: PlaceNode, { colours }: Pick<ViewContext, 'colours'>): RectangleLook {
  const base = {
    x: node.x,
    y: node.y,
    width: node.width,
    depth: node.depth,
    radius: cornerRadius,
    fill: node.state === 'gone' ? colours.plane : colours.slab,
    fillAlpha: 1,
    rail: node.state === 'gone' ? undefined : colours.well,
    hasInnerLine: node.state === 'cordoned',
  }
  const line = colours.line.value
  switch (node.verdict?.kind) {
    case 'asking':
      return { ...base, edge: colours.ink3, edgeWidth: line, dash: [6, 4] }
    case 'accepts':
      return { ...base, edge: colours.good, edgeWidth: 2.5 }
    case 'but':
      return { ...base, edge: colours.warn, edgeWidth: 2.5 }
    case 'refuses':
      return { ...base, edge: colours.bad, edgeWidth: 2.5, dash: [10, 5], stripe: colours['bad-bg'] }
    case undefined:
      break
  }
  if (node.isSelected) return { ...base, edge: colours.lit, edgeWidth: 2 }
  const isQuiet = node.state === 'stale' || node.state === 'gone'
  return {
    ...base,
    edge: isQuiet ? colours.ink3 : colours['slab-hi'],
    edgeWidth: line,
    dash: isQuiet ? [2, 5] : undefined,
  }
}

export class PlaceView implements SceneView<PlaceNode> {
  readonly #context: ViewContext
  readonly #slab: PlaneRectangle
  readonly #lip: LipFace
  readonly #shadow: PlaneRectangle

  constructor(node: PlaceNode, context: ViewContext) {
    this.#context = context
    this.#slab = new PlaneRectangle(context.resources, lookOfPlace(node, context), orders.place)
    this.#shadow = new PlaneRectangle(context.resources, this.#lookOfShadow(node), orders.placeShadow)
    const { line } = context.colours
    this.#lip = new LipFace(context.resources, this.#lookOfLip(node), line, context.clock.sinPitch, orders.lip)
    context.root.add(this.#shadow.mesh, this.#lip.mesh, this.#slab.mesh)
    this.#shadow.mesh.visible = node.state !== 'gone'
  }

  update(node: PlaceNode): void {
    this.#slab.update(lookOfPlace(node, this.#context))
    this.#lip.update(this.#lookOfLip(node))
    this.#shadow.update(this.#lookOfShadow(node))
    this.#shadow.mesh.visible = node.state !== 'gone'
  }

  dispose(): void {
    this.#slab.dispose()
    this.#lip.dispose()
    this.#shadow.dispose()
  }

  #lookOfLip(node: PlaceNode): LipFaceLook {
    const { colours } = this.#context
    const colour = node.state === 'gone' ? colours.plane : colours.lip
    return { x: node.x, y: node.y, width: node.width, colour, edge: colours['slab-hi'] }
  }

  #lookOfShadow(node: PlaceNode): RectangleLook {
    const { colours } = this.#context
    return {
      x: node.x + shadow.right,
      y: node.y - lipReach - shadow.front,
      width: node.width,
      depth: node.depth + lipReach,
      radius: cornerRadius,
      fill: colours.shadow,
      fillAlpha: colours.shadowAlpha,
      edge: colours.shadow,
      edgeWidth: 0,
      blur: shadow.blur,
    }
  }
}
