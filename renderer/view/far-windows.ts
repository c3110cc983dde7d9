// Windows that are too many or too small for DOM: plain bodies with a title strip, facing the viewer, in one instanced
// call, far ones first. Failed ones keep a mark of constant size at every distance.

import {
  BufferAttribute,
  DynamicDrawUsage,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  Mesh,
  type ShaderMaterial,
} from 'three'
import type { SceneDescription, WindowNode } from '../scene/types.js'
import { asLayer, layerMaterial } from './layer.js'
import type { Level } from './levels.js'
import { orders, type ViewContext } from './scene-view.js'

const vertex = /* glsl */ `
attribute vec4 stand;
attribute vec2 tone;
varying vec2 at;
varying vec2 px;
varying vec2 kind;
void main() {
  // Facing the viewer: the foot is projected, the body added in view space.
  vec4 eye = viewMatrix * vec4(stand.xy, 0.0, 1.0);
  eye.xy += vec2((position.x - 0.5) * stand.z, position.y * stand.w);
  at = position.xy;
  px = stand.zw * 3011.0 / -eye.z;
  kind = tone;
  gl_Position = projectionMatrix * eye;
}`

const fragment = /* glsl */ `
uniform vec3 body;
uniform vec3 bar;
uniform vec3 line;
uniform vec3 lit;
uniform vec3 bad;
uniform vec3 ground;
varying vec2 at;
varying vec2 px;
varying vec2 kind;
void main() {
  vec2 from = min(at, 1.0 - at) * px;
  vec3 colour = px.x > 24.0 && (1.0 - at.y) * px.y < max(3.0, px.y * 0.125) ? bar : body;
  if (px.x <= 24.0) colour = mix(body, lit, kind.y);
  if (px.x > 8.0 && min(from.x, from.y) < 1.0) colour = kind.x > 0.5 ? bad : line;
  if (kind.x > 0.5) {
    vec2 q = (at - 0.5) * px;
    float mark = max(abs(q.x), abs(q.y));
    if (mark < 5.5) colour = min(abs(q.x - q.y), abs(q.x + q.y)) < 1.4 && mark < 4.0 ? ground : bad;
  }
  gl_FragColor = vec4(colour, 1.0);
}`

/** 0 (quiet) to 1: brightness of a cell by the log of its calls. */
const busyness = (node: WindowNode): number => (node.state === 'busy' ? 0.6 : node.state === 'running' ? 0.25 : 0.05)

export class FarWindows {
  readonly #context: ViewContext
  readonly #material: ShaderMaterial
  readonly #mesh: Mesh
  #geometry: InstancedBufferGeometry
  #capacity = 0
  #drawn: { readonly scene: SceneDescription; readonly levels: ReadonlyMap<string, Level> } | undefined

  constructor(context: ViewContext) {
    this.#context = context
    const { colours, resources } = context
    this.#material = layerMaterial(resources, {
      vertexShader: vertex,
      fragmentShader: fragment,
      uniforms: {
        body: { value: colours.win },
        bar: { value: colours.bar },
        line: { value: colours['win-line'] },
        lit: { value: colours.lit },
        bad: { value: colours.bad },
        ground: { value: colours.plane },
      },
    })
    this.#geometry = this.#makeGeometry(16)
    this.#mesh = asLayer(new Mesh(this.#geometry, this.#material), orders.card)
    this.#mesh.visible = false
    context.root.add(this.#mesh)
  }

  /** Draws the windows that no element shows. */
  update(scene: SceneDescription, levels: ReadonlyMap<string, Level>): void {
    if (this.#drawn?.scene === scene && this.#drawn.levels === levels) return
    this.#drawn = { scene, levels }
    const nodes = [...scene.windows.values()].filter((node) => {
      const level = levels.get(node.key)
      return level === 'tag' || level === 'cell'
    })
    this.#mesh.visible = nodes.length > 0
    if (nodes.length === 0) return
    nodes.sort((a, b) => b.foot.y - a.foot.y || a.rank - b.rank)
    if (nodes.length > this.#capacity) {
      this.#context.resources.drop(this.#geometry)
      this.#geometry = this.#makeGeometry(2 ** Math.ceil(Math.log2(nodes.length)))
      this.#mesh.geometry = this.#geometry
    }
    const stand = this.#geometry.getAttribute('stand')
    const tone = this.#geometry.getAttribute('tone')
    nodes.forEach((node, index) => {
      stand.setXYZW(index, node.foot.x, node.foot.y, node.width, node.isMinimised ? 30 : node.height)
      tone.setXY(index, node.state === 'failed' ? 1 : 0, busyness(node))
    })
    stand.needsUpdate = true
    tone.needsUpdate = true
    this.#geometry.instanceCount = nodes.length
  }

  dispose(): void {
    this.#mesh.removeFromParent()
    this.#context.resources.drop(this.#geometry)
    this.#context.resources.drop(this.#material)
  }

  #makeGeometry(capacity: number): InstancedBufferGeometry {
    this.#capacity = capacity
    const geometry = this.#context.resources.own(new InstancedBufferGeometry())
    const corners = new Float32Array([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0])
    geometry.setAttribute('position', new BufferAttribute(corners, 3))
    geometry.setIndex([0, 1, 2, 0, 2, 3])
    const stand = new InstancedBufferAttribute(new Float32Array(capacity * 4), 4)
    const tone = new InstancedBufferAttribute(new Float32Array(capacity * 2), 2)
    stand.setUsage(DynamicDrawUsage)
    tone.setUsage(DynamicDrawUsage)
    geometry.setAttribute('stand', stand)
    geometry.setAttribute('tone', tone)
    geometry.instanceCount = 0
    return geometry
  }
}
