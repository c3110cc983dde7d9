// What a manifest must be for the stand-in of wadm, and what ids it gives (lattice.md 8.2). Written from the page, apart
// from the shell's own code on purpose: both could not be wrong in the same way.

import { parse } from 'yaml'

const lower = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, '_')

/** `{app}-{component}`, unless the manifest gives an id. */
export const idOf = (app, component) => component.properties.id ?? `${lower(app)}-${lower(component.name)}`

/** A configuration with properties is kept under a name of the application's, one without under its own. */
export const configName = (app, config) =>
  config.properties === undefined ? config.name : `${lower(app)}-${lower(config.name)}`

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const traitKinds = ['spreadscaler', 'daemonscaler', 'link']

/** The manifest; throws what wadm would answer. */
export function readManifest(bytes, contentType) {
  const text = Buffer.from(bytes).toString('utf8')
  if (contentType === 'application/json') return check(attempt(() => JSON.parse(text), 'Unable to parse manifest'))
  if (contentType === 'application/yaml') return check(attempt(() => parse(text), 'Unable to parse manifest'))
  if (contentType !== undefined) throw new Error(`Unsupported content type: ${contentType}`)
  return check(attempt(() => parse(text), 'Unable to parse manifest'))
}

function attempt(read, what) {
  try {
    return read()
  } catch (error) {
    throw new Error(`${what}: ${error.message}`)
  }
}

function check(manifest) {
  const must = (holds, message) => {
    if (!holds) throw new Error(message)
  }
  must(isMap(manifest), 'Unable to parse manifest: not a mapping')
  must(manifest.apiVersion === 'core.oam.dev/v1beta1', 'The manifest lacks a supported apiVersion')
  must(manifest.kind === 'Application', 'The manifest is not of kind Application')
  must(typeof manifest.metadata?.name === 'string', 'missing field `name`')
  must(/^[-\w]+$/.test(manifest.metadata.name), `Invalid manifest name: ${manifest.metadata.name}`)
  must(manifest.metadata.annotations?.version !== 'latest', 'A version named "latest" is not allowed')
  must(Array.isArray(manifest.spec?.components), 'missing field `components`')
  const names = new Set()
  for (const component of manifest.spec.components) {
    must(typeof component.name === 'string', 'missing field `name`')
    must(!names.has(component.name), `Duplicate component name in manifest: ${component.name}`)
    names.add(component.name)
    must(['component', 'actor', 'capability'].includes(component.type), `unknown type of ${component.name}`)
    must(
      typeof component.properties?.image === 'string' || isMap(component.properties?.application),
      `${component.name} has neither image nor application`,
    )
    for (const trait of component.traits ?? []) {
      must(traitKinds.includes(trait.type), `unknown trait ${trait.type} of ${component.name}`)
      if (trait.type !== 'link') continue
      const { namespace, package: pack, interfaces, target } = trait.properties
      must(typeof namespace === 'string' && typeof pack === 'string', `a link of ${component.name} names no package`)
      must(Array.isArray(interfaces) && interfaces.length > 0, `a link of ${component.name} has no interfaces`)
      must(typeof (target?.name ?? target) === 'string', `a link of ${component.name} has no target`)
    }
  }
  for (const component of manifest.spec.components) {
    for (const trait of component.traits ?? []) {
      const target = trait.type === 'link' ? (trait.properties.target.name ?? trait.properties.target) : undefined
      must(
        target === undefined || names.has(target),
        `The following component(s) are expected to be in the manifest but are not: ${target}`,
      )
    }
  }
  return manifest
}
