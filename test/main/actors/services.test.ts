// Components with the services of a lattice: real components on nodes of a real nats-server, along links and
// configurations as `wash` puts them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LatticeNode } from '../../../main/lattice-node.js'
import type { Link } from '../../../preload/records.js'
import { blobstoreExports, blobstoreInstance } from '../../../main/providers/blobstore-types.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'
import { buildServices } from '../wasm/services.js'

const limit = 60_000

let lattice: TestLattice
let first: LatticeNode
let second: LatticeNode

const bytes = (text: string): number[] => [...new TextEncoder().encode(text)]
const link = (sourceId: string, target: string, name: string, interfaces: readonly string[], config?: string): Link => {
  const [witNamespace = '', witPackage = ''] = name.split(':')
  const sourceConfig = config === undefined ? [] : [config]
  return {
    sourceId,
    target,
    name: 'default',
    witNamespace,
    witPackage,
    interfaces: [...interfaces],
    sourceConfig,
    targetConfig: [],
  }
}

/** Until it holds; what a network needs to tell everybody. */
async function until(read: () => Promise<boolean>, what: string): Promise<void> {
  for (const endMs = Date.now() + 20_000; Date.now() < endMs;) {
    if (await read()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`not within 20 s: ${what}`)
}

beforeAll(async () => {
  lattice = await openTestLattice()
  first = await lattice.addNode('first')
  second = await lattice.addNode('second')
  const component = await buildServices()
  await lattice.start(first, 'talker', component)
  await lattice.start(second, 'listener', component)
}, limit)

afterAll(async () => {
  await lattice.close()
}, limit)

it('every node tells of its providers in its inventory', async () => {
  for (const node of [first, second]) {
    const reply = await lattice.transport.request(`wasmbus.ctl.v1.default.host.get.${node.host.id}`, new Uint8Array(), {
      timeoutMs: 10_000,
    })
    const inventory = JSON.parse(new TextDecoder().decode(reply.data)) as { response: { providers: unknown[] } } // v1's shape
    expect(inventory.response.providers).toMatchObject([
      { id: 'keyvalue', image_ref: 'tlos-keyvalue', name: 'Key-value store' },
      { id: 'blobstore', image_ref: 'tlos-blobstore', name: 'Blob store' },
      { id: 'messaging', image_ref: 'tlos-messaging', name: 'Messaging' },
    ])
  }
})

describe('wasmcloud:messaging for components', () => {
  it('is refused without a link', async () => {
    expect(await lattice.act('talker', 'publish', 'news', bytes('x'))).toEqual({
      err: expect.stringMatching(/talker has no link for wasmcloud:messaging\/consumer/) as string,
    })
  })

  it(
    'brings what one publishes to another on another node, once, and answers back',
    async () => {
      await lattice.client.putConfig('what-listener-hears', { subscriptions: 'news.>,questions' })
      for (const id of ['talker', 'listener']) {
        await lattice.client.putLink(link(id, 'messaging', 'wasmcloud:messaging', ['consumer', 'types']))
      }
      await lattice.client.putLink(
        link('messaging', 'listener', 'wasmcloud:messaging', ['handler'], 'what-listener-hears'),
      )
      const ask = (): Promise<unknown> => lattice.act('talker', 'request', 'questions', bytes('abc'), 5_000)
      await until(async () => JSON.stringify(await ask()) === JSON.stringify([bytes('cba'), null]), 'an answer')
      const known = (): boolean => [first, second].every((node) => node.actors.linksOf('messaging').length === 1)
      await until(() => Promise.resolve(known()), 'the link on both nodes')

      const before = ((await lattice.act('listener', 'heard')) as unknown[]).length
      for (let n = 0; n < 20; n += 1) {
        expect(await lattice.act('talker', 'publish', `news.${n}`, bytes(String(n)))).toBeNull()
      }
      const heard = async (): Promise<unknown[]> =>
        ((await lattice.act('listener', 'heard')) as unknown[]).slice(before)
      await until(async () => (await heard()).length >= 20, 'twenty messages')
      await ask()
      const news = (await heard()).filter((each) => String((each as unknown[])[0]).startsWith('news.'))
      expect(news.map((each) => (each as unknown[])[1]).sort()).toEqual(
        Array.from({ length: 20 }, (_, n) => String(n)).sort(),
      )
    },
    limit,
  )

  it('answers a requester that is no component', async () => {
    const reply = await lattice.transport.request('questions', Uint8Array.from(bytes('xyz')), { timeoutMs: 10_000 })
    expect([...reply.data]).toEqual(bytes('zyx'))
  })

  it('is no way to the lattice itself', async () => {
    for (const subject of [
      `wasmbus.ctl.v1.default.host.stop.${second.host.id}`,
      'default.listener.wrpc.0.0.1.test:services/hands@0.1.0.act',
      '$JS.API.STREAM.DELETE.KV_TLOS_KEYVALUE_default',
      '_INBOX.x',
    ]) {
      const refused = { err: expect.stringMatching(/belongs to the lattice/) as string }
      expect(await lattice.act('talker', 'publish', subject, bytes('x'))).toEqual(refused)
      expect(await lattice.act('talker', 'request', subject, bytes('x'), 1_000)).toEqual(refused)
    }
  })

  it(
    'hears other subjects when its configuration changes, and nothing when its link goes',
    async () => {
      await lattice.client.putConfig('what-listener-hears', { subscriptions: 'other' })
      const answers = (subject: string) => (): Promise<boolean> =>
        lattice.transport.request(subject, Uint8Array.of(1, 2), { timeoutMs: 10_000 }).then(
          () => true,
          () => false,
        )
      await until(answers('other'), 'an answer on the new subject')
      await until(async () => !(await answers('questions')()), 'silence on the old subject')
      await lattice.client.deleteLink(link('messaging', 'listener', 'wasmcloud:messaging', []))
      await until(async () => !(await answers('other')()), 'silence')
    },
    limit,
  )
})

describe('wasi:blobstore for components', () => {
  const box = 'box'
  beforeAll(async () => {
    await lattice.client.putLink(link('talker', 'blobstore', 'wasi:blobstore', ['blobstore', 'container', 'types']))
    await until(async () => (await lattice.act('talker', 'blob-exists', box)) === false, 'the link')
  }, limit)

  it('is refused without a link', async () => {
    expect(await lattice.act('listener', 'blob-exists', box)).toEqual({
      err: expect.stringMatching(/listener has no link for wasi:blobstore\/blobstore/) as string,
    })
  })

  it(
    'writes and reads through streams, whole and in part',
    async () => {
      const { act } = lattice
      expect(await act('talker', 'blob-create', box)).toBe(box)
      expect(await act('talker', 'blob-info', box)).toBeGreaterThan(1_700_000_000)
      const sum = await act('talker', 'blob-write', box, 'big', 300_000)
      expect(await act('talker', 'blob-sum', box, 'big')).toEqual([300_000, 300_000, sum])
      expect(await act('talker', 'blob-read', box, 'big', 1, 3)).toEqual([31, 62, 93])
      expect(await act('talker', 'blob-object-info', box, 'big')).toEqual(['big', box, 300_000])
      expect(await act('talker', 'blob-write', box, 'empty', 0)).toBe(0)
      expect(await act('talker', 'blob-read', box, 'empty', 0, 100)).toEqual([])
      expect(
        await act('talker', 'blob-copy', { container: box, object: 'big' }, { container: box, object: 'copy' }),
      ).toBeNull()
      expect(
        await act('talker', 'blob-move', { container: box, object: 'copy' }, { container: box, object: 'moved' }),
      ).toBeNull()
      expect(await act('talker', 'blob-sum', box, 'moved')).toEqual([300_000, 300_000, sum])
      expect(await act('talker', 'blob-has', box, 'copy')).toBe(false)
    },
    limit,
  )

  it(
    'lists, deletes and clears',
    async () => {
      const { act } = lattice
      await act('talker', 'blob-create', 'many')
      for (const name of ['e', 'd', 'c', 'b', 'a']) await act('talker', 'blob-write', 'many', name, 1)
      expect(await act('talker', 'blob-list', 'many', 2)).toEqual(['a', 'b', 'c', 'd', 'e'])
      expect(await act('talker', 'blob-skip', 'many', 3)).toEqual([3, false, [['d', 'e'], true]])
      expect(await act('talker', 'blob-delete', 'many', 'a')).toBeNull()
      expect(await act('talker', 'blob-delete', 'many', 'b', 'c')).toBeNull()
      expect(await act('talker', 'blob-list', 'many', 100)).toEqual(['d', 'e'])
      expect(await act('talker', 'blob-clear', 'many')).toBeNull()
      expect(await act('talker', 'blob-list', 'many', 100)).toEqual([])
      expect(await act('talker', 'blob-drop', 'many')).toBeNull()
      expect(await act('talker', 'blob-list', 'many', 1)).toEqual({ err: 'there is no container many' })
    },
    limit,
  )

  it('keeps nothing of a value that was not finished, and no more than an object may have', async () => {
    const { act } = lattice
    expect(await act('talker', 'blob-write-unfinished', box, 'half')).toBeNull()
    expect(await act('talker', 'blob-has', box, 'half')).toBe(false)
    expect(await act('talker', 'blob-write-too-much')).toEqual([64, 'last-operation-failed'])
    expect(await act('talker', 'blob-read', box, 'none', 0, 1)).toEqual({
      err: 'there is no object none in the container box',
    })
  })

  it(
    'keeps its containers when it comes back on another node, and from a provider elsewhere over the lattice',
    async () => {
      const { act } = lattice
      await first.actors.stop('talker')
      await lattice.start(second, 'talker', await buildServices())
      expect(await act('talker', 'blob-read', box, 'big', 1, 3)).toEqual([31, 62, 93])
      // As a v1 host would call it: over wRPC, with streams.
      const [get] = blobstoreExports[0]?.functions.filter(({ name }) => name === 'get-container-data') ?? []
      if (get === undefined) throw new Error('no such function')
      const answer = await lattice.rpc.call({
        prefix: 'default.blobstore',
        instance: blobstoreInstance,
        fn: get,
        params: [{ container: box, object: 'big' }, 0n, 299_999n],
        headers: { 'source-id': 'talker', 'link-name': 'default' },
      })
      const { tag, val } = answer as { tag: string; val: [Uint8Array, unknown] }
      expect([tag, val[0].length, val[1]]).toEqual(['ok', 300_000, { tag: 'ok', val: undefined }])
    },
    limit,
  )
})

describe('wasi:keyvalue for components', () => {
  beforeAll(async () => {
    await lattice.client.putLink(link('listener', 'keyvalue', 'wasi:keyvalue', ['store', 'atomics', 'batch']))
    await until(async () => (await lattice.act('listener', 'kv-get', 'b', 'none')) === null, 'the link')
  }, limit)

  it(
    'stores, counts, does many at once and lists in pages',
    async () => {
      const { act } = lattice
      expect(await act('listener', 'kv-set', 'b', 'k', [1, 2])).toBeNull()
      expect(await act('listener', 'kv-get', 'b', 'k')).toEqual([1, 2])
      expect(await act('listener', 'kv-exists', 'b', 'k')).toBe(true)
      expect(await act('listener', 'kv-delete', 'b', 'k')).toBeNull()
      expect(await act('listener', 'kv-exists', 'b', 'k')).toBe(false)
      expect(await act('listener', 'kv-increment', 'b', 'n', 5)).toBe('5')
      expect(await act('listener', 'kv-increment', 'b', 'n', 5)).toBe('10')
      expect(await act('listener', 'kv-set-many', 'many', 1_005)).toBeNull()
      expect(await act('listener', 'kv-get-many', 'many', ['k00000', 'none', 'k01004'])).toEqual([
        ['k00000', [0]],
        null,
        ['k01004', [1004 & 255]],
      ])
      expect(await act('listener', 'kv-keys', 'many', null)).toEqual({ count: 1_000, first: 'k00000', cursor: '1000' })
      expect(await act('listener', 'kv-keys', 'many', 1_000)).toEqual({ count: 5, first: 'k01000', cursor: '' })
      expect(await act('listener', 'kv-delete-many', 'many', ['k00000', 'k00001'])).toBeNull()
      expect(await act('listener', 'kv-exists', 'many', 'k00001')).toBe(false)
    },
    limit,
  )
})
