// Carries out a patch: a map from id to view, a table from kind to view. Nothing else, and no line per feature.

import type { PatchStep } from '../scene/reconcile.js'
import type { CableNode, FootprintNode, PlaceNode, WindowNode } from '../scene/types.js'
import { CableView } from './cable-view.js'
import { FootprintView } from './footprint-view.js'
import { PlaceView } from './place-view.js'
import type { SceneView, ViewContext } from './scene-view.js'
import { WindowShadowView } from './window-shadow-view.js'

type Node = PlaceNode | WindowNode | CableNode | FootprintNode

function viewOf(node: Node, context: ViewContext): SceneView<Node> {
  // Each view is updated with nodes of its own kind only: ids are kept by kind below.
  switch (node.kind) {
    case 'place':
      return new PlaceView(node, context)
    case 'window':
      return new WindowShadowView(node, context)
    case 'cable':
      return new CableView(node, context)
    case 'footprint':
      return new FootprintView(node, context)
  }
}

export class World {
  readonly #context: ViewContext
  readonly #views = new Map<string, { readonly view: SceneView<Node>; node: Node }>()

  constructor(context: ViewContext) {
    this.#context = context
  }

  /** `kind id` of everything that is drawn. */
  get ids(): readonly string[] {
    return [...this.#views.keys()].sort()
  }

  apply(patch: readonly PatchStep[]): void {
    for (const step of patch) {
      if (step.act === 'remove') {
        const key = `${step.kind} ${step.id}`
        this.#views.get(key)?.view.dispose()
        this.#views.delete(key)
        continue
      }
      const key = `${step.node.kind} ${step.id}`
      const known = this.#views.get(key)
      if (known === undefined) {
        this.#views.set(key, { view: viewOf(step.node, this.#context), node: step.node })
      } else {
        known.view.update(step.node, known.node)
        known.node = step.node
      }
    }
  }

  /** Everything again, for what views copied from a theme that has changed. */
  repaint(): void {
    for (const { view, node } of this.#views.values()) view.update(node, node)
  }

  dispose(): void {
    for (const { view } of this.#views.values()) view.dispose()
    this.#views.clear()
  }
}
