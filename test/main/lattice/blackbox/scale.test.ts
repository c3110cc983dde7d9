// Scale and update of real components on a real node process, raw (lattice.md 1.7): the immediate reply, the events with
// every field and in their order, the inventory afterwards, the record in the lattice bucket.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeProcess } from '../../../support/node-process.js'
import { type Bench, openBench } from './bench.js'
import type { Heard, Peer, Reply } from './peer.js'

let bench: Bench
let peer: Peer
let node: NodeProcess
let id: string
let echo: string
let clock: string

beforeAll(async () => {
  bench = await openBench()
  peer = bench.peer
  node = await bench.start('scales')
  id = node.hostId
  echo = await bench.image('echo')
  clock = await bench.image('clock')
}, 60_000)

afterAll(async () => {
  expect(peer.faults).toEqual([])
  await bench.close()
}, 30_000)

interface Told {
  readonly reply: Reply
  readonly events: readonly Heard[]
}

/** One scale command, its reply, and all the host says because of it. */
async function scale(body: Record<string, unknown>, count: number): Promise<Told> {
  let reply: Reply | undefined
  const events = await peer.during(
    id,
    async () => (reply = await peer.ask(`component.scale.${id}`, { host_id: id, ...body })),
    count,
  )
  if (reply === undefined) throw new Error('no reply')
  return { reply, events }
}

async function componentOf(componentId: string): Promise<unknown> {
  const { components } = (await peer.data(`host.get.${id}`)) as { components: { id: string }[] }
  return components.find((component) => component.id === componentId)
}

/** The event of a host that has no claims for the component: exactly these fields. */
const scaled = (component_id: string, image_ref: string, max_instances: number, annotations = {}): Heard => ({
  kind: 'component_scaled',
  source: id,
  data: { annotations, host_id: id, image_ref, max_instances, component_id },
})

const accepted = { success: true, message: '' }

describe('scale', () => {
  it('[L15] to some starts it: accepted at once, told twice, in the inventory and in the bucket', async () => {
    const annotations = { 'wasmcloud.dev/managed-by': 'wadm', note: 'é' }
    const { reply, events } = await scale(
      { component_ref: echo, component_id: 'echo', count: 3, annotations, unknown: { a: [1] } },
      2,
    )
    expect(reply).toEqual(accepted)
    expect(events).toEqual([scaled('echo', echo, 3, annotations), scaled('echo', echo, 3, annotations)])
    expect(await componentOf('echo')).toEqual({
      id: 'echo',
      image_ref: echo,
      name: 'echo', // from its name section; a v1 host knows names from claims only
      annotations,
      revision: 0,
      max_instances: 3,
      limits: null,
    })
    expect(await peer.stored('LATTICEDATA_default', 'COMPONENT_echo')).toEqual({
      text: JSON.stringify({ url: echo, links: [] }),
      operation: undefined,
      rollup: undefined,
    })
  })

  it('to what it is changes nothing, and tells what runs', async () => {
    const before = await componentOf('echo')
    const { reply, events } = await scale(
      { component_ref: echo, component_id: 'echo', count: 3, annotations: { other: '1' } },
      1,
    )
    expect(reply).toEqual(accepted)
    expect(events).toEqual([scaled('echo', echo, 3, (before as { annotations: object }).annotations)])
    expect(await componentOf('echo')).toEqual(before)
  })

  it('[L16] to another number tells what was there before, and the inventory what was asked for', async () => {
    const was = (await componentOf('echo')) as { annotations: object }
    const { reply, events } = await scale(
      { component_ref: clock, component_id: 'echo', count: 5, annotations: { a: 'b' } },
      1,
    )
    expect(reply).toEqual({
      success: true,
      message:
        `Requested to scale existing component to a different image reference: ${echo} != ${clock}. The component ` +
        'will be scaled but the image reference will not be updated. If you meant to update this component to a new ' +
        'image ref, use the update command.',
    })
    expect(events).toEqual([scaled('echo', echo, 5, was.annotations)])
    expect(await componentOf('echo')).toMatchObject({ image_ref: clock, annotations: { a: 'b' }, max_instances: 5 })
    // The bytes are still those of before: back to their reference, so that the next test begins clean.
    await scale({ component_ref: echo, component_id: 'echo', count: 3 }, 1)
    expect(await componentOf('echo')).toMatchObject({ image_ref: echo, annotations: {}, max_instances: 3 })
  })

  it('with other configurations changes it, though the number is the same', async () => {
    await peer.ask('config.put.scale-one', { a: '1' })
    const { events } = await scale({ component_ref: echo, component_id: 'echo', count: 3, config: ['scale-one'] }, 1)
    expect(events).toEqual([scaled('echo', echo, 3)])
    const { events: back } = await scale(
      { component_ref: echo, component_id: 'echo', count: 3, annotations: { n: '1' } },
      1,
    )
    expect(back).toEqual([scaled('echo', echo, 3)])
    expect(await componentOf('echo')).toMatchObject({ annotations: { n: '1' } })
  })

  it('a reference that cannot be had does not matter while it runs', async () => {
    const { events } = await scale({ component_ref: 'ghcr.io/no/where:1', component_id: 'echo', count: 4 }, 1)
    expect(events).toMatchObject([{ kind: 'component_scaled', data: { max_instances: 4, image_ref: echo } }])
    await scale({ component_ref: echo, component_id: 'echo', count: 3 }, 1)
  })

  it('knows `count` and not `max_instances`: what has only that is stopped, and told with what ran', async () => {
    const was = (await componentOf('echo')) as { annotations: object }
    const { reply, events } = await scale(
      { component_ref: echo, component_id: 'echo', max_instances: 7, annotations: { q: 'r' } },
      1,
    )
    expect(reply).toEqual(accepted)
    expect(events).toEqual([scaled('echo', echo, 0, was.annotations)])
    expect(await componentOf('echo')).toBeUndefined()
  })

  it('to 0 of what nobody knows is told as well, with what was asked', async () => {
    const { reply, events } = await scale(
      { component_ref: 'never/heard:1', component_id: 'stranger', count: 0, annotations: { x: 'y' } },
      1,
    )
    expect(reply).toEqual(accepted)
    expect(events).toEqual([scaled('stranger', 'never/heard:1', 0, { x: 'y' })])
    expect(await peer.stored('LATTICEDATA_default', 'COMPONENT_stranger')).toBeUndefined()
  })

  it('to unbounded is the greatest number there is', async () => {
    const { events } = await scale({ component_ref: echo, component_id: 'unbounded', count: 4294967295 }, 2)
    expect(events).toEqual([scaled('unbounded', echo, 4294967295), scaled('unbounded', echo, 4294967295)])
    expect(await componentOf('unbounded')).toMatchObject({ max_instances: 4294967295 })
    await scale({ component_ref: echo, component_id: 'unbounded', count: 0 }, 1)
  })

  it('fails with an event that has the whole chain of causes on one line', async () => {
    const component_ref = `tlos://sha256/${'0'.repeat(64)}`
    const { reply, events } = await scale({ component_ref, component_id: 'lost', count: 2, annotations: { k: 'v' } }, 1)
    expect(reply).toEqual(accepted)
    expect(events).toEqual([
      {
        kind: 'component_scale_failed',
        source: id,
        data: {
          annotations: { k: 'v' },
          component_id: 'lost',
          host_id: id,
          image_ref: component_ref,
          max_instances: 2,
          error: expect.stringMatching(/^[^\n]*0{64}[^\n]*$/) as string,
        },
      },
    ])
    expect(await componentOf('lost')).toBeUndefined()
  })

  it('fails for bytes that are no component, and for a configuration that is not there', async () => {
    const junk = await bench.putImage(new TextEncoder().encode('no wasm at all'))
    const { events } = await scale({ component_ref: junk, component_id: 'junk', count: 1 }, 1)
    expect(events).toMatchObject([{ kind: 'component_scale_failed', data: { component_id: 'junk' } }])
    const { events: wants } = await scale(
      { component_ref: echo, component_id: 'wants', count: 1, config: ['nobody-put-this'] },
      1,
    )
    expect(wants).toMatchObject([
      {
        kind: 'component_scale_failed',
        data: {
          component_id: 'wants',
          error: expect.stringContaining('Config nobody-put-this does not exist') as string,
        },
      },
    ])
  })

  it('[L28] limits are shown as the two that hosts know; what is no number is no limit', async () => {
    const component_limits = { max_memory_limit: '268435456', max_execution_time: 'soon', other: '1' }
    await scale({ component_ref: echo, component_id: 'limited', count: 1, component_limits }, 2)
    expect(await componentOf('limited')).toMatchObject({ limits: { max_memory_limit: '268435456' } })
    expect(((await componentOf('limited')) as { limits: object }).limits).toEqual({ max_memory_limit: '268435456' })
    await scale({ component_ref: echo, component_id: 'limited', count: 2 }, 1)
    expect(await componentOf('limited')).toMatchObject({ limits: null })
    await scale({ component_ref: echo, component_id: 'limited', count: 0 }, 1)
  })

  it('[L18] two clients at once: everything is told, and the last one that was taken is what is there', async () => {
    const other = await bench.openPeer()
    const ask = (from: Peer, count: number) =>
      from.ask(`component.scale.${id}`, { component_ref: echo, component_id: 'both', count, host_id: id })
    const events = await peer.during(
      id,
      () => Promise.all([1, 2, 3, 4, 5, 6].map((n) => ask(n % 2 === 0 ? peer : other, n))),
      7,
    )
    // The first one starts it (told twice); each of the others changes the number once.
    expect(events.map((event) => event.kind)).toEqual(Array.from({ length: 7 }, () => 'component_scaled'))
    const counts = events.map((event) => event.data['max_instances'])
    expect(counts[0]).toBe(counts[1])
    expect([...counts.slice(1)].sort()).toEqual([1, 2, 3, 4, 5, 6])
    expect(await componentOf('both')).toMatchObject({ max_instances: counts.at(-1) })
    await scale({ component_ref: echo, component_id: 'both', count: 0 }, 1)
  })

  it('a start and a stop at once end as they were asked for', async () => {
    const events = await peer.during(
      id,
      async () => {
        peer.tell(`component.scale.${id}`, { component_ref: echo, component_id: 'brief', count: 1, host_id: id })
        peer.tell(`component.scale.${id}`, { component_ref: echo, component_id: 'brief', count: 0, host_id: id })
        return Promise.resolve()
      },
      3,
    )
    expect(events).toEqual([scaled('brief', echo, 1), scaled('brief', echo, 1), scaled('brief', echo, 0)])
    expect(await componentOf('brief')).toBeUndefined()
  })
})

describe('[L17] update', () => {
  const update = async (body: Record<string, unknown>, count: number): Promise<Told> => {
    let reply: Reply | undefined
    const events = await peer.during(
      id,
      async () => (reply = await peer.ask(`component.update.${id}`, { host_id: id, ...body })),
      count,
    )
    if (reply === undefined) throw new Error('no reply')
    return { reply, events }
  }

  it('of what does not run fails, of what runs already says so', async () => {
    expect(await update({ component_id: 'none', new_component_ref: echo }, 0)).toEqual({
      reply: { success: false, message: 'component none not found' },
      events: [],
    })
    await scale({ component_ref: echo, component_id: 'up', count: 2, annotations: { a: '1' } }, 2)
    expect(await update({ component_id: 'up', new_component_ref: echo }, 0)).toEqual({
      reply: { success: true, message: `component up already updated to ${echo}` },
      events: [],
    })
  })

  it('to other bytes tells the new reference with the real number last, with the annotations of the request', async () => {
    const { reply, events } = await update({ component_id: 'up', new_component_ref: clock, annotations: { b: '2' } }, 2)
    expect(reply).toEqual({ success: true, message: `component up updating from ${echo} to ${clock}` })
    // A v1 host says 0 in the second one, which its clients must not believe; the truth is said here.
    expect(events).toEqual([scaled('up', clock, 2, { b: '2' }), scaled('up', clock, 2, { b: '2' })])
    expect(await componentOf('up')).toMatchObject({ image_ref: clock, annotations: { b: '2' }, max_instances: 2 })
  })

  it('with a scale that allows it comes after the scaling', async () => {
    const { reply, events } = await scale(
      { component_ref: echo, component_id: 'up', count: 4, allow_update: true, annotations: { c: '3' } },
      3,
    )
    expect(reply).toEqual({
      success: true,
      message:
        `Requested to scale existing component, with a changed image reference: ${clock} != ${echo}. The component ` +
        'will be scaled, and the image reference will be updated afterwards.',
    })
    expect(events[0]).toEqual(scaled('up', clock, 4, { b: '2' }))
    expect(events.slice(1)).toMatchObject([
      { kind: 'component_scaled', data: { image_ref: echo, max_instances: 4 } },
      { kind: 'component_scaled', data: { image_ref: echo, max_instances: 4 } },
    ])
    expect(await componentOf('up')).toMatchObject({ image_ref: echo, max_instances: 4 })
  })

  it('to what cannot be had leaves what runs', async () => {
    const gone = `tlos://sha256/${'1'.repeat(64)}`
    const { events } = await update({ component_id: 'up', new_component_ref: gone }, 1)
    expect(events).toMatchObject([{ kind: 'component_scale_failed', data: { component_id: 'up', image_ref: gone } }])
    expect(await componentOf('up')).toMatchObject({ image_ref: echo, max_instances: 4 })
    await scale({ component_ref: echo, component_id: 'up', count: 0 }, 1)
  })
})
