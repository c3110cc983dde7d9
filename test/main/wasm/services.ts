// The component that uses the services of a lattice, built once per test file.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { componentizeSource } from '../../../build/componentize.mjs'

const pathOf = (name: string): string => fileURLToPath(new URL(`../../fixtures-services/${name}`, import.meta.url))

export const handsInterface = 'test:services/hands@0.1.0'

/** Bytes of the component of `test/fixtures-services`. */
export function buildServices(): Promise<Uint8Array> {
  return componentizeSource(pathOf('wit'), 'services', readFileSync(pathOf('services.js'), 'utf8'))
}
