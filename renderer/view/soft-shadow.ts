// A soft shadow on the plane: a rectangle or a slanted one whose edge fades. One fragment shader, no texture, nothing that
// is computed again while nothing changes.

import { Color, Mesh, type ShaderMaterial, Vector2 } from 'three'
import { distances, flatMaterial, unitSquare } from './shapes.js'

const vertex = /* glsl */ `
  uniform vec2 size;
  uniform float blur;
  uniform float slant;
  varying vec2 at;
  void main() {
    at = position.xy * (size + 2.0 * blur) - blur;
    vec2 point = vec2(at.x + slant * at.y, at.y);
    gl_Position = projectionMatrix * modelViewMatrix * vec4(point, 0.0, 1.0);
  }
`

const fragment = /* glsl */ `
  uniform vec2 size;
  uniform float blur;
  uniform float fade;
  uniform vec3 colour;
  uniform float strength;
  varying vec2 at;
  ${distances}
  void main() {
    float distance = roundBox(at, size, min(blur, min(size.x, size.y) * 0.5));
    float soft = 1.0 - smoothstep(-blur, blur, distance);
    float thin = 1.0 - fade * clamp(at.y / size.y, 0.0, 1.0);
    gl_FragColor = vec4(colour, strength * soft * soft * thin);
  }
`

export interface SoftShadow {
  readonly mesh: Mesh
  /** Units: the corner nearest to the viewer on the left, the size, how far the edge fades, and how far it slants. */
  shape(at: {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly depth: number
    readonly blur: number
    readonly slant?: number
    /** 0: even; 1: nothing left of it at the far end. */
    readonly fade?: number
  }): void
  restyle(colour: Color, strength: number): void
  dispose(): void
}

export function createSoftShadow(renderOrder: number): SoftShadow {
  const uniforms = {
    size: { value: new Vector2(1, 1) },
    blur: { value: 1 },
    slant: { value: 0 },
    fade: { value: 0 },
    colour: { value: new Color() },
    strength: { value: 0 },
  }
  const material: ShaderMaterial = flatMaterial(vertex, fragment, uniforms)
  const mesh = new Mesh(unitSquare, material)
  mesh.renderOrder = renderOrder
  mesh.frustumCulled = false
  return {
    mesh,
    shape({ x, y, width, depth, blur, slant = 0, fade = 0 }) {
      mesh.position.set(x, y, 0)
      uniforms.size.value.set(Math.max(1, width), Math.max(1, depth))
      uniforms.blur.value = blur
      uniforms.slant.value = slant
      uniforms.fade.value = fade
    },
    restyle(colour, strength) {
      uniforms.colour.value = colour
      uniforms.strength.value = strength
      mesh.visible = strength > 0
    },
    dispose: () => material.dispose(),
  }
}
