// What intents do: to the stores, over the bridge, and in words when it does not go as wanted.

import { describe, expect, it } from 'vitest'
import type { Receipt, Verdict } from '../../../preload/records.js'
import { apply } from '../../../preload/changes.js'
import { component, host, key, lattice } from '../scene/build.js'
import { openGround, settled } from './ground.js'

const two = lattice({
  hosts: [host('desk', { friendlyName: 'workshop' }), host('east', { friendlyName: 'north' })],
  components: [component('desk', 'counter'), component('desk', 'notes'), component('east', 'clock')],
})
const counter = key('desk', 'counter')
const counterThere = key('east', 'counter')

const verdict = (kind: Verdict['kind'], summary: string): Verdict => ({
  hostId: 'east' as Verdict['hostId'],
  kind,
  summary,
  details: [],
})

const receipt = (more: Partial<Receipt> = {}): Receipt => ({
  moveId: 'm1',
  componentId: 'counter' as Receipt['componentId'],
  imageRef: 'tlos://sha256/counter',
  from: 'desk' as Receipt['from'],
  fromName: 'workshop',
  to: 'east' as Receipt['to'],
  toName: 'north',
  epoch: 2,
  startedAtMs: 0,
  phases: [],
  pauseMs: 37.6,
  stateBytes: 8,
  stateKind: 'exported',
  callsQueued: 0,
  callsLost: 0,
  callsTwice: 0,
  askedBy: 'desk',
  outcome: 'moved',
  ...more,
})

/** The counter dropped on the east slab, 200 right and 90 behind its front left corner. */
async function dropEast(ground: Awaited<ReturnType<typeof openGround>>) {
  ground.perform({ kind: 'drag.start', key: counter, byKeyboard: false })
  await settled()
  const east = ground.scene().places.get('east')
  if (east === undefined) throw new Error('no slab')
  ground.perform({ kind: 'drag.over', foot: { x: east.x + 200, y: east.y + 90 }, hostId: 'east' })
  ground.perform({ kind: 'drag.drop' })
  await settled()
}

describe('dropping an actor on another node', () => {
  it('moves it there, shows both ends until the lattice agrees, and leaves a receipt that can be undone', async () => {
    const ground = await openGround(two, {
      'move.ask': () => [verdict('accepts', 'accepts')],
      'move.start': () => receipt(),
    })
    await dropEast(ground)
    expect(ground.called).toContainEqual(['move.start', 'counter', 'desk', 'east'])
    expect(ground.interaction.getState().drag).toBeUndefined()
    expect(ground.interaction.getState().moves['counter']).toMatchObject({ from: 'desk', to: 'east' })
    expect(ground.scene().footprints.size).toBe(2)
    const slab = ground.scene().places.get('east')
    // Not home and then there: it stays where the hand let go of it.
    expect(ground.scene().windows.get(counter)).toMatchObject({ state: 'moving', foot: { x: (slab?.x ?? 0) + 200 } })

    ground.perform({ kind: 'focus', key: counter })
    const moved = { ...component('east', 'counter') }
    ground.lattice.setState(
      apply(ground.lattice.getState(), [
        { kind: 'drop', table: 'components', key: counter },
        { kind: 'put', table: 'components', key: counterThere, record: moved },
      ]),
    )
    await settled()
    expect(ground.interaction.getState().moves).toEqual({})
    expect(ground.interaction.getState().focused).toBe(counterThere)
    const node = ground.scene().windows.get(counterThere)
    const east = ground.scene().places.get('east')
    expect((node?.foot.x ?? 0) - (east?.x ?? 0)).toBe(200)

    const [notice] = ground.interaction.getState().notices
    expect(notice).toMatchObject({
      tone: 'good',
      title: 'counter moved to north',
      text: 'From workshop. Paused 38 ms, no call lost.',
      offer: { kind: 'undo-move', about: 'counter' },
    })
    ground.perform({ kind: 'notice.take', id: notice?.id ?? '' })
    await settled()
    expect(ground.called).toContainEqual(['move.start', 'counter', 'east', 'desk'])
  })

  it('that refuses leaves it at home, with the reason on the nameplate for six seconds and as a notice', async () => {
    const ground = await openGround(two, { 'move.ask': () => [verdict('refuses', 'refuses: no keyvalue')] })
    await dropEast(ground)
    expect(ground.namesCalled()).not.toContain('move.start')
    expect(ground.scene().places.get('east')?.note).toEqual({ text: 'refuses: no keyvalue', tone: 'bad' })
    expect(ground.interaction.getState().notices).toMatchObject([
      { tone: 'bad', title: 'counter stays on workshop', text: 'refuses: no keyvalue' },
    ])
    await ground.wait(5_900)
    expect(ground.scene().places.get('east')?.note).toBeDefined()
    await ground.wait(200)
    expect(ground.scene().places.get('east')?.note).toBeUndefined()
  })

  it('that fails underway leaves nothing of it behind: no footprint, no wish for a place, the reason in a notice', async () => {
    const ground = await openGround(two, {
      'move.ask': () => [verdict('accepts', 'accepts')],
      'move.start': () => {
        throw new Error('north went away')
      },
    })
    const home = ground.scene().windows.get(counter)?.foot
    await dropEast(ground)
    expect(ground.interaction.getState().moves).toEqual({})
    expect(ground.workspace.getState().windows[counterThere]).toBeUndefined()
    expect(ground.scene().footprints.size).toBe(0)
    expect(ground.scene().windows.get(counter)?.foot).toEqual(home)
    expect(ground.interaction.getState().notices).toMatchObject([{ tone: 'bad', text: 'north went away' }])
  })

  it('shows a receipt of a failed move as what it is', async () => {
    const ground = await openGround(two, {
      'move.ask': () => [],
      'move.start': () => receipt({ outcome: 'failed', reason: 'north did not load the state' }),
    })
    await dropEast(ground)
    expect(ground.interaction.getState().notices).toMatchObject([
      { tone: 'bad', title: 'counter stays on workshop', receipt: { outcome: 'failed' } },
    ])
  })

  it('does not move what moves already', async () => {
    const ground = await openGround(two, {
      'move.ask': () => [],
      'move.start': () => new Promise(() => undefined),
    })
    await dropEast(ground)
    ground.perform({ kind: 'actor.move', key: counter, toHostId: 'east' })
    expect(ground.namesCalled().filter((name) => name === 'move.start')).toHaveLength(1)
    expect(ground.interaction.getState().lipNotes['east']?.tone).toBe('warn')
  })

  it('says when it ends only after the picture had its time to follow', async () => {
    const ground = await openGround(two, { 'move.ask': () => [], 'move.start': () => receipt() })
    await dropEast(ground)
    await ground.wait(2_900)
    expect(ground.interaction.getState().moves['counter']).toBeDefined()
    await ground.wait(200)
    expect(ground.interaction.getState().moves['counter']).toBeUndefined()
  })
})

describe('a window in the hand', () => {
  it('asks every node once, and says that it asks only when that takes over 150 ms', async () => {
    let answer: (verdicts: readonly Verdict[]) => void = () => undefined
    const ground = await openGround(two, { 'move.ask': () => new Promise((resolve) => (answer = resolve)) })
    ground.perform({ kind: 'drag.start', key: counter, byKeyboard: false })
    await settled()
    expect(ground.scene().places.get('east')?.verdict).toBeUndefined()
    await ground.wait(151)
    expect(ground.scene().places.get('east')?.verdict?.kind).toBe('asking')
    answer([verdict('but', 'accepts, starts empty')])
    await settled()
    expect(ground.scene().places.get('east')?.verdict).toEqual({ kind: 'but', summary: 'accepts, starts empty' })
    expect(ground.called.filter(([name]) => name === 'move.ask')).toEqual([['move.ask', 'counter', 'desk']])
  })

  it('takes no answer of an earlier drag for its own', async () => {
    const answers: ((verdicts: readonly Verdict[]) => void)[] = []
    const ground = await openGround(two, { 'move.ask': () => new Promise((resolve) => answers.push(resolve)) })
    ground.perform({ kind: 'drag.start', key: counter, byKeyboard: false })
    ground.perform({ kind: 'drag.cancel' })
    ground.perform({ kind: 'drag.start', key: key('desk', 'notes'), byKeyboard: false })
    answers[0]?.([verdict('refuses', 'for the other one')])
    await settled()
    expect(ground.interaction.getState().drag?.verdicts).toEqual({})
  })

  it('finds every other node refusing, with the reason, when nobody can be asked', async () => {
    const ground = await openGround(two, {
      'move.ask': () => {
        throw new Error('no link to the lattice')
      },
    })
    ground.perform({ kind: 'drag.start', key: counter, byKeyboard: false })
    await settled()
    expect(ground.scene().places.get('east')?.verdict).toEqual({ kind: 'refuses', summary: 'no link to the lattice' })
    expect(ground.scene().places.get('desk')?.verdict).toBeUndefined()
  })

  it('dropped at home is only arranged, and undo puts it back', async () => {
    const ground = await openGround(two, { 'move.ask': () => [] })
    const before = ground.scene().windows.get(counter)?.foot
    const desk = ground.scene().places.get('desk')
    if (before === undefined || desk === undefined) throw new Error('no window')
    ground.perform({ kind: 'drag.start', key: counter, byKeyboard: false })
    ground.perform({ kind: 'drag.over', foot: { x: desk.x + 600, y: desk.y + 200 }, hostId: 'desk' })
    ground.perform({ kind: 'drag.drop' })
    await settled()
    expect(ground.scene().windows.get(counter)?.foot).not.toEqual(before)
    expect(ground.namesCalled()).not.toContain('move.start')
    ground.perform({ kind: 'arrange.undo' })
    await settled()
    expect(ground.scene().windows.get(counter)?.foot).toEqual(before)
    ground.perform({ kind: 'arrange.redo' })
    await settled()
    expect(ground.scene().windows.get(counter)?.foot).not.toEqual(before)
  })

  it('dropped on empty plane, or let go by Escape, is where it was', async () => {
    const ground = await openGround(two, { 'move.ask': () => [] })
    const before = ground.scene().windows.get(counter)?.foot
    for (const last of ['drag.drop', 'drag.cancel'] as const) {
      ground.perform({ kind: 'drag.start', key: counter, byKeyboard: false })
      ground.perform({ kind: 'drag.over', foot: { x: -9_000, y: 0 }, hostId: undefined })
      ground.perform({ kind: last })
      await settled()
      expect(ground.scene().windows.get(counter)?.foot).toEqual(before)
      expect(ground.scene().footprints.size).toBe(0)
    }
  })
})

describe('arranging', () => {
  it('keeps slabs apart: one that is pushed against another stops before it', async () => {
    const ground = await openGround(two)
    const east = ground.scene().places.get('east')
    const desk = ground.scene().places.get('desk')
    if (east === undefined || desk === undefined) throw new Error('no slab')
    ground.perform({ kind: 'place.move', id: 'east', x: desk.x, y: desk.y })
    await settled()
    expect(ground.scene().places.get('east')).toBe(east)
    ground.perform({ kind: 'place.move', id: 'east', x: east.x + 47, y: east.y + 600 })
    await settled()
    expect(ground.scene().places.get('east')).toMatchObject({ y: Math.round((east.y + 600) / 20) * 20 })
  })

  it('one movement of the hand is one step back', async () => {
    const ground = await openGround(two)
    const before = ground.scene().places.get('east')
    for (let i = 1; i <= 5; i += 1)
      ground.perform({ kind: 'place.move', id: 'east', x: before?.x ?? 0, y: (before?.y ?? 0) + 100 * i })
    ground.perform({ kind: 'arrange.undo' })
    await settled()
    expect(ground.scene().places.get('east')).toMatchObject({ x: before?.x, y: before?.y })
  })

  it('a window is never smaller than its title needs nor larger than the largest', async () => {
    const ground = await openGround(two)
    ground.perform({ kind: 'window.resize', key: counter, width: 1, height: 1 })
    await settled()
    expect(ground.scene().windows.get(counter)).toMatchObject({ width: 164, height: 116 })
    ground.perform({ kind: 'window.resize', key: counter, width: 9_999, height: 9_999 })
    await settled()
    expect(ground.scene().windows.get(counter)).toMatchObject({ width: 1200, height: 900 })
  })

  it('maximising twice is as before', async () => {
    const ground = await openGround(two)
    const before = ground.scene().windows.get(counter)
    ground.perform({ kind: 'window.maximise', key: counter })
    await settled()
    expect(ground.scene().windows.get(counter)?.width).toBeGreaterThan(before?.width ?? 0)
    ground.perform({ kind: 'window.maximise', key: counter })
    await settled()
    expect(ground.scene().windows.get(counter)).toMatchObject({ width: before?.width, height: before?.height })
  })
})

describe('deeds on the lattice', () => {
  it('stop is a scale to none, and while it lasts the actor says so', async () => {
    let finish: (value: unknown) => void = () => undefined
    const ground = await openGround(two, { 'component.scale': () => new Promise((resolve) => (finish = resolve)) })
    ground.perform({ kind: 'actor.stop', key: counter })
    expect(ground.called).toContainEqual(['component.scale', 'counter', 'desk', 0])
    expect(ground.interaction.getState().busy).toEqual({ counter: 'Stopping' })
    finish(undefined)
    await settled()
    expect(ground.interaction.getState().busy).toEqual({})
  })

  it('installing a file starts it where it was dropped', async () => {
    const ground = await openGround(two, {
      'component.install': () => ({
        id: 'echo',
        imageRef: 'tlos://sha256/ab',
        name: 'echo',
        sizeBytes: 3,
        installedAtMs: 0,
      }),
    })
    ground.perform({ kind: 'actor.install', fileName: 'echo.wasm', bytes: new Uint8Array(3), startOn: 'east' })
    await settled()
    expect(ground.called).toContainEqual(['component.start', 'echo', 'tlos://sha256/ab', 'east'])
    expect(ground.interaction.getState().notices).toMatchObject([{ tone: 'good', title: 'echo is installed' }])
  })

  it('what fails is said with its reason, in the language of the person', async () => {
    const ground = await openGround(two, {
      'component.restart': () => {
        throw new Error('nobody there')
      },
    })
    ground.perform({ kind: 'locale', locale: 'ru' })
    ground.perform({ kind: 'actor.restart', key: counter })
    await settled()
    expect(ground.interaction.getState().notices).toMatchObject([
      { tone: 'bad', title: 'counter не перезапущен на «workshop»', text: 'nobody there' },
    ])
    expect(ground.interaction.getState().toasts).toHaveLength(1)
  })

  it('a gone host that is forgotten is not shown again', async () => {
    const ground = await openGround(
      lattice({ hosts: [host('desk'), host('east', { liveness: 'gone' })], components: [] }),
    )
    expect(ground.scene().places.has('east')).toBe(true)
    ground.perform({ kind: 'host.forget', id: 'east' })
    await settled()
    expect(ground.scene().places.has('east')).toBe(false)
    expect(ground.called).toContainEqual(['host.forget', 'east'])
  })

  it('a dismissed toast stays in the list; dismissed there too it is gone', async () => {
    const ground = await openGround(two)
    const notice = { id: 'n1', atMs: 0, tone: 'plain' as const, title: 'a', text: 'b' }
    ground.perform({ kind: 'notice.raise', notice })
    ground.perform({ kind: 'notice.dismiss', id: 'n1' })
    expect(ground.interaction.getState()).toMatchObject({ toasts: [], notices: [notice] })
    ground.perform({ kind: 'notice.dismiss', id: 'n1' })
    expect(ground.interaction.getState().notices).toEqual([])
  })
})

describe('looking', () => {
  it('flattens and tilts back to the same view', async () => {
    const ground = await openGround(two)
    ground.perform({ kind: 'look.fit' })
    const before = ground.eye.viewpoint
    ground.perform({ kind: 'look.flatten' })
    expect(ground.eye.viewpoint.pitch).toBe(90)
    ground.perform({ kind: 'look.flatten' })
    expect(ground.eye.viewpoint.pitch).toBe(52)
    expect(ground.eye.viewpoint.zoom).toBeCloseTo(before.zoom, 3)
    expect(ground.eye.viewpoint.x).toBeCloseTo(before.x, 1)
    expect(ground.eye.viewpoint.y).toBeCloseTo(before.y, 1)
  })

  it('flattening changes the pitch alone for who looks at a part', async () => {
    const ground = await openGround(two)
    ground.perform({ kind: 'look.at', viewpoint: { x: 0, y: 200, pitch: 52, zoom: 2 }, isAnimated: false })
    ground.perform({ kind: 'look.flatten' })
    expect(ground.eye.viewpoint).toMatchObject({ pitch: 90, zoom: 2 })
  })
})

describe('cutting all cables', () => {
  it('says how many there were, and what stayed when it was refused underway', async () => {
    let answer: unknown = { cut: 3, left: 0 }
    const ground = await openGround(two, { 'link.delete-all': () => answer })
    ground.perform({ kind: 'links.delete', sourceId: 'counter' })
    await settled()
    answer = { cut: 1, left: 2, failure: { code: 'refused', message: 'not today' } }
    ground.perform({ kind: 'links.delete', sourceId: undefined })
    await settled()
    expect(ground.called.filter(([name]) => name === 'link.delete-all')).toEqual([
      ['link.delete-all', 'counter'],
      ['link.delete-all', null],
    ])
    expect(ground.interaction.getState().notices).toMatchObject([
      { tone: 'good', title: 'All cables from counter are cut', text: '3 in all.' },
      { tone: 'bad', title: 'Not all cables are cut: 1 cut, 2 left', text: 'not today' },
    ])
  })
})
