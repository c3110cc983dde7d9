// Links and named configurations of a real node process, raw (lattice.md 1.9, 6.3): replies, events with every field,
// what providers hear, and what is stored.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeProcess } from '../../../support/node-process.js'
import { type Bench, openBench } from './bench.js'
import type { Heard, Peer } from './peer.js'

let bench: Bench
let peer: Peer
let node: NodeProcess
let id: string

beforeAll(async () => {
  bench = await openBench()
  peer = bench.peer
  node = await bench.start('links')
  id = node.hostId
}, 60_000)

afterAll(async () => {
  expect(peer.faults).toEqual([])
  await bench.close()
}, 30_000)

const link = {
  source_id: 'http-hello',
  target: 'kv',
  name: 'default',
  wit_namespace: 'wasi',
  wit_package: 'keyvalue',
  interfaces: ['atomics', 'store'],
  source_config: [],
  target_config: [],
}
const { source_id, wit_namespace, wit_package } = link
const done = (message: string) => ({ success: true, message })
const during = (run: () => Promise<unknown>, count: number): Promise<Heard[]> => peer.during(id, run, count)
const linksOf = async (source: string): Promise<unknown[]> =>
  ((await peer.data('link.get')) as { source_id: string }[]).filter((each) => each.source_id === source)
const recordOf = async (source: string): Promise<unknown> => {
  const stored = await peer.stored('LATTICEDATA_default', `COMPONENT_${source}`)
  return stored === undefined ? undefined : JSON.parse(stored.text)
}

/** What is published to providers while this runs: subject after the lattice, and payload. */
async function toProviders(run: () => Promise<unknown>): Promise<unknown[]> {
  const heard: unknown[] = []
  const subscription = peer.connection.subscribe('wasmbus.rpc.default.>', {
    callback: (_error, message) => heard.push([message.subject.slice('wasmbus.rpc.default.'.length), message.json()]),
  })
  await run()
  await peer.pings(1)
  subscription.unsubscribe()
  return heard
}

describe('[L20] links', () => {
  it('there are none in the beginning', async () => {
    expect(await peer.askText('link.get')).toBe('{"success":true,"message":"","response":[]}')
  })

  it('a put is answered, told, stored, and published to both ends', async () => {
    let told: Heard[] = []
    const published = await toProviders(async () => {
      told = await during(
        async () => expect(await peer.ask('link.put', { ...link, more: 1 })).toEqual(done('successfully set link')),
        1,
      )
    })
    expect(told).toEqual([{ kind: 'linkdef_set', source: id, data: link }])
    expect(await linksOf(source_id)).toEqual([link])
    // The source never started: its record has no reference.
    expect(await recordOf(source_id)).toEqual({ url: '', links: [link] })
    const definition = { ...link, source_config: {}, target_config: {}, source_secrets: null, target_secrets: null }
    expect(published).toEqual([
      [`${source_id}.linkdefs.put`, definition],
      ['kv.linkdefs.put', definition],
    ])
  })

  it('name and configurations have defaults', async () => {
    const short = { source_id: 'short', target: 'kv', wit_namespace, wit_package, interfaces: ['store'] }
    expect(await peer.ask('link.put', short)).toEqual(done('successfully set link'))
    expect(await linksOf('short')).toEqual([{ ...short, name: 'default', source_config: [], target_config: [] }])
  })

  it('the same source, target, name and package is one link', async () => {
    const again = { ...link, interfaces: ['store'] }
    await peer.ask('link.put', again)
    expect(await linksOf(source_id)).toEqual([again])
  })

  it('another target needs other interfaces or another name', async () => {
    const words =
      'link already exists with different target, consider deleting the existing link or using a different link name'
    const conflict = { ...link, target: 'other', interfaces: ['store', 'batch'] }
    const told = await during(
      async () => expect(await peer.ask('link.put', conflict)).toEqual({ success: false, message: words }),
      1,
    )
    expect(told).toEqual([{ kind: 'linkdef_set_failed', source: id, data: { ...conflict, error: words } }])
    const others = [
      { ...conflict, interfaces: ['batch'] },
      { ...conflict, name: 'second' },
      { ...conflict, wit_package: 'blobstore' },
    ]
    for (const other of others) expect(await peer.ask('link.put', other)).toEqual(done('successfully set link'))
    expect(await linksOf(source_id)).toEqual([{ ...link, interfaces: ['store'] }, ...others])
  })

  it('configurations must be there, and providers get their values, later ones over earlier ones', async () => {
    const wants = { ...link, source_id: 'wants', source_config: ['not-here'], target_config: ['SECRET_nor-this'] }
    const words =
      'Failed to validate configuration and secrets. Configuration not-here not found in config store. ' +
      'Secret reference SECRET_nor-this not found in config store. '
    const failed = await during(
      async () => expect(await peer.ask('link.put', wants)).toEqual({ success: false, message: words }),
      1,
    )
    expect(failed).toEqual([{ kind: 'linkdef_set_failed', source: id, data: { ...wants, error: words } }])
    expect(await recordOf('wants')).toBeUndefined()
    await peer.ask('config.put.one', { url: 'a', both: '1' })
    await peer.ask('config.put.two', { both: '2' })
    const has = { ...wants, source_config: ['one', 'two'], target_config: ['two'] }
    const published = await toProviders(() => peer.ask('link.put', has))
    expect(published.slice(0, 2)).toMatchObject([
      ['wants.linkdefs.put', { source_config: { url: 'a', both: '2' }, target_config: { both: '2' } }],
      ['kv.linkdefs.put', { source_config: { url: 'a', both: '2' }, target_config: { both: '2' } }],
    ])
    // The lattice keeps names, not values.
    expect(await linksOf('wants')).toEqual([has])
  })

  it('what names a secret is not published to the ids of its ends', async () => {
    await peer.ask('config.put.SECRET_s', {
      name: 's',
      type: 'secret.wasmcloud.dev/v1alpha1',
      backend: 'b',
      key: 'k',
      policy: '{}',
    })
    const published = await toProviders(() =>
      peer.ask('link.put', { ...link, source_id: 'shy', target_config: ['SECRET_s'] }),
    )
    expect(JSON.stringify(published)).not.toContain('shy.linkdefs')
    expect(await linksOf('shy')).toHaveLength(1)
  })

  it('a delete names no target; it is told with it when there was a link', async () => {
    let told: Heard[] = []
    const published = await toProviders(async () => {
      told = await during(
        async () =>
          expect(await peer.ask('link.del', { source_id, wit_namespace, wit_package })).toEqual(
            done('successfully deleted link'),
          ),
        1,
      )
    })
    const gone = { source_id, name: 'default', wit_namespace, wit_package }
    expect(told).toEqual([
      { kind: 'linkdef_deleted', source: id, data: { ...gone, target: 'kv', interfaces: ['store'] } },
    ])
    const definition = {
      ...gone,
      target: 'kv',
      interfaces: ['store'],
      source_config: {},
      target_config: {},
      source_secrets: null,
      target_secrets: null,
    }
    expect(published).toEqual([
      [`${source_id}.linkdefs.del`, definition],
      ['kv.linkdefs.del', definition],
    ])
    // One at a time: the one to the other target, under the same name, is still there.
    expect(await linksOf(source_id)).toHaveLength(3)
    expect(await recordOf(source_id)).toMatchObject({ url: '', links: await linksOf(source_id) })
  })

  it('a delete of what is not there succeeds; it is told only when there is a record of the source', async () => {
    const nothing = { source_id, name: 'no-such-name', wit_namespace, wit_package }
    const told = await during(
      async () => expect(await peer.ask('link.del', nothing)).toEqual(done('successfully deleted link')),
      1,
    )
    expect(told).toEqual([{ kind: 'linkdef_deleted', source: id, data: nothing }])
    const silent = await during(
      async () =>
        expect(await peer.ask('link.del', { ...nothing, source_id: 'never-seen' })).toEqual(
          done("successfully deleted link (spec doesn't exist)"),
        ),
      0,
    )
    expect(silent).toEqual([])
  })

  it('an id that no bucket takes as key is refused in words and told', async () => {
    const odd = { ...link, source_id: 'wo€rd' }
    const told = await during(async () => expect((await peer.ask('link.put', odd)).success).toBe(false), 1)
    expect(told).toMatchObject([{ kind: 'linkdef_set_failed', data: { source_id: 'wo€rd' } }])
  })

  it('a start leaves a record that is there as it is', async () => {
    const image = await bench.image('echo')
    await peer.ask('link.put', { ...link, source_id: 'later' })
    const before = await recordOf('later')
    await during(
      () => peer.ask(`component.scale.${id}`, { component_ref: image, component_id: 'later', count: 1, host_id: id }),
      2,
    )
    expect(await recordOf('later')).toEqual(before)
    await during(() => peer.ask(`component.scale.${id}`, { component_id: 'later', host_id: id }), 1)
    // Stopping does not remove it either.
    expect(await recordOf('later')).toEqual(before)
  })
})

describe('[L21] [L25] configurations', () => {
  it('missing is success without data', async () => {
    expect(await peer.askText('config.get.missing')).toBe('{"success":true,"message":"Configuration not found"}')
  })

  it('are put as they came, told, and read by everybody', async () => {
    const text = '{ "url": "redis://x", "é": "ü" }'
    const told = await during(
      async () => expect(await peer.ask('config.put.mine', text)).toEqual(done('successfully put config')),
      1,
    )
    expect(told).toEqual([{ kind: 'config_set', source: id, data: { config_name: 'mine' } }])
    expect(await peer.ask('config.get.mine')).toEqual({
      success: true,
      message: '',
      response: { url: 'redis://x', é: 'ü' },
    })
    expect(await peer.stored('CONFIGDATA_default', 'mine')).toEqual({ text, operation: undefined, rollup: undefined })
  })

  it('empty ones are there', async () => {
    await peer.ask('config.put.empty', {})
    expect(await peer.askText('config.get.empty')).toBe('{"success":true,"message":"","response":{}}')
  })

  it('a delete purges the key, and is told also for what was not there', async () => {
    for (const name of ['mine', 'never-was']) {
      const told = await during(
        async () => expect(await peer.ask(`config.del.${name}`)).toEqual(done('successfully deleted config')),
        1,
      )
      expect(told).toEqual([{ kind: 'config_deleted', source: id, data: { config_name: name } }])
      expect(await peer.ask(`config.get.${name}`)).toEqual(done('Configuration not found'))
      expect(await peer.stored('CONFIGDATA_default', name)).toEqual({ text: '', operation: 'PURGE', rollup: 'sub' })
    }
  })

  it('what others wrote into the bucket is read, and damaged values are a failure in words', async () => {
    await peer.store('CONFIGDATA_default', 'theirs', { a: 'b' })
    expect(await peer.data('config.get.theirs')).toEqual({ a: 'b' })
    await peer.store('CONFIGDATA_default', 'broken', '{"a":')
    expect(await peer.ask('config.get.broken')).toEqual({
      success: false,
      message: 'config data should be a map of string -> string',
    })
  })

  it('a name that no bucket takes is a failure in words', async () => {
    expect(await peer.ask('config.put.wo€rd', { a: 'b' })).toMatchObject({ success: false })
    expect((await peer.ask('config.get.wo€rd')).success).toBe(true)
  })
})

describe('claims', () => {
  const component = {
    call_alias: '',
    issuer: 'A1',
    name: 'Echo',
    revision: '4',
    subject: 'MABC',
    tags: ['a', 'b'],
    version: '1.0',
  }
  const provider = { issuer: 'A1', name: 'KV', revision: '2', subject: 'VABC', version: '0.1' }

  it('are those of the bucket, with every key twice that has two names', async () => {
    expect(await peer.askText('claims.get')).toBe('{"success":true,"message":"","response":[]}')
    await peer.store('LATTICEDATA_default', 'CLAIMS_MABC', component)
    // Not its subject: ignored. The one behind it shows that it was seen.
    await peer.store('LATTICEDATA_default', 'CLAIMS_MOTHER', component)
    await peer.store('LATTICEDATA_default', 'CLAIMS_VABC', provider)
    await expect.poll(async () => ((await peer.data('claims.get')) as unknown[]).length, { timeout: 20_000 }).toBe(2)
    expect(await peer.data('claims.get')).toEqual([
      {
        call_alias: '',
        iss: 'A1',
        issuer: 'A1',
        name: 'Echo',
        rev: '4',
        revision: '4',
        sub: 'MABC',
        subject: 'MABC',
        tags: 'a,b',
        version: '1.0',
      },
      {
        iss: 'A1',
        issuer: 'A1',
        name: 'KV',
        rev: '2',
        revision: '2',
        sub: 'VABC',
        subject: 'VABC',
        version: '0.1',
        config_schema: '',
      },
    ])
  })

  it('old names of keys are read, and so are tags with commas', async () => {
    const old = { call_alias: 'x', iss: 'A2', name: 'Old', rev: '1', sub: 'MOLD', tags: 'c,d', version: '' }
    await peer.store('LATTICEDATA_default', 'CLAIMS_MOLD', old)
    const found = async () => ((await peer.data('claims.get')) as { sub: string }[]).find((each) => each.sub === 'MOLD')
    await expect
      .poll(found, { timeout: 20_000 })
      .toMatchObject({ issuer: 'A2', revision: '1', tags: 'c,d', call_alias: 'x' })
  })

  it('go when they are deleted', async () => {
    const jetstream = peer.connection.jetstream()
    const { headers } = await import('nats')
    const deleted = headers()
    deleted.set('KV-Operation', 'DEL')
    await jetstream.publish('$KV.LATTICEDATA_default.CLAIMS_VABC', new Uint8Array(), { headers: deleted })
    const subjects = async () => ((await peer.data('claims.get')) as { sub: string }[]).map((each) => each.sub).sort()
    await expect.poll(subjects, { timeout: 20_000 }).toEqual(['MABC', 'MOLD'])
  })
})
