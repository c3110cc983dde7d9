// The front face of a place: a strip parallel to the screen that hangs under the front edge of its slab. Its words are
// DOM; this is the face under them. Hung and sized in the vertex shader, so that it costs nothing while the eye moves.

import { Mesh, type ShaderMaterial, Vector2, type Color } from 'three'
import { farLipHeight, farLipScale, focal, lipHeight, wordFloor } from '../scene/projection.js'
import { asLayer, layerMaterial, setUniforms } from './layer.js'
import { releaseQuad, takeQuad } from './plane-rectangle.js'
import type { Resources } from './resources.js'

const radius = 16

// The same height as `lipHeightAt` in projection.ts, by which the words are placed.
const vertex = /* glsl */ `
uniform vec2 origin;
uniform float width;
uniform float sinPitch;
varying vec2 at;
varying vec2 size;
void main() {
  vec4 corner = viewMatrix * vec4(origin, 0.0, 1.0);
  float scale = ${focal.toFixed(1)} / max(-corner.z, 1.0);
  float px = scale < ${farLipScale.toFixed(3)} ? ${farLipHeight.toFixed(1)} : ${lipHeight.toFixed(1)} * max(scale, ${wordFloor.toFixed(5)});
  float height = px / scale;
  // It goes on behind the slab, so that the round corners of the slab show the face and not the plane.
  float under = ${radius.toFixed(1)} * max(sinPitch, 0.5);
  size = vec2(width, height + under);
  at = position.xy * size;
  gl_Position = projectionMatrix * vec4(corner.x + at.x, corner.y - height + at.y, corner.z, 1.0);
}`

const fragment = /* glsl */ `
uniform vec3 colour;
uniform vec3 edge;
uniform float line;
varying vec2 at;
varying vec2 size;
void main() {
  float r = min(${radius.toFixed(1)}, size.y * 0.5);
  vec2 q = abs(at - size * 0.5) - size * 0.5 + r;
  float d = min(max(q.x, q.y), 0.0) + length(max(q, 0.0)) - r;
  float px = max(fwidth(d), 1e-4);
  // A line around it only where lines are broad: in the contrast themes it has the colour of the plane.
  float around = line > 1.5 ? clamp(line + 0.5 + d / px, 0.0, 1.0) : 0.0;
  gl_FragColor = vec4(mix(colour, edge, around), clamp(0.5 - d / px, 0.0, 1.0));
}`

export interface LipFaceLook {
  /** Left end of the front edge it hangs from, and its width, in units. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly colour: Color
  readonly edge: Color
}

export class LipFace {
  readonly mesh: Mesh
  readonly #material: ShaderMaterial
  readonly #resources: Resources

  /** `line` and `sinPitch` are shared values. */
  constructor(
    resources: Resources,
    look: LipFaceLook,
    line: { readonly value: number },
    sinPitch: { readonly value: number },
    renderOrder: number,
  ) {
    this.#resources = resources
    this.#material = layerMaterial(resources, {
      vertexShader: vertex,
      fragmentShader: fragment,
      uniforms: {
        origin: { value: new Vector2() },
        width: { value: 1 },
        colour: { value: look.colour },
        edge: { value: look.edge },
        line,
        sinPitch,
      },
    })
    this.mesh = asLayer(new Mesh(takeQuad(resources), this.#material), renderOrder)
    this.update(look)
  }

  update(look: LipFaceLook): void {
    const { width, colour, edge } = look
    setUniforms(this.#material, { origin: new Vector2(look.x, look.y), width, colour, edge })
  }

  dispose(): void {
    this.mesh.removeFromParent()
    this.#resources.drop(this.#material)
    releaseQuad(this.#resources)
  }
}
