// A rounded rectangle lying on the plane, drawn by one quad: distance to its edge decides everything, so lines keep their
// width in px at every distance and need no multisampling. Slabs, footprints and soft shadows are such rectangles.

import { BufferAttribute, BufferGeometry, Mesh, type ShaderMaterial, Vector2, type Color } from 'three'
import { asLayer, layerMaterial, setUniforms } from './layer.js'
import type { Resources } from './resources.js'

const vertex = /* glsl */ `
uniform vec2 origin;
uniform vec2 size;
uniform float pad;
varying vec2 at;
void main() {
  at = position.xy * (size + 2.0 * pad) - pad - size * 0.5;
  gl_Position = projectionMatrix * viewMatrix * vec4(origin + size * 0.5 + at, 0.0, 1.0);
}`

const fragment = /* glsl */ `
uniform vec2 size;
uniform float radius;
uniform vec3 fill;
uniform float fillAlpha;
uniform vec3 edge;
uniform float edgeWidth;
uniform vec2 dash;
uniform float inner;
uniform vec3 stripe;
uniform float stripeAlpha;
uniform vec3 well;
uniform float hasRail;
uniform float blur;
varying vec2 at;

float rounded(vec2 p, vec2 halfSize, float r) {
  vec2 q = abs(p) - halfSize + r;
  return min(max(q.x, q.y), 0.0) + length(max(q, 0.0)) - r;
}

void main() {
  vec2 halfSize = size * 0.5;
  float d = rounded(at, halfSize, radius);
  if (blur > 0.0) {
    float soft = 1.0 - smoothstep(-blur, blur, d);
    gl_FragColor = vec4(fill, fillAlpha * soft);
    return;
  }
  // Units of a px here, along the distance; clamped so that the far side of a large slab stays sane.
  float px = max(fwidth(d), 1e-4);
  float inside = clamp(0.5 - d / px, 0.0, 1.0);
  vec3 colour = fill;
  float alpha = fillAlpha;
  if (hasRail > 0.5) {
    vec2 railAt = at - vec2(0.0, -halfSize.y + 28.0);
    float rail = rounded(railAt, vec2(halfSize.x - 12.0, 20.0), 10.0);
    colour = mix(colour, well, clamp(0.5 - rail / max(fwidth(rail), 1e-4), 0.0, 1.0));
  }
  if (stripeAlpha > 0.0) {
    float band = mod(at.x + at.y * 1.27, 18.0);
    colour = mix(colour, stripe, stripeAlpha * step(band, 9.0));
  }
  vec2 fromEdge = halfSize - abs(at);
  float along = fromEdge.x < fromEdge.y ? at.y : at.x;
  float on = dash.y > 0.0 ? step(mod(along, dash.x + dash.y), dash.x) : 1.0;
  float line = clamp(0.5 - (abs(d + edgeWidth * 0.5 * px) - edgeWidth * 0.5 * px) / px, 0.0, 1.0) * on;
  if (inner > 0.0) {
    float second = clamp(0.5 - (abs(d + 6.0) - edgeWidth * 0.5 * px) / px, 0.0, 1.0);
    line = max(line, second * step(d, -2.0));
  }
  colour = mix(colour, edge, line);
  alpha = max(alpha, line) * inside;
  gl_FragColor = vec4(colour, alpha);
}`

/** How a rectangle looks. Colours are taken by reference, widths are px, dashes and blur units. */
export interface RectangleLook {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly depth: number
  readonly radius: number
  readonly fill: Color
  readonly fillAlpha: number | { readonly value: number }
  readonly edge: Color
  readonly edgeWidth: number
  readonly dash?: readonly [number, number] | undefined
  readonly hasInnerLine?: boolean | undefined
  readonly stripe?: Color | undefined
  readonly rail?: Color | undefined
  readonly blur?: number | undefined
}

const quadKey = 'unit quad'

/** The unit quad that everything drawn by distance shares. */
export function takeQuad(resources: Resources): BufferGeometry {
  return resources.take(quadKey, () => {
    const geometry = new BufferGeometry()
    const corners = new Float32Array([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0])
    geometry.setAttribute('position', new BufferAttribute(corners, 3))
    geometry.setIndex([0, 1, 2, 0, 2, 3])
    return geometry
  })
}

export function releaseQuad(resources: Resources): void {
  resources.release(quadKey)
}

/** One rectangle of the plane; `renderOrder` decides what is over it, nothing is depth tested. */
export class PlaneRectangle {
  readonly mesh: Mesh
  readonly #material: ShaderMaterial
  readonly #resources: Resources

  constructor(resources: Resources, look: RectangleLook, renderOrder: number) {
    this.#resources = resources
    this.#material = layerMaterial(resources, {
      vertexShader: vertex,
      fragmentShader: fragment,
      uniforms: {
        origin: { value: new Vector2() },
        size: { value: new Vector2() },
        pad: { value: 0 },
        radius: { value: 0 },
        fill: { value: look.fill },
        fillAlpha: { value: 0 },
        edge: { value: look.edge },
        edgeWidth: { value: 1 },
        dash: { value: new Vector2() },
        inner: { value: 0 },
        stripe: { value: look.edge },
        stripeAlpha: { value: 0 },
        well: { value: look.fill },
        hasRail: { value: 0 },
        blur: { value: 0 },
      },
    })
    this.mesh = asLayer(new Mesh(takeQuad(resources), this.#material), renderOrder)
    this.update(look)
  }

  update(look: RectangleLook): void {
    const { radius, fill, fillAlpha, edge, edgeWidth } = look
    setUniforms(this.#material, {
      origin: new Vector2(look.x, look.y),
      size: new Vector2(look.width, look.depth),
      pad: look.blur ?? 4,
      radius,
      fill,
      edge,
      edgeWidth,
      dash: new Vector2(look.dash?.[0] ?? 0, look.dash?.[1] ?? 0),
      inner: look.hasInnerLine === true ? 1 : 0,
      stripe: look.stripe ?? edge,
      stripeAlpha: look.stripe === undefined ? 0 : 0.5,
      well: look.rail ?? fill,
      hasRail: look.rail === undefined ? 0 : 1,
      blur: look.blur ?? 0,
    })
    // A shared value changes with the theme.
    this.#material.uniforms['fillAlpha'] = typeof fillAlpha === 'number' ? { value: fillAlpha } : fillAlpha
  }

  dispose(): void {
    this.mesh.removeFromParent()
    this.#resources.drop(this.#material)
    releaseQuad(this.#resources)
  }
}
