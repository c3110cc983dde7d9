// One application deployed, changed and undeployed as wadm would do it, on whatever hosts are there: the suite that runs
// against our nodes and, where they are installed, against real v1 hosts.

import { expect } from 'vitest'
import type { Peer } from './peer.js'
import { annotationsOf, eligible, scale, sorted, stateFrom, tell, unreadable, wadmId } from './wadm-side.js'

export interface Stage {
  readonly peer: Peer
  /** Two hosts with the label `zone=a`, and whatever else. */
  readonly hosts: readonly string[]
  /** A component that the hosts can load. */
  readonly ref: string
  /** Resolves when every host has sent a heartbeat after now. */
  readonly beat: () => Promise<void>
}

export async function playWadm({ peer, hosts, ref, beat }: Stage): Promise<void> {
  const app = 'My app'
  const id = wadmId(app, 'Echo component')
  expect(id).toBe('my_app-echo_component')

  // Hosts are found by what they say, nobody is asked.
  await beat()
  expect(eligible(peer, { zone: 'a' })).toEqual([...hosts].sort())
  expect(eligible(peer, { zone: 'nowhere' })).toEqual([])

  // Configuration first, then links, each until its event.
  const config = wadmId(app, 'settings')
  await tell(peer, `config.put.${config}`, { greeting: 'hello' }, 'config_set', config)
  expect(await peer.data(`config.get.${config}`)).toEqual({ greeting: 'hello' })
  const link = {
    source_id: id,
    target: wadmId(app, 'kv'),
    name: 'default',
    wit_namespace: 'wasi',
    wit_package: 'keyvalue',
    interfaces: ['atomics', 'store'],
    source_config: [],
    target_config: [config],
  }
  expect((await tell(peer, 'link.put', link, 'linkdef_set', id)).data).toEqual(link)
  const links = (): Promise<unknown[]> =>
    peer.data('link.get').then((all) => (all as { source_id: string }[]).filter((each) => each.source_id === id))
  await expect.poll(links, { timeout: 20_000 }).toEqual([link])

  // A spread of five: all on the first that is eligible, none on the other; a scaler says both.
  const spread = { app, component: 'Echo component', name: 'default', requirements: { zone: 'a' } }
  const annotations = annotationsOf(spread)
  const [first = '', second = ''] = eligible(peer, spread.requirements)
  await scale(peer, first, { ref, id, count: 5, annotations, config: [config] })
  await scale(peer, second, { ref, id, count: 0, annotations, config: [config] })
  expect(stateFrom(peer.everything).get(first)?.components.get(id)).toMatchObject({ count: 5, ref })
  expect(stateFrom(peer.everything).get(second)?.components.has(id)).toBe(false)

  // It reads heartbeats, asks for claims meanwhile, and what it knows stays as it was.
  await beat()
  expect(Array.isArray(await peer.data('claims.get'))).toBe(true)
  const known = stateFrom(peer.everything)
  expect(known.get(first)?.components.get(id)).toEqual({ count: 5, ref, annotations: sorted(annotations) })
  expect(known.get(second)?.components.has(id)).toBe(false)

  // A command that comes again (three times at most) is done again without harm.
  for (let n = 0; n < 3; n += 1) await scale(peer, first, { ref, id, count: 5, annotations, config: [config] })
  await tell(peer, `config.put.${config}`, { greeting: 'hello' }, 'config_set', config)
  await tell(peer, 'link.put', link, 'linkdef_set', id)
  expect(await links()).toEqual([link])

  // More of them, then on every host that is eligible (a daemon scaler of its own).
  await scale(peer, first, { ref, id, count: 7, annotations, config: [config] })
  const daemon = annotationsOf({ ...spread, name: 'everywhere' })
  const everywhere = wadmId(app, 'everywhere')
  for (const host of [first, second]) await scale(peer, host, { ref, id: everywhere, count: 1, annotations: daemon })
  await beat()
  for (const host of [first, second]) {
    expect(stateFrom(peer.everything).get(host)?.components.get(everywhere)).toMatchObject({ count: 1 })
  }

  // Undeployed: scaled to 0 with what ran in the event, links and configurations deleted.
  await scale(peer, first, { ref, id, count: 0, annotations })
  for (const host of [first, second]) await scale(peer, host, { ref, id: everywhere, count: 0, annotations: daemon })
  await tell(
    peer,
    'link.del',
    { source_id: id, name: 'default', wit_namespace: 'wasi', wit_package: 'keyvalue' },
    'linkdef_deleted',
    id,
  )
  await tell(peer, `config.del.${config}`, undefined, 'config_deleted', config)
  expect(await links()).toEqual([])
  await beat()
  for (const host of [first, second]) {
    const components = [...(stateFrom(peer.everything).get(host)?.components.keys() ?? [])]
    expect(components.filter((each) => each.startsWith('my_app'))).toEqual([])
  }
  expect(unreadable(peer.everything)).toEqual([])
  expect(peer.faults).toEqual([])
}
