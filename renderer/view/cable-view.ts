// A cable on the plane: one ribbon whose shader draws casing, lines, dashes and beads at constant px, a ring at its source
// and a disc at its target. Beads are only drawn while calls are counted; their phase is one shared value.

import { BufferAttribute, BufferGeometry, Color, DoubleSide, Mesh, type ShaderMaterial } from 'three'
import type { CableNode, Point } from '../scene/types.js'
import { asLayer, layerMaterial, setUniforms } from './layer.js'
import { orders, type SceneView, type ViewContext } from './scene-view.js'

const cornerRadius = 20
const cornerSteps = 6
/** Half of the ribbon in px: room for the widest casing and the largest bead. */
const reach = 6

const vertex = /* glsl */ `
attribute vec2 normal2;
attribute vec2 tangent2;
attribute float side;
attribute float along;
attribute float dot;
uniform float sinPitch;
uniform vec2 viewport;
varying float across;
varying float way;
varying float pxPerUnit;
varying float spread;
varying vec2 round;
varying float isDot;
const float reach = ${reach.toFixed(1)};
void main() {
  vec4 clip = projectionMatrix * viewMatrix * vec4(position.xy, 0.0, 1.0);
  isDot = dot;
  if (dot > 0.5) {
    // Ends face the viewer: corners of a square around the end point.
    round = vec2(side, along) * reach;
    way = 0.0;
    pxPerUnit = 1.0;
    spread = 1.0;
    across = 0.0;
    gl_Position = clip + vec4(round / viewport * 2.0 * clip.w, 0.0, 0.0);
    return;
  }
  float unit = clip.w / 3011.0;
  float seen = length(vec2(normal2.x, normal2.y * sinPitch));
  vec2 offset = normal2 * side * reach * unit / max(seen, 0.3);
  across = side * reach;
  way = along;
  pxPerUnit = length(vec2(tangent2.x, tangent2.y * sinPitch)) / unit;
  // Units of a px in the middle of the view: by it dashes and beads keep their distance in px at every zoom.
  spread = cameraPosition.z / (sinPitch * 3011.0);
  round = vec2(0.0);
  gl_Position = projectionMatrix * viewMatrix * vec4(position.xy + offset, 0.0, 1.0);
}`

const fragment = /* glsl */ `
uniform vec3 colour;
uniform vec3 ground;
uniform vec3 bead;
uniform vec3 bad;
uniform float width;
uniform float casing;
uniform float twin;
uniform vec2 dash;
uniform float alpha;
uniform float spacing;
uniform float beadSize;
uniform float failed;
uniform float phase;
varying float across;
varying float way;
varying float pxPerUnit;
varying float spread;
varying vec2 round;
varying float isDot;

float cover(float distance, float halfWidth) {
  return clamp(halfWidth - distance + 0.5, 0.0, 1.0);
}

void main() {
  if (isDot > 0.5) {
    float r = length(round);
    float isRing = step(isDot, 1.5);
    float disc = cover(r, mix(4.5, 4.0, isRing));
    vec3 inside = mix(colour, ground, isRing * cover(r, 2.5));
    gl_FragColor = vec4(inside, disc * alpha);
    return;
  }
  float d = abs(across);
  float line = twin > 0.5 ? cover(abs(d - 1.75), 0.75) : cover(d, width * 0.5);
  if (dash.y > 0.0) line *= step(mod(way / spread, dash.x + dash.y), dash.x);
  float around = casing > 0.0 ? cover(d, casing * 0.5) : 0.0;
  vec3 paint = mix(ground, colour, line);
  float opacity = max(around, line) * alpha;
  if (spacing > 0.0) {
    float place = way / spread - phase;
    float index = floor(place / spacing);
    float t = (fract(place / spacing) - 0.5) * spacing * spread * pxPerUnit;
    bool isBad = fract(sin(index * 12.9898) * 43758.5453) < failed;
    float distance = isBad ? (abs(t) + d) * 0.78 : length(vec2(t, d));
    float rim = cover(distance, beadSize + 1.0);
    paint = mix(paint, ground, rim);
    paint = mix(paint, isBad ? bad : bead, cover(distance, beadSize));
    opacity = max(opacity, rim * alpha);
  }
  if (opacity <= 0.0) discard;
  gl_FragColor = vec4(paint, opacity);
}`

/** The corners of a way made round. */
export function roundCorners(points: readonly Point[], radius: number): readonly Point[] {
  const rounded: Point[] = []
  points.forEach((corner, at) => {
    const [before, after] = [points[at - 1], points[at + 1]]
    if (before === undefined || after === undefined) {
      rounded.push(corner)
      return
    }
    const into = Math.hypot(corner.x - before.x, corner.y - before.y)
    const out = Math.hypot(after.x - corner.x, after.y - corner.y)
    const r = Math.min(radius, into / 2, out / 2)
    if (r < 0.5) {
      rounded.push(corner)
      return
    }
    const a = { x: corner.x + ((before.x - corner.x) / into) * r, y: corner.y + ((before.y - corner.y) / into) * r }
    const b = { x: corner.x + ((after.x - corner.x) / out) * r, y: corner.y + ((after.y - corner.y) / out) * r }
    for (let step = 0; step <= cornerSteps; step += 1) {
      const t = step / cornerSteps
      const [u, v, w] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t]
      rounded.push({ x: u * a.x + v * corner.x + w * b.x, y: u * a.y + v * corner.y + w * b.y })
    }
  })
  return rounded
}

function geometryOf(node: CableNode): BufferGeometry {
  const points = roundCorners(node.points, cornerRadius)
  const positions: number[] = []
  const normals: number[] = []
  const tangents: number[] = []
  const sides: number[] = []
  const alongs: number[] = []
  const dots: number[] = []
  const indices: number[] = []
  const push = (point: Point, n: Point, t: Point, side: number, along: number, dot: number): void => {
    positions.push(point.x, point.y, 0)
    normals.push(n.x, n.y)
    tangents.push(t.x, t.y)
    sides.push(side)
    alongs.push(along)
    dots.push(dot)
  }
  let along = 0
  points.forEach((point, at) => {
    const before = points[at - 1] ?? point
    const after = points[at + 1] ?? point
    const length = Math.hypot(after.x - before.x, after.y - before.y) || 1
    const t = { x: (after.x - before.x) / length, y: (after.y - before.y) / length }
    along += Math.hypot(point.x - before.x, point.y - before.y)
    const n = { x: -t.y, y: t.x }
    push(point, n, t, -1, along, 0)
    push(point, n, t, 1, along, 0)
    if (at > 0) {
      const base = at * 2
      indices.push(base - 2, base - 1, base, base - 1, base + 1, base)
    }
  })
  const none = { x: 0, y: 0 }
  const end = (point: Point | undefined, dot: number): void => {
    if (point === undefined) return
    const base = sides.length
    for (const [x, y] of [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const)
      push(point, none, none, x, y, dot)
    indices.push(base, base + 1, base + 2, base, base + 2, base + 3)
  }
  end(node.points[0], 1)
  if (node.state !== 'broken' || node.points.length > 2) end(node.points[node.points.length - 1], 2)
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(positions), 3))
  geometry.setAttribute('normal2', new BufferAttribute(new Float32Array(normals), 2))
  geometry.setAttribute('tangent2', new BufferAttribute(new Float32Array(tangents), 2))
  geometry.setAttribute('side', new BufferAttribute(new Float32Array(sides), 1))
  geometry.setAttribute('along', new BufferAttribute(new Float32Array(alongs), 1))
  geometry.setAttribute('dot', new BufferAttribute(new Float32Array(dots), 1))
  geometry.setIndex(indices)
  return geometry
}

/** Px between beads: the busier, the nearer. */
export function beadSpacing(perSecond: number): number {
  if (perSecond <= 0) return 0
  if (perSecond <= 10) return 96
  if (perSecond <= 100) return 64
  return perSecond <= 1000 ? 40 : 24
}

export class CableView implements SceneView<CableNode> {
  readonly #context: ViewContext
  readonly #material: ShaderMaterial
  readonly #mesh: Mesh
  #geometry: BufferGeometry

  constructor(node: CableNode, context: ViewContext) {
    this.#context = context
    const { colours, resources } = context
    this.#material = layerMaterial(resources, {
      vertexShader: vertex,
      fragmentShader: fragment,
      // A way turns left and right, so its ribbon has no front.
      side: DoubleSide,
      uniforms: {
        colour: { value: new Color() },
        ground: { value: colours.plane },
        bead: { value: colours.ink },
        bad: { value: colours.bad },
        width: { value: 1.75 },
        casing: { value: 0 },
        twin: { value: 0 },
        dash: { value: [0, 0] },
        alpha: { value: 1 },
        spacing: { value: 0 },
        beadSize: { value: 2.8 },
        failed: { value: 0 },
        phase: context.clock.phase,
        sinPitch: context.clock.sinPitch,
        viewport: context.clock.viewport,
      },
    })
    this.#geometry = resources.own(geometryOf(node))
    this.#mesh = asLayer(new Mesh(this.#geometry, this.#material), orders.cable)
    context.root.add(this.#mesh)
    this.#paint(node)
  }

  update(node: CableNode, previous: CableNode): void {
    if (node.points !== previous.points || node.state !== previous.state) {
      this.#context.resources.drop(this.#geometry)
      this.#geometry = this.#context.resources.own(geometryOf(node))
      this.#mesh.geometry = this.#geometry
    }
    this.#paint(node)
  }

  dispose(): void {
    this.#mesh.removeFromParent()
    this.#context.resources.drop(this.#geometry)
    this.#context.resources.drop(this.#material)
  }

  #paint(node: CableNode): void {
    const { colours } = this.#context
    const isLattice = node.transport === 'lattice'
    const wide = node.isSelected ? 1.5 : 0
    const colour = isLattice ? colours.lattice : node.transport === 'worker' ? colours.worker : colours.proc
    const rate = node.state === 'flowing' ? (node.traffic?.perSecond ?? 0) : 0
    const errors = node.traffic?.errorsPerSecond ?? 0
    const values = {
      colour: node.state === 'broken' ? colours.bad : colour,
      width: (isLattice ? 3.5 : 1.75) + wide,
      casing: isLattice ? 8 : 0,
      twin: node.transport === 'worker' ? 1 : 0,
      dash: node.state === 'stale' || node.state === 'broken' ? [3, 6] : [0, 0],
      alpha: node.state === 'stale' ? 0.55 : 1,
      spacing: beadSpacing(rate),
      beadSize: isLattice ? 4 : 2.8,
      failed: rate > 0 ? Math.min(1, errors / rate) : 0,
    }
    setUniforms(this.#material, values)
  }
}
