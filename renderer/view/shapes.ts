// What all views build from: one unit square, the order of drawing, and pieces of shader. Edges are drawn in the fragment
// shader from signed distances, so that a line is as wide in px as it should be at every zoom and pitch.

import { BufferAttribute, BufferGeometry, type Color, ShaderMaterial, type IUniform } from 'three'

/** Back to front (look.md 3.3). Nothing is tested for depth: order and, within one order, distance decide. */
export const order = {
  ticks: 0,
  slabShadow: 1,
  lip: 2,
  slab: 3,
  cable: 4,
  bead: 5,
  footprint: 6,
  windowShadow: 7,
  card: 8,
} as const

/** (0, 0) to (1, 1); stretched by the mesh that uses it. Shared by all, never disposed of. */
export const unitSquare = new BufferGeometry()
unitSquare.setAttribute('position', new BufferAttribute(new Float32Array([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]), 3))
unitSquare.setIndex([0, 1, 2, 0, 2, 3])

/** Distance to a rectangle with round corners, negative inside; and coverage of a fragment by what is inside. */
export const distances = /* glsl */ `
  float roundBox(vec2 p, vec2 size, float radius) {
    vec2 q = abs(p - size * 0.5) - size * 0.5 + radius;
    return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - radius;
  }
  float cover(float distance) {
    return clamp(0.5 - distance / max(fwidth(distance), 1e-6), 0.0, 1.0);
  }
`

/** Passes the point in the mesh's own units, from (0, 0) to \`size\`. */
export const sizedVertex = /* glsl */ `
  uniform vec2 size;
  varying vec2 at;
  void main() {
    at = position.xy * size;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(at, 0.0, 1.0);
  }
`

/** A shader material over what is behind it. */
export function flatMaterial(
  vertexShader: string,
  fragmentShader: string,
  uniforms: Record<string, IUniform>,
): ShaderMaterial {
  return new ShaderMaterial({
    vertexShader,
    fragmentShader,
    uniforms,
    transparent: true,
    depthTest: false,
    depthWrite: false,
  })
}

/** Sets a colour uniform to a colour that stays the theme's. */
export function setColour(material: ShaderMaterial, name: string, colour: Color): void {
  const uniform = material.uniforms[name]
  if (uniform !== undefined) uniform.value = colour
}
