// Components with the services of a lattice: real components on nodes of a real nats-server, along links and
// configurations as `wash` puts them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LatticeNode } from '../../../main/lattice-node.js'
import type { Link } from '../../../preload/records.js'
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
