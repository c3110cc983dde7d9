// Registration ticks: crosses of 10 units every 160, every 480 far away, none when they would be dust. One draw call.

import { BufferAttribute, BufferGeometry, LineSegments } from 'three'
import { unproject, type Projection } from '../scene/projection.js'
import { asLayer, layerMaterial } from './layer.js'
import { orders, type ViewContext } from './scene-view.js'

const arm = 5
const sparseBelow = 0.5
const noneBelow = 0.15
const mostTicks = 4000

/** Units between ticks at a zoom; undefined: no ticks. */
export function tickStep(zoom: number): number | undefined {
  if (zoom < noneBelow) return undefined
  return zoom < sparseBelow ? 480 : 160
}

export class Ticks {
  readonly #context: ViewContext
  readonly #lines: LineSegments
  #geometry: BufferGeometry
  #covered = ''

  constructor(context: ViewContext) {
    this.#context = context
    const material = layerMaterial(context.resources, {
      vertexShader: 'void main() { gl_Position = projectionMatrix * viewMatrix * vec4(position, 1.0); }',
      fragmentShader: 'uniform vec3 colour; void main() { gl_FragColor = vec4(colour, 1.0); }',
      uniforms: { colour: { value: context.colours.tick } },
    })
    this.#geometry = context.resources.own(new BufferGeometry())
    this.#lines = asLayer(new LineSegments(this.#geometry, material), orders.ticks)
    context.root.add(this.#lines)
  }

  /** Covers what is in view, with a margin, and again only when the view leaves it. */
  update(projection: Projection): void {
    const step = tickStep(projection.viewpoint.zoom)
    this.#lines.visible = step !== undefined && this.#context.colours.tickAlpha.value > 0
    if (step === undefined || !this.#lines.visible) return
    const { width, height } = projection.viewport
    const farLeft = unproject(projection, 0, 0)
    const farRight = unproject(projection, width, 0)
    const near = unproject(projection, 0, height)
    if (farLeft === undefined || farRight === undefined || near === undefined) return
    const block = step * 4
    const floor = (value: number): number => Math.floor(value / block) * block
    const [left, right] = [floor(farLeft.x), floor(farRight.x) + block]
    const [front, back] = [floor(near.y), floor(farLeft.y) + block]
    const covered = [step, left, right, front, back].join(' ')
    if (covered === this.#covered) return
    this.#covered = covered
    const positions: number[] = []
    for (let x = left; x <= right && positions.length < mostTicks * 12; x += step)
      for (let y = front; y <= back; y += step)
        positions.push(x - arm, y, 0, x + arm, y, 0, x, y - arm, 0, x, y + arm, 0)
    this.#context.resources.drop(this.#geometry)
    this.#geometry = this.#context.resources.own(new BufferGeometry())
    this.#geometry.setAttribute('position', new BufferAttribute(new Float32Array(positions), 3))
    this.#lines.geometry = this.#geometry
  }

  dispose(): void {
    this.#lines.removeFromParent()
    this.#context.resources.drop(this.#geometry)
    const { material } = this.#lines
    if (!Array.isArray(material)) this.#context.resources.drop(material)
  }
}
