// The shadow of a window on its slab: from the foot to the right and back, soft at its far edges. The window itself is DOM,
// or a card (far-windows.ts).

import { Mesh, type ShaderMaterial, Vector2, Vector4 } from 'three'
import type { WindowNode } from '../scene/types.js'
import { asLayer, layerMaterial, setUniforms } from './layer.js'
import { releaseQuad, takeQuad } from './plane-rectangle.js'
import { orders, type SceneView, type ViewContext } from './scene-view.js'

const vertex = /* glsl */ `
uniform vec2 foot;
uniform vec4 reach;
varying vec2 at;
void main() {
  at = position.xy;
  // reach: width, lean to the right, depth, softness. The shadow leans: its far edge lies further right.
  float across = (at.x - 0.5) * reach.x + at.y * reach.y + reach.w * (at.x - 0.5);
  gl_Position = projectionMatrix * viewMatrix * vec4(foot + vec2(across, at.y * reach.z), 0.0, 1.0);
}`

const fragment = /* glsl */ `
uniform vec3 colour;
uniform float alpha;
varying vec2 at;
void main() {
  float soft = smoothstep(0.0, 0.08, at.x) * (1.0 - smoothstep(0.9, 1.0, at.x)) * (1.0 - smoothstep(0.35, 1.0, at.y));
  gl_FragColor = vec4(colour, alpha * soft);
}`

export class WindowShadowView implements SceneView<WindowNode> {
  readonly #context: ViewContext
  readonly #material: ShaderMaterial
  readonly #mesh: Mesh

  constructor(node: WindowNode, context: ViewContext) {
    this.#context = context
    this.#material = layerMaterial(context.resources, {
      vertexShader: vertex,
      fragmentShader: fragment,
      uniforms: {
        foot: { value: new Vector2() },
        reach: { value: new Vector4() },
        colour: { value: context.colours.shadow },
        alpha: context.colours.shadowAlpha,
      },
    })
    this.#mesh = asLayer(new Mesh(takeQuad(context.resources), this.#material), orders.windowShadow)
    context.root.add(this.#mesh)
    this.update(node)
  }

  update(node: WindowNode): void {
    const depth = (node.isMinimised ? 30 : node.height) * 0.55
    const reach = new Vector4(node.width, depth * 0.42, depth, 16)
    setUniforms(this.#material, { reach, foot: new Vector2(node.foot.x, node.foot.y) })
    this.#mesh.visible = node.state !== 'stopped' && !node.isDragged
  }

  dispose(): void {
    this.#mesh.removeFromParent()
    this.#context.resources.drop(this.#material)
    releaseQuad(this.#context.resources)
  }
}
