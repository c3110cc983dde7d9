// What runs on a lattice as a wadm manifest (lattice.md 8.2): components with their images, scale and spread, providers,
// links as traits, named configurations with their values, secrets as references. Pure: the picture in, an object out,
// and beside it what a manifest cannot say, as codes with what they are about.

import type { Component, Host, LatticeState, Link, Provider } from '../../../preload/records.js'
import type { ManifestNote } from '../../../preload/manifest.js'
import { managedAnnotations } from './wadm.js'
import { parseImageRef } from './tlos.js'
import { readSecret, secretPrefix, type SecretReference } from './secret.js'

export interface ManifestRequest {
  readonly name: string
  /** Left out, wadm makes one. */
  readonly version: string | undefined
  readonly description: string | undefined
  /** Also what wadm has started already, which then has two owners. */
  readonly withManaged: boolean
}

export interface ManifestSources {
  readonly lattice: Pick<LatticeState, 'hosts' | 'components' | 'providers' | 'links'>
  /** Values of named configurations; secrets are the entries whose names say so. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>
}

type Named = { name: string; properties?: Readonly<Record<string, string>> }
interface Group<T> {
  readonly id: string
  readonly running: readonly T[]
}

const isManaged = (annotations: Readonly<Record<string, string>>): boolean =>
  annotations[managedAnnotations.by] !== undefined

/** Labels that hosts put on themselves say what they are, not which one. */
const isOwnLabel = (key: string): boolean => !/^(?:hostcore|tlos)\./.test(key)

export function manifestOf(request: ManifestRequest, from: ManifestSources) {
  const notes: ManifestNote[] = []
  const hosts = Object.values(from.lattice.hosts).filter(({ liveness, v2 }) => liveness !== 'gone' && v2 === undefined)
  const isWanted = (one: Component | Provider): boolean =>
    hosts.some((host) => host.id === one.hostId) && (request.withManaged || !isManaged(one.annotations))
  const all = Object.values(from.lattice.components)
  const components = groups(all.filter((one) => isWanted(one) && one.maxInstances > 0))
  const offered = Object.values(from.lattice.providers).filter(isWanted)
  const providers = groups(offered.filter((one) => !isInside(one)))
  if (!request.withManaged && all.some(({ annotations }) => isManaged(annotations))) {
    notes.push({ code: 'managed', about: '' })
  }
  const ids = new Set([...components, ...providers].map(({ id }) => id))
  const policies = new Map<string, object>()
  const links = Object.values(from.lattice.links).filter((link) => ids.has(link.sourceId))
  const described = { request, from, notes, policies, hosts, links, ids }
  const spec = [
    ...components.map((group) => describeComponent(group, described)),
    ...providers.map((group) => describeProvider(group, described)),
  ]
  return {
    notes,
    manifest: {
      apiVersion: 'core.oam.dev/v1beta1',
      kind: 'Application',
      metadata: {
        name: request.name,
        annotations: {
          ...(request.version === undefined ? {} : { version: request.version }),
          ...(request.description === undefined ? {} : { description: request.description }),
        },
      },
      spec: {
        ...(policies.size === 0 ? {} : { policies: [...policies.values()] }),
        components: spec,
      },
    },
  }
}

interface Described {
  readonly request: ManifestRequest
  readonly from: ManifestSources
  readonly notes: ManifestNote[]
  readonly policies: Map<string, object>
  readonly hosts: readonly Host[]
  readonly links: readonly Link[]
  readonly ids: ReadonlySet<string>
}

function describeComponent(group: Group<Component>, parts: Described) {
  const { id, running } = group
  const image = commonest(running.map(({ imageRef }) => imageRef))
  if (running.some(({ imageRef }) => imageRef !== image)) parts.notes.push({ code: 'images', about: id })
  if (parseImageRef(image) !== undefined) parts.notes.push({ code: 'tlos-image', about: id })
  const config = running.find((one) => one.config !== undefined)?.config
  if (config === undefined) parts.notes.push({ code: 'config-unknown', about: id })
  return {
    name: id,
    type: 'component',
    properties: { image, id, ...namedConfig(config ?? [], parts) },
    traits: [scaleTrait(group, parts), ...linkTraits(id, parts)],
  }
}

function describeProvider({ id, running }: Group<Provider>, parts: Described) {
  const image = providerReference(commonest(running.map(({ imageRef }) => imageRef)))
  parts.notes.push({ code: 'config-unknown', about: id })
  const traits = [
    ...(running.length > 1 ? [{ type: 'spreadscaler', properties: { instances: running.length } }] : []),
    ...linkTraits(id, parts),
  ]
  return {
    name: id,
    type: 'capability',
    properties: { image, id },
    ...(traits.length === 0 ? {} : { traits }),
  }
}

/** On every node alike: on each one there is. Where labels tell the nodes apart: spread by them. Else: so many. */
function scaleTrait({ id, running }: Group<Component>, { hosts, notes }: Described) {
  const instances = running.reduce((sum, one) => sum + one.maxInstances, 0)
  if (running.length < 2) {
    const requirements = tellingLabels(hosts, running[0]?.hostId)
    if (hosts.length < 2) return { type: 'spreadscaler', properties: { instances } }
    if (requirements === undefined) {
      notes.push({ code: 'anywhere', about: id })
      return { type: 'spreadscaler', properties: { instances } }
    }
    return { type: 'spreadscaler', properties: { instances, spread: [{ name: 'one', requirements }] } }
  }
  const spread = running.map(({ hostId, maxInstances }) => ({
    name: hosts.find((host) => host.id === hostId)?.friendlyName ?? hostId,
    requirements: tellingLabels(hosts, hostId),
    weight: maxInstances,
  }))
  if (spread.every(({ requirements }) => requirements !== undefined)) {
    return { type: 'spreadscaler', properties: { instances, spread } }
  }
  const [first] = running
  if (running.length === hosts.length && running.every((one) => one.maxInstances === first?.maxInstances)) {
    return { type: 'daemonscaler', properties: { instances: first?.maxInstances ?? 1 } }
  }
  notes.push({ code: 'anywhere', about: id })
  return { type: 'spreadscaler', properties: { instances } }
}

/** The labels that this host has and no other; undefined when none tells it apart. */
function tellingLabels(
  hosts: readonly Host[],
  hostId: string | undefined,
): Readonly<Record<string, string>> | undefined {
  const own = hosts.find((host) => host.id === hostId)
  const telling = Object.entries(own?.labels ?? {}).filter(
    ([key, value]) => isOwnLabel(key) && hosts.every((host) => host === own || host.labels[key] !== value),
  )
  return telling.length === 0 ? undefined : Object.fromEntries(telling)
}

function linkTraits(sourceId: string, parts: Described) {
  return parts.links
    .filter((link) => link.sourceId === sourceId)
    .flatMap((link) => {
      if (!parts.ids.has(link.target)) {
        parts.notes.push({ code: 'no-target', about: `${sourceId} → ${link.target}` })
        return []
      }
      const source = namedConfig(link.sourceConfig, parts)
      const target = namedConfig(link.targetConfig, parts)
      return [
        {
          type: 'link',
          properties: {
            namespace: link.witNamespace,
            package: link.witPackage,
            interfaces: [...link.interfaces],
            ...(link.name === 'default' ? {} : { name: link.name }),
            ...(Object.keys(source).length === 0 ? {} : { source }),
            target: { name: link.target, ...target },
          },
        },
      ]
    })
}

/** Configurations with their values, secrets as references to their backend; nothing when there are none. */
function namedConfig(names: readonly string[], parts: Described) {
  const config: Named[] = []
  const secrets: object[] = []
  for (const name of names) {
    const values = parts.from.configs[name]
    if (name.startsWith(secretPrefix)) {
      const secret = values === undefined ? undefined : readSecret(values)
      if (secret === undefined) parts.notes.push({ code: 'no-config', about: name })
      else secrets.push(describeSecret(name, secret, parts.policies))
    } else if (values === undefined) {
      parts.notes.push({ code: 'no-config', about: name })
      config.push({ name })
    } else config.push({ name, properties: { ...values } })
  }
  return { ...(config.length === 0 ? {} : { config }), ...(secrets.length === 0 ? {} : { secrets }) }
}

function describeSecret(name: string, secret: SecretReference, policies: Map<string, object>) {
  const policy = `${secret.backend}-policy`
  policies.set(policy, {
    name: policy,
    type: 'policy.secret.wasmcloud.dev/v1alpha1',
    properties: { ...secret.policyProperties, backend: secret.backend },
  })
  return {
    name: secret.name === '' ? name.slice(secretPrefix.length) : secret.name,
    properties: {
      policy,
      key: secret.key,
      ...(secret.field === undefined ? {} : { field: secret.field }),
      ...(secret.version === undefined ? {} : { version: secret.version }),
    },
  }
}

/** Providers that every tLOS node has of itself; nobody starts them. */
const isInside = ({ imageRef }: Provider): boolean => imageRef.startsWith('tlos-')

/** Hosts show references without their scheme (lattice.md 2.7). */
function providerReference(shown: string): string {
  if (/^[a-z+]+:\/\//.test(shown)) return shown
  if (shown.startsWith('/')) return `file://${shown}`
  return /[./:]/.test(shown) ? shown : `wasmcloud+builtin://${shown}`
}

function groups<T extends { readonly id: string }>(all: readonly T[]): readonly Group<T>[] {
  const byId = new Map<string, T[]>()
  for (const one of all) byId.set(one.id, [...(byId.get(one.id) ?? []), one])
  return [...byId.entries()].map(([id, running]) => ({ id, running })).sort((a, b) => (a.id < b.id ? -1 : 1))
}

function commonest(texts: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? ''
}
