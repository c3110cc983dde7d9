// The front face of a place: a strip parallel to the screen that hangs under the front edge of its slab, with round corners
// below. Its words are DOM; this is the face under them.

import { Color, Mesh, type PerspectiveCamera, type ShaderMaterial, Vector2 } from 'three'
import { lipHeightAt, project, type Projection } from '../scene/projection.js'
import { distances, flatMaterial, order, sizedVertex, unitSquare } from './shapes.js'
import { slabRadius } from './slab.js'

const fragment = /* glsl */ `
  uniform vec2 size;
  uniform vec3 colour;
  uniform vec3 edgeColour;
  uniform float edge;
  varying vec2 at;
  ${distances}
  void main() {
    float distance = roundBox(at, size, ${slabRadius.toFixed(1)});
    float line = edge * clamp(edge + 0.5 + distance / max(fwidth(distance), 1e-6), 0.0, 1.0);
    gl_FragColor = vec4(mix(colour, edgeColour, min(1.0, line)), cover(distance));
  }
`

export interface LipMesh {
  readonly mesh: Mesh
  /** The slab it hangs from: left end of the front edge, and the width. */
  hang(x: number, y: number, width: number): void
  /** Turns it to the screen; its height is px of the screen, not units. */
  face(projection: Projection, camera: PerspectiveCamera): void
  /** `edge`: px of a line around it (contrast themes), 0: none. */
  restyle(colour: Color, edgeColour: Color, edge: number): void
  dispose(): void
}

export function createLipMesh(): LipMesh {
  const uniforms = {
    size: { value: new Vector2(1, 1) },
    colour: { value: new Color() },
    edgeColour: { value: new Color() },
    edge: { value: 0 },
  }
  const material: ShaderMaterial = flatMaterial(sizedVertex, fragment, uniforms)
  const mesh = new Mesh(unitSquare, material)
  mesh.renderOrder = order.lip
  mesh.frustumCulled = false
  let left = { x: 0, y: 0 }
  let width = 1
  return {
    mesh,
    hang(x, y, wide) {
      left = { x, y }
      width = wide
    },
    face(projection, camera) {
      const at = project(projection, left)
      mesh.visible = at !== undefined
      if (at === undefined) return
      const height = lipHeightAt(at.scale) / at.scale
      // Goes on under the slab, so that the round corners of the slab show the face and not the plane.
      const under = slabRadius * projection.sin
      uniforms.size.value.set(width, height + under)
      // Down the screen from the front edge: along the camera's own up, backwards.
      mesh.position.set(left.x, left.y - height * projection.sin, -height * projection.cos)
      mesh.quaternion.copy(camera.quaternion)
    },
    restyle(colour, edgeColour, edge) {
      uniforms.colour.value = colour
      uniforms.edgeColour.value = edgeColour
      uniforms.edge.value = edge
    },
    dispose: () => material.dispose(),
  }
}
