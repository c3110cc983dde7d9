import { describe as suite, expect, it } from 'vitest'
import { describe, nothingDescribed } from '../../../renderer/scene/describe.js'
import type { Verdict } from '../../../preload/records.js'
import { unarranged } from '../../../renderer/scene/arrange.js'
import { idleInteraction, type InteractionState } from '../../../renderer/state/interaction.js'
import { defaultWorkspace, type WorkspaceState } from '../../../renderer/state/workspace.js'
import { component, host, key, lattice, link, provider } from './build.js'

const draw = (
  state: ReturnType<typeof lattice>,
  interaction: Partial<InteractionState> = {},
  before = nothingDescribed,
  workspace: Partial<WorkspaceState> = {},
) =>
  describe(
    {
      lattice: state,
      workspace: { ...defaultWorkspace, ...workspace },
      interaction: { ...idleInteraction, ...interaction },
    },
    before,
  )

const small = lattice({
  hosts: [host('desk', { load: 0.3 }), host('east')],
  components: [component('desk', 'notes', { version: '0.9.0', memoryBytes: 23, memoryLimitBytes: 128 })],
  providers: [provider('desk', 'keyvalue'), provider('east', 'http')],
  links: [link('notes', 'keyvalue')],
})

const drag = {
  key: key('desk', 'notes'),
  componentId: 'notes',
  fromHostId: 'desk',
  foot: { x: 0, y: 700 },
  overHostId: 'east',
  startedAtMs: 0,
  verdicts: {},
  byKeyboard: false,
} as const

suite('the picture of a lattice', () => {
  it('is this for a desktop with one linked component and a second node', () => {
    const { scene } = draw(small, { focused: key('desk', 'notes') })
    expect(scene).toEqual({
      places: new Map([
        [
          'desk',
          {
            kind: 'place',
            id: 'desk',
            name: 'desk',
            hostKind: 'desktop',
            version: '0.1.0',
            x: -430,
            y: 0,
            width: 860,
            depth: 430,
            state: 'fresh',
            heardAtMs: 1000,
            reason: undefined,
            load: 0.3,
            actorCount: 1,
            failedCount: 0,
            fixtures: [
              {
                key: 'desk/keyvalue',
                providerId: 'keyvalue',
                name: 'keyvalue',
                glyph: 'keyvalue',
                x: 34,
                width: 95,
                isInUse: true,
                state: 'running',
              },
            ],
            hiddenFixtures: 0,
            verdict: undefined,
            note: undefined,
            isSelected: false,
            isDropTarget: false,
          },
        ],
        ['east', expect.objectContaining({ id: 'east', x: -610, y: 590, width: 560, depth: 320, actorCount: 0 })],
      ]),
      windows: new Map([
        [
          'desk/notes',
          {
            kind: 'window',
            key: 'desk/notes',
            componentId: 'notes',
            hostId: 'desk',
            hostName: 'desk',
            foot: { x: -281, y: 70 },
            width: 250,
            height: 224,
            title: 'notes',
            version: '0.9.0',
            instances: 1,
            digest: undefined,
            state: 'running',
            problem: undefined,
            hasWindow: true,
            rim: 0.18,
            isFocused: true,
            isSelected: false,
            isMinimised: false,
            isDragged: false,
            rank: 0,
          },
        ],
      ]),
      cables: new Map([
        [
          'notes|default|wasi:keyvalue|keyvalue',
          {
            kind: 'cable',
            key: 'notes|default|wasi:keyvalue|keyvalue',
            sourceId: 'notes',
            target: 'keyvalue',
            label: 'wasi:keyvalue',
            interfaces: ['store'],
            transport: 'in-process',
            state: 'idle',
            traffic: undefined,
            points: expect.any(Array),
            isSelected: false,
          },
        ],
      ]),
      footprints: new Map(),
    })
  })

  it('is the very same object when nothing changed, and keeps every node that did not', () => {
    const one = draw(small)
    expect(draw({ ...small, hosts: { ...small.hosts } }, {}, one).scene).toBe(one.scene)
    const two = draw({ ...small, hosts: { ...small.hosts, east: host('east', { load: 0.5 }) } }, {}, one)
    expect(two.scene.places.get('desk')).toBe(one.scene.places.get('desk'))
    expect(two.scene.places.get('east')).not.toBe(one.scene.places.get('east'))
    expect(two.scene.windows).toBe(one.scene.windows)
    expect(two.scene.cables).toBe(one.scene.cables)
  })

  it('says of a window that its host is not heard, whatever the component said last', () => {
    for (const liveness of ['stale', 'gone'] as const) {
      const state = { ...small, hosts: { ...small.hosts, desk: host('desk', { liveness }) } }
      const { scene } = draw(state)
      expect(scene.windows.get(key('desk', 'notes'))?.state).toBe('not-heard')
      expect([...scene.cables.values()].map((cable) => cable.state)).toEqual(['stale'])
    }
  })

  it('keeps the windows of a host that is gone, until it is forgotten', () => {
    const before = draw(small)
    const gone = { ...small, components: {}, hosts: { ...small.hosts, desk: host('desk', { liveness: 'gone' }) } }
    const after = draw(gone, {}, before)
    expect(after.scene.windows.get(key('desk', 'notes'))).toMatchObject({ state: 'not-heard', title: 'notes' })
    expect([...draw(gone, {}, after, { forgotten: ['desk'] }).scene.places.keys()]).toEqual(['east'])
  })

  it('draws a link to another node as a lattice cable, and one to nowhere as broken', () => {
    const state = lattice({
      hosts: [host('desk'), host('east')],
      components: [component('desk', 'notes'), component('east', 'orders')],
      links: [link('notes', 'orders', { traffic: { perSecond: 4, errorsPerSecond: 0 } }), link('orders', 'nobody')],
    })
    const cables = [...draw(state).scene.cables.values()].map(({ target, transport, state: is }) => [
      target,
      transport,
      is,
    ])
    expect(cables).toEqual([
      ['orders', 'lattice', 'flowing'],
      ['nobody', 'in-process', 'broken'],
    ])
  })

  it('prefers the target on the same node', () => {
    const state = lattice({
      hosts: [host('desk'), host('east')],
      components: [component('east', 'notes')],
      providers: [provider('desk', 'keyvalue'), provider('east', 'keyvalue')],
      links: [link('notes', 'keyvalue')],
    })
    expect([...draw(state).scene.cables.values()].map((cable) => cable.transport)).toEqual(['in-process'])
  })

  it('shows a window in the hand where the hand is, its home outlined, its cables at home', () => {
    const before = draw(small)
    const verdict: Verdict = {
      hostId: host('east').id,
      kind: 'accepts',
      summary: 'accepts: 1 of 1 links',
      details: [],
    }
    const { scene } = draw(small, { drag: { ...drag, verdicts: { east: verdict } } }, before)
    expect(scene.windows.get(drag.key)).toMatchObject({ foot: { x: 0, y: 700 }, isDragged: true })
    expect(scene.places.get('east')).toMatchObject({
      verdict: { kind: 'accepts', summary: 'accepts: 1 of 1 links' },
      isDropTarget: true,
    })
    expect([...scene.footprints.values()].map(({ role, hostId, verdict: says }) => [role, hostId, says])).toEqual([
      ['home', 'desk', undefined],
      ['target', 'east', 'accepts'],
    ])
    expect(scene.cables).toBe(before.scene.cables)
    const dropped = draw(small, {}, { ...before, scene })
    expect(dropped.scene.windows.get(drag.key)?.foot).toEqual(before.scene.windows.get(drag.key)?.foot)
  })

  it('says that it asks only when asking takes long, and never of the home', () => {
    const before = draw(small)
    expect(draw(small, { drag }, before).scene.places.get('east')?.verdict).toBeUndefined()
    const slow = draw(small, { drag: { ...drag, isAskingShown: true } }, before).scene
    expect(slow.places.get('east')?.verdict).toEqual({ kind: 'asking', summary: '' })
    expect(slow.places.get('desk')?.verdict).toBeUndefined()
  })

  it('shows a moving window once, with footprints at both ends', () => {
    const moves = { notes: { componentId: 'notes', from: 'desk', to: 'east', phase: 'loading' } }
    const both = { ...small.components, [key('east', 'notes')]: component('east', 'notes', { state: 'starting' }) }
    const { scene } = draw({ ...small, components: both }, { moves }, draw(small))
    expect([...scene.windows.values()].map(({ key: id, state }) => [id, state])).toEqual([['desk/notes', 'moving']])
    expect([...scene.footprints.values()].map(({ role, hostId }) => [role, hostId])).toEqual([
      ['home', 'desk'],
      ['target', 'east'],
    ])
  })

  it('keeps the size of a component that moved', () => {
    const windows = { notes: { x: 200, y: 70, width: 400, height: 300 } }
    const moved = lattice({ hosts: [host('desk'), host('east')], components: [component('east', 'notes')] })
    expect(draw(moved, {}, nothingDescribed, { windows }).scene.windows.get(key('east', 'notes'))).toMatchObject({
      width: 400,
      height: 300,
    })
  })

  it('stands again where it stood once what was laid out is written down', () => {
    const first = draw(small)
    const pins = unarranged(first.scene, first.homes, defaultWorkspace)
    const again = draw(small, {}, nothingDescribed, pins)
    expect(again.scene).toEqual(first.scene)
    expect(unarranged(again.scene, again.homes, { ...defaultWorkspace, ...pins })).toBeUndefined()
  })

  it('counts the pills that do not fit on the rail', () => {
    const many = Array.from({ length: 9 }, (_, i) => provider('east', `provider-${String(i)}`))
    const { scene } = draw(lattice({ hosts: [host('east')], providers: many }))
    const east = scene.places.get('east')
    expect((east?.fixtures.length ?? 0) + (east?.hiddenFixtures ?? 0)).toBe(9)
    expect(east?.hiddenFixtures).toBeGreaterThan(0)
    const last = east?.fixtures.at(-1)
    expect((last?.x ?? 0) + (last?.width ?? 0)).toBeLessThan(560 - 34)
  })
})
