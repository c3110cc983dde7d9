// Builders of small lattices for the tests of the scene.

import type { Component, Host, LatticeState, Link, OnHostKey, Provider } from '../../../preload/records.js'
import { linkKey, onHostKey } from '../../../preload/records.js'
import { emptyState } from '../../../preload/changes.js'

export const host = (id: string, more: Partial<Host> = {}): Host => ({
  id: id as Host['id'],
  friendlyName: id,
  kind: id === 'desk' ? 'desktop' : 'tlos',
  version: '0.1.0',
  labels: {},
  heardAtMs: 1000,
  startedAtMs: 0,
  liveness: 'fresh',
  cordoned: false,
  ...more,
})

export const component = (hostId: string, id: string, more: Partial<Component> = {}): Component => ({
  id: id as Component['id'],
  hostId: hostId as Component['hostId'],
  imageRef: `tlos://sha256/${id}`,
  maxInstances: 1,
  annotations: {},
  state: 'running',
  stateKind: 'none',
  hasWindow: true,
  activity: 0,
  ...more,
})

export const provider = (hostId: string, id: string, more: Partial<Provider> = {}): Provider => ({
  id,
  hostId: hostId as Provider['hostId'],
  imageRef: `file:${id}`,
  annotations: {},
  health: 'running',
  ...more,
})

export const link = (sourceId: string, target: string, more: Partial<Link> = {}): Link => ({
  sourceId,
  target,
  name: 'default',
  witNamespace: 'wasi',
  witPackage: 'keyvalue',
  interfaces: ['store'],
  sourceConfig: [],
  targetConfig: [],
  ...more,
})

export function lattice(parts: {
  readonly hosts?: readonly Host[]
  readonly components?: readonly Component[]
  readonly providers?: readonly Provider[]
  readonly links?: readonly Link[]
}): LatticeState {
  const byKey = <T extends { readonly hostId: string; readonly id: string }>(all: readonly T[] = []) =>
    Object.fromEntries(all.map((one) => [onHostKey(one.hostId, one.id), one]))
  return {
    ...emptyState('test'),
    hosts: Object.fromEntries((parts.hosts ?? []).map((one) => [one.id, one])),
    components: byKey(parts.components),
    providers: byKey(parts.providers),
    links: Object.fromEntries((parts.links ?? []).map((one) => [linkKey(one), one])),
  }
}

export const key = (hostId: string, id: string): OnHostKey => onHostKey(hostId, id)

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
