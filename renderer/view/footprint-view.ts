// Where a window in the hand would stand, and the dashed outline at its home.

import type { FootprintNode } from '../scene/types.js'
import { PlaneRectangle, type RectangleLook } from './plane-rectangle.js'
import { orders, type SceneView, type ViewContext } from './scene-view.js'

function lookOfFootprint(node: FootprintNode, { colours }: ViewContext): RectangleLook {
  const base = {
    x: node.foot.x - node.width / 2,
    y: node.foot.y,
    width: node.width,
    depth: node.depth,
    radius: 8,
  }
  if (node.role === 'home') {
    return { ...base, fill: colours.slab, fillAlpha: 0, edge: colours.ink2, edgeWidth: 1.5, dash: [6, 5] }
  }
  switch (node.verdict) {
    case 'accepts':
      return { ...base, fill: colours['good-bg'], fillAlpha: 1, edge: colours.good, edgeWidth: 2 }
    case 'but':
      return { ...base, fill: colours['good-bg'], fillAlpha: 1, edge: colours.warn, edgeWidth: 2 }
    case 'refuses':
      return { ...base, fill: colours['bad-bg'], fillAlpha: 1, edge: colours.bad, edgeWidth: 2, dash: [10, 5] }
    case 'asking':
    case undefined:
      return { ...base, fill: colours.slab, fillAlpha: 0, edge: colours.ink3, edgeWidth: 1.5, dash: [6, 4] }
  }
}

export class FootprintView implements SceneView<FootprintNode> {
  readonly #context: ViewContext
  readonly #rectangle: PlaneRectangle

  constructor(node: FootprintNode, context: ViewContext) {
    this.#context = context
    this.#rectangle = new PlaneRectangle(context.resources, lookOfFootprint(node, context), orders.footprint)
    context.root.add(this.#rectangle.mesh)
  }

  update(node: FootprintNode): void {
    this.#rectangle.update(lookOfFootprint(node, this.#context))
  }

  dispose(): void {
    this.#rectangle.dispose()
  }
}
