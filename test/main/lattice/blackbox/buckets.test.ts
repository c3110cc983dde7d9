// The buckets that hosts share (lattice.md 4): how they are made when missing, that they are left alone when they are
// there, and what a host does when others write, delete and purge keys. Signed components as well: their claims go there.

import { readFile } from 'node:fs/promises'
import { headers } from 'nats'
import { afterEach, describe, expect, it } from 'vitest'
import { createKey } from '../../../../main/lattice/nkeys.js'
import { signComponent } from '../../../support/sign-component.js'
import { type Bench, componentFile, openBench } from './bench.js'

let bench: Bench | undefined

afterEach(async () => {
  expect(bench?.peer.faults).toEqual([])
  await bench?.close()
}, 30_000)

const limit = { timeout: 20_000 }
const link = {
  source_id: 'source',
  target: 'kv',
  name: 'default',
  wit_namespace: 'wasi',
  wit_package: 'keyvalue',
  interfaces: ['store'],
  source_config: [],
  target_config: [],
}

describe('the buckets', () => {
  it.each(['default', 'other_Lattice-2'])(
    'of %s are made with the settings of a v1 host',
    async (lattice) => {
      bench = await openBench({ lattice })
      const manager = await bench.peer.jetStream()
      await bench.start('maker')
      for (const bucket of [`LATTICEDATA_${lattice}`, `CONFIGDATA_${lattice}`]) {
        const { config } = await manager.streams.info(`KV_${bucket}`)
        expect(config).toMatchObject({
          name: `KV_${bucket}`,
          subjects: [`$KV.${bucket}.>`],
          max_msgs_per_subject: 1,
          max_msgs: -1,
          max_age: 0,
          max_bytes: -1,
          max_msg_size: -1,
          storage: 'file',
          num_replicas: 1,
          retention: 'limits',
          discard: 'new',
          allow_rollup_hdrs: true,
          deny_delete: true,
          deny_purge: false,
          allow_direct: true,
        })
      }
    },
    60_000,
  )

  it('are never altered, whoever made them', async () => {
    bench = await openBench()
    const manager = await bench.peer.jetStream()
    const made = await manager.streams.add({
      name: 'KV_LATTICEDATA_default',
      subjects: ['$KV.LATTICEDATA_default.>'],
      max_msgs_per_subject: 5,
      max_bytes: 10_000_000,
      allow_rollup_hdrs: true,
      deny_delete: true,
      allow_direct: true,
    })
    await bench.start('guest')
    await bench.peer.ask('link.put', link)
    const { config } = await manager.streams.info('KV_LATTICEDATA_default')
    expect(config).toEqual(made.config)
  }, 60_000)

  it('keys that are junk, old or of unknown kinds hide no others', async () => {
    bench = await openBench()
    const { peer } = bench
    await bench.start('reader')
    const junk: readonly (readonly [string, unknown])[] = [
      ['COMPONENT_broken', '{"url":'],
      ['COMPONENT_list', []],
      ['COMPONENT_', { url: '', links: [] }],
      ['COMPONENT_odd', { url: 7, links: [link] }],
      ['LINKDEF_abc', { a: 1 }],
      ['REFMAP_abc', 'text'],
      ['CLAIMS_MX', '{}'],
      ['nothing-with-a-kind', Uint8Array.of(0xff)],
    ]
    for (const [key, value] of junk) await peer.store('LATTICEDATA_default', key, value)
    await peer.store('LATTICEDATA_default', 'COMPONENT_source', { url: 'x', links: [link], more: { unknown: 1 } })
    await expect.poll(() => peer.data('link.get'), limit).toEqual([link])
    expect(await peer.data('claims.get')).toEqual([])
    // A record that cannot be read is not written over.
    expect((await peer.ask('link.put', { ...link, source_id: 'broken' })).success).toBe(false)
    expect(await peer.stored('LATTICEDATA_default', 'COMPONENT_broken')).toMatchObject({ text: '{"url":' })
  }, 60_000)

  it('[L25] a record that is deleted or purged changes nothing for the hosts that know it', async () => {
    bench = await openBench()
    const { peer } = bench
    await bench.start('keeps')
    for (const operation of ['DEL', 'PURGE']) {
      await peer.ask('link.put', { ...link, source_id: operation })
      const marked = headers()
      marked.set('KV-Operation', operation)
      if (operation === 'PURGE') marked.set('Nats-Rollup', 'sub')
      const subject = `$KV.LATTICEDATA_default.COMPONENT_${operation}`
      await peer.connection.jetstream().publish(subject, new Uint8Array(), { headers: marked })
    }
    // The next record shows that the deletions were seen.
    await peer.store('LATTICEDATA_default', 'COMPONENT_source', { url: '', links: [link] })
    await expect.poll(async () => ((await peer.data('link.get')) as unknown[]).length, limit).toBe(3)
    const sources = ((await peer.data('link.get')) as { source_id: string }[]).map((each) => each.source_id)
    expect(sources.sort()).toEqual(['DEL', 'PURGE', 'source'])
  }, 60_000)
})

describe('[L24] a signed component', () => {
  it('[L24] is told with its claims, kept in the bucket, and shown with name and revision', async () => {
    bench = await openBench()
    const { peer } = bench
    const { hostId } = await bench.start('checks')
    const account = createKey('account')
    const subject = createKey('module').publicKey
    const wascap = { name: 'Signed echo', ver: '1.2.3', rev: 7, call_alias: 'echo', tags: ['a', 'b'] }
    const bytes = new Uint8Array(await readFile(componentFile('echo')))
    const component_ref = await bench.putImage(signComponent(bytes, { account, subject, wascap, payload: { nbf: 1 } }))
    const scale = (body: object, count: number) =>
      peer.during(
        hostId,
        () =>
          peer.ask(`component.scale.${hostId}`, { component_ref, component_id: 'signed', host_id: hostId, ...body }),
        count,
      )
    const claims = {
      call_alias: 'echo',
      issuer: account.publicKey,
      tags: ['a', 'b'],
      name: 'Signed echo',
      version: '1.2.3',
      revision: 7,
      not_before_human: '1',
      expires_human: 'never',
    }
    const data = {
      public_key: subject,
      claims,
      annotations: {},
      host_id: hostId,
      image_ref: component_ref,
      component_id: 'signed',
    }
    const event = (max_instances: number) => ({
      kind: 'component_scaled',
      source: hostId,
      data: { ...data, max_instances },
    })
    expect(await scale({ count: 2 }, 2)).toEqual([event(2), event(2)])
    const stored = await peer.stored('LATTICEDATA_default', `CLAIMS_${subject}`)
    expect(JSON.parse(stored?.text ?? '')).toEqual({
      call_alias: 'echo',
      issuer: account.publicKey,
      name: 'Signed echo',
      revision: '7',
      subject,
      tags: ['a', 'b'],
      version: '1.2.3',
    })
    expect(await peer.data('claims.get')).toMatchObject([
      { sub: subject, iss: account.publicKey, tags: 'a,b', rev: '7' },
    ])
    expect(await peer.data(`host.get.${hostId}`)).toMatchObject({
      components: [{ id: 'signed', name: 'Signed echo', revision: 7 }],
    })
    expect(await scale({ count: 0 }, 1)).toEqual([event(0)])
  }, 60_000)

  it('[L24] does not start when its claims are not valid', async () => {
    bench = await openBench()
    const { peer } = bench
    const { hostId } = await bench.start('refuses')
    const bytes = new Uint8Array(await readFile(componentFile('echo')))
    const component_ref = await bench.putImage(signComponent(bytes, { payload: { exp: 1_700_000_000 } }))
    const told = await peer.during(
      hostId,
      () => peer.ask(`component.scale.${hostId}`, { component_ref, component_id: 'expired', count: 1 }),
      1,
    )
    expect(told).toMatchObject([
      {
        kind: 'component_scale_failed',
        data: { component_id: 'expired', error: expect.stringContaining('expired at 2023-11-14') as string },
      },
    ])
    expect(await peer.data('claims.get')).toEqual([])
    expect(await peer.data(`host.get.${hostId}`)).toMatchObject({ components: [] })
  }, 60_000)
})
