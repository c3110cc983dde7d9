// The top of a place: fill, rail, edge in its state, stripes of a refusal; all in one fragment shader on one rectangle.
// Given what to draw as numbers and colours; does not know hosts.

import { Color, Mesh, type ShaderMaterial, Vector2 } from 'three'
import { distances, flatMaterial, order, sizedVertex, unitSquare } from './shapes.js'

/** World units. */
export const slabRadius = 16
export const rail = { depth: 40, front: 8, side: 12, radius: 10 }

/** How the edge of a slab is drawn: `dash` and `gap` in units, no dash: solid. */
export interface Edge {
  readonly colour: Color
  /** px */
  readonly width: number
  readonly dash: number
  readonly gap: number
}

export interface SlabLook {
  readonly top: Color
  readonly well: Color
  readonly edge: Edge
  /** A second line 6 units inside the edge. */
  readonly isDouble: boolean
  /** Colour of the stripes and how strong; 0: none. */
  readonly stripe: Color
  readonly stripes: number
}

const fragment = /* glsl */ `
  uniform vec2 size;
  uniform vec3 top;
  uniform vec3 well;
  uniform vec3 edgeColour;
  uniform vec3 edge; // width in px, dash, gap
  uniform float isDouble;
  uniform vec3 stripe;
  uniform float stripes;
  varying vec2 at;
  ${distances}
  void main() {
    float distance = roundBox(at, size, ${slabRadius.toFixed(1)});
    vec3 colour = top;
    float turn = fract((at.x + at.y) / 28.0);
    float inStripe = clamp((abs(turn - 0.5) - 0.25) / max(fwidth((at.x + at.y) / 28.0), 1e-6) + 0.5, 0.0, 1.0);
    colour = mix(colour, stripe, stripes * inStripe);
    vec2 railSize = vec2(size.x - ${(2 * rail.side).toFixed(1)}, ${rail.depth.toFixed(1)});
    float inRail = cover(roundBox(at - vec2(${rail.side.toFixed(1)}, ${rail.front.toFixed(1)}), railSize, ${rail.radius.toFixed(1)}));
    colour = mix(colour, well, inRail);
    float px = max(fwidth(distance), 1e-6);
    vec2 fromSide = size * 0.5 - abs(at - size * 0.5);
    float along = fromSide.x < fromSide.y ? at.y : at.x;
    float period = edge.y + edge.z;
    float isOn = edge.y == 0.0 ? 1.0 : step(mod(along, period), edge.y);
    float line = clamp(edge.x + 0.5 + distance / px, 0.0, 1.0) * isOn;
    float inner = isDouble * clamp(1.0 - abs(distance + 6.0) / px, 0.0, 1.0);
    colour = mix(colour, edgeColour, max(line, inner));
    gl_FragColor = vec4(colour, cover(distance));
  }
`

export interface SlabMesh {
  readonly mesh: Mesh
  resize(width: number, depth: number): void
  restyle(look: SlabLook): void
  dispose(): void
}

export function createSlabMesh(): SlabMesh {
  const material: ShaderMaterial = flatMaterial(sizedVertex, fragment, {
    size: { value: new Vector2(1, 1) },
    top: { value: new Color() },
    well: { value: new Color() },
    edgeColour: { value: new Color() },
    edge: { value: [1, 0, 0] },
    isDouble: { value: 0 },
    stripe: { value: new Color() },
    stripes: { value: 0 },
  })
  const mesh = new Mesh(unitSquare, material)
  mesh.renderOrder = order.slab
  mesh.frustumCulled = false
  const set = (name: string, value: unknown): void => {
    const uniform = material.uniforms[name]
    if (uniform !== undefined) uniform.value = value
  }
  return {
    mesh,
    resize: (width, depth) => set('size', new Vector2(width, depth)),
    restyle(look) {
      set('top', look.top)
      set('well', look.well)
      set('edgeColour', look.edge.colour)
      set('edge', [look.edge.width, look.edge.dash, look.edge.gap])
      set('isDouble', look.isDouble ? 1 : 0)
      set('stripe', look.stripe)
      set('stripes', look.stripes)
    },
    dispose: () => material.dispose(),
  }
}
