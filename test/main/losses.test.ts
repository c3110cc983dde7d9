import { describe, expect, it } from 'vitest'
import { findLosses } from '../../main/losses.js'
import { emptyState } from '../../preload/changes.js'
import type { Component, ComponentId, Host, HostId, LatticeState } from '../../preload/records.js'

const host = (id: string, liveness: Host['liveness'], reason?: string): Host => ({
  id: id as HostId,
  friendlyName: id,
  kind: 'tlos',
  version: '0.1.0',
  labels: {},
  heardAtMs: 1_000,
  startedAtMs: 0,
  liveness,
  reason,
  cordoned: false,
})

const component = (id: string, hostId: string, stateKind: Component['stateKind']): Component => ({
  id: id as ComponentId,
  hostId: hostId as HostId,
  imageRef: 'tlos://sha256/00',
  maxInstances: 1,
  annotations: {},
  state: 'running',
  stateKind,
  hasWindow: true,
  activity: 0,
})

function picture(hosts: Host[], components: Component[]): LatticeState {
  return {
    ...emptyState('default'),
    hosts: Object.fromEntries(hosts.map((h) => [h.id, h])),
    components: Object.fromEntries(components.map((c) => [`${c.hostId}/${c.id}`, c])),
  }
}

const time = (atMs: number): string => `t${atMs}`

describe('what is said when a node is gone', () => {
  it('names the actor, the node, when it was last heard and what is lost', () => {
    const components = [component('counter', 'north', 'exported')]
    const notices = findLosses(
      picture([host('north', 'stale')], components),
      picture([host('north', 'gone', 'no answer')], components),
      time,
    )
    expect(notices).toHaveLength(1)
    expect(notices[0]?.title).toBe('counter is gone with north')
    expect(notices[0]?.text).toMatch(/last heard at t1000.*kept in memory.*lost/)
    expect(notices[0]?.offer?.kind).toBe('start-here')
  })

  it.each([
    ['none', /can be started here again; it begins afresh/],
    ['unknown', /kept in memory, if anything, is lost/],
  ] as const)('claims no more than is known of an actor whose state is %s', (stateKind, words) => {
    const components = [component('counter', 'north', stateKind)]
    const before = picture([host('north', 'fresh')], components)
    const [notice] = findLosses(before, picture([host('north', 'gone', 'no answer')], components), time)
    expect(notice?.text).toMatch(words)
  })

  it('says nothing of a node that said goodbye, nor of an actor that runs elsewhere', () => {
    const components = [component('counter', 'north', 'exported'), component('counter', 'south', 'exported')]
    const before = picture([host('north', 'fresh'), host('south', 'fresh')], components)
    expect(
      findLosses(before, picture([host('north', 'gone', 'stopped'), host('south', 'fresh')], components), time),
    ).toEqual([])
    expect(
      findLosses(before, picture([host('north', 'gone', 'no answer'), host('south', 'fresh')], components), time),
    ).toEqual([])
  })

  it('says it once', () => {
    const gone = picture([host('north', 'gone', 'no answer')], [component('counter', 'north', 'none')])
    expect(findLosses(gone, { ...gone, hosts: { ...gone.hosts } }, time)).toEqual([])
  })
})
