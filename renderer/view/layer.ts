// What everything drawn in the space has in common: layers over each other in an order that is given, never by depth, and
// never left out or moved by Three. Stands on the counted resources.

import { ShaderMaterial, type Object3D, type ShaderMaterialParameters } from 'three'
import type { Resources } from './resources.js'

type Shading = Pick<ShaderMaterialParameters, 'vertexShader' | 'fragmentShader' | 'uniforms' | 'side'>

/** A material of one user. It counts as transparent, since Three draws what is opaque before all else, whatever its order. */
export function layerMaterial(resources: Resources, shading: Shading): ShaderMaterial {
  return resources.own(new ShaderMaterial({ ...shading, transparent: true, depthTest: false, depthWrite: false }))
}

/** Draws this in its place of the order; the shader places it, so Three's own box and matrix say nothing of it. */
export function asLayer<T extends Object3D>(drawn: T, renderOrder: number): T {
  drawn.frustumCulled = false
  drawn.matrixAutoUpdate = false
  drawn.renderOrder = renderOrder
  return drawn
}

/** Values of uniforms that the material has; others are left out. */
export function setUniforms(material: ShaderMaterial, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    const uniform = material.uniforms[name]
    if (uniform !== undefined) uniform.value = value
  }
}
