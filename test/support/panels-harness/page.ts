// Mounts the real panels over a still, flat plane with a bridge that answers from test data, to look at them in a
// browser. `?theme=light&locale=ru&panel=palette&inspect=notes&drag=1` choose what is seen.

import { createStore } from 'zustand/vanilla'
import type { Outcome, Shell } from '../../../preload/contract.js'
import type { ContentNode, Frame } from '../../../preload/frame.js'
import type { Notice, OnHostKey } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import type { WitWorld } from '../../../preload/wit.js'
import type { Intent } from '../../../renderer/input/intents.js'
import type { Overlay } from '../../../renderer/panels/context.js'
import { mountPanels } from '../../../renderer/panels/root.js'
import type { SceneDescription } from '../../../renderer/scene/types.js'
import { createInteractionStore, type InteractionState } from '../../../renderer/state/interaction.js'
import { createLatticeStore } from '../../../renderer/state/lattice.js'
import { createWorkspaceStore, type Theme } from '../../../renderer/state/workspace.js'
import { createWorlds } from '../../../renderer/state/worlds.js'
import { lattice, scene as described } from './lattice.js'

const query = new URLSearchParams(location.search)
const stores = {
  lattice: createLatticeStore(),
  workspace: createWorkspaceStore(),
  interaction: createInteractionStore(),
}
stores.lattice.setState(lattice)
stores.workspace.setState({
  theme: (query.get('theme') ?? 'dark') as Theme,
  locale: query.get('locale') === 'ru' ? 'ru' : 'en',
  viewpoint: { x: 640, y: 300, pitch: 52, zoom: 1 },
})
const scene = createStore<SceneDescription>()(() => described)
const notesKey = onHostKey('WORKSHOP', 'notes')

const node = (id: number, order: number, content: ContentNode['content'], parent?: number): ContentNode => ({
  id,
  order,
  content,
  parent,
})
let todo = ['Measure the north slope', 'Order bolts, 24 of M8', 'Ask Ilya about the flashing']
let draft = 'Tarpaulin back'
let revision = 1n

const contents: Record<string, () => ContentNode[]> = {
  notes: () => [
    node(1, 0, { tag: 'heading', val: 'Roof, before the frost' }),
    node(2, 1, { tag: 'entries' }),
    ...todo.map((label, index) =>
      node(10 + index, index, { tag: 'checkbox', val: { label, checked: index < 2, done: index < 2 } }, 2),
    ),
    node(3, 2, { tag: 'row' }),
    node(
      4,
      0,
      { tag: 'input', val: { label: 'New note', value: draft, placeholder: 'Write a note', multiline: false } },
      3,
    ),
    node(5, 1, { tag: 'button', val: { label: 'Add', primary: true, disabled: false } }, 3),
  ],
  thermo: () => [
    node(1, 0, { tag: 'row' }),
    node(2, 0, { tag: 'text', val: { text: '−3,4°', tone: 'plain', big: true, mono: false } }, 1),
    node(3, 1, { tag: 'text', val: { text: 'north wall', tone: 'muted', big: false, mono: false } }, 1),
    node(4, 2, {
      tag: 'canvas',
      val: {
        alt: 'Temperature since midnight',
        width: 240,
        height: 90,
        commands: [
          { tag: 'ink', val: 'muted' },
          {
            tag: 'line',
            val: [
              { x: 0, y: 80 },
              { x: 240, y: 80 },
            ],
          },
          { tag: 'ink', val: 'plain' },
          { tag: 'width', val: 2 },
          {
            tag: 'line',
            val: Array.from({ length: 60 }, (_, i) => ({ x: i * 4, y: 45 + Math.sin(i / 8) * 20 + i / 3 })),
          },
          { tag: 'label', val: [{ x: 0, y: 88 }, '00:00'] },
        ],
      },
    }),
  ],
  gate: () => [
    node(1, 0, {
      tag: 'table',
      val: {
        columns: ['request', 'code', 'took'],
        rows: [
          ['GET /orders', '200', '4 ms'],
          ['POST /place', '201', '9 ms'],
        ],
      },
    }),
  ],
}
const whole = (id: string): Frame => ({
  revision,
  whole: true,
  patches: (contents[id]?.() ?? []).map((val) => ({ tag: 'put', val })),
})

const world: WitWorld = {
  imports: [{ name: 'wasi:keyvalue/store@0.2.0-draft', functions: [] }],
  exports: [
    {
      name: 'home:orders/desk@0.1.0',
      functions: [
        {
          name: 'place',
          params: [
            { name: 'item', type: { kind: 'string' } },
            { name: 'qty', type: { kind: 'u32' } },
          ],
          result: { kind: 'result', ok: { kind: 'u64' }, err: { kind: 'string' } },
        },
        {
          name: 'search',
          params: [
            {
              name: 'filter',
              type: {
                kind: 'record',
                name: 'filter',
                fields: [
                  { name: 'since', type: { kind: 'option', inner: { kind: 'u64' } } },
                  { name: 'kinds', type: { kind: 'flags', name: 'kinds', names: ['open', 'done'] } },
                  { name: 'order', type: { kind: 'enum', name: 'order', cases: ['newest', 'oldest'] } },
                  { name: 'tags', type: { kind: 'list', element: { kind: 'string' } } },
                  { name: 'body', type: { kind: 'list', element: { kind: 'u8' } } },
                ],
              },
            },
          ],
          result: { kind: 'list', element: { kind: 'string' } },
        },
      ],
    },
  ],
}

const answers: Record<string, (...args: never[]) => unknown> = {
  'window.open': (id: string) => whole(id),
  'window.send': (id: string, _host: string, event: { target: number; action: { tag: string; val?: unknown } }) => {
    if (event.action.tag === 'text') draft = String(event.action.val)
    if (event.action.tag === 'press' || event.action.tag === 'submit') {
      todo = [...todo, draft]
      draft = ''
    }
    revision += 1n
    return { ...whole(id), whole: false }
  },
  'component.describe': () => world,
  'component.call': () => ({ tag: 'ok', val: 81_204n }),
  'component.log': () => [{ atMs: Date.now(), level: 'info', text: 'opened the desk' }],
  'component.numbers': () => ({
    calls: 1_204,
    errors: 3,
    p50Ms: 0.3,
    p99Ms: 4.2,
    guestMs: 812,
    instances: 1,
    mostInstances: 1,
    keptBytes: 0,
    waiting: 0,
    memoryBytes: 23 * 1_048_576,
    memoryPages: 368,
    handles: 0,
    restarts: 0,
    logLines: 1,
    limits: {
      memoryBytes: 64 * 1_048_576,
      callMs: 10_000,
      startMs: 10_000,
      logBytesPerSecond: 65_536,
      messageBytes: 16 * 1_048_576,
      callsWaiting: 256,
      waitMs: 10_000,
      idleMs: 120_000,
      handles: 1_000,
      handleIdleMs: 600_000,
    },
  }),
  'move.ask': () => [
    { hostId: 'ATTIC', kind: 'accepts', summary: 'accepts: bytes here, 3 of 3 links, pause about 40 ms', details: [] },
    { hostId: 'NORTH', kind: 'refuses', summary: 'refuses: no wasi:blobstore/container', details: [] },
  ],
  'move.receipts': () => [],
  'shell.inspect': () => ({ id: 'notes', max_instances: 1 }),
}
const shell = {
  call: async (name: string, ...args: never[]): Promise<Outcome<unknown>> => {
    const answer = answers[name]
    if (answer === undefined)
      return { ok: false, failure: { code: 'unavailable', message: `${name} is not answered here.` } }
    return { ok: true, value: answer(...args) }
  },
  on: () => () => undefined,
} as unknown as Shell

const set = (next: Partial<InteractionState>): void => stores.interaction.setState(next)
const intents: Intent[] = []
const perform = (intent: Intent): void => {
  intents.push(intent)
  if (intent.kind === 'panel') set({ panel: intent.panel })
  else if (intent.kind === 'inspect') set({ inspector: intent.thing })
  else if (intent.kind === 'locale') stores.workspace.setState({ locale: intent.locale })
  else if (intent.kind === 'theme') stores.workspace.setState({ theme: intent.theme })
  else if (intent.kind === 'hint') set({ hintOpen: intent.isOpen })
  else if (intent.kind === 'notice.raise') {
    const { notices, toasts } = stores.interaction.getState()
    set({ notices: [...notices, intent.notice], toasts: [...toasts, intent.notice.id] })
  } else if (intent.kind === 'notice.dismiss') {
    set({ toasts: stores.interaction.getState().toasts.filter((id) => id !== intent.id) })
  }
}
Object.assign(window, { intents, stores })

/** Flat: y of the plane becomes page y at 0.79, as at 52 degrees without depth. */
const at = (x: number, y: number): { left: number; top: number } => ({ left: 105 + x, top: 770 - y * 0.79 })
const put = (element: HTMLElement, left: number, top: number, width?: number, height?: number, z = 1): void => {
  element.style.transform = `translate(${left}px, ${top}px)`
  if (width !== undefined) element.style.width = `${width}px`
  if (height !== undefined) element.style.height = `${height}px`
  element.style.zIndex = String(z)
  element.dataset['level'] = 'live'
}
const overlay: Overlay = {
  attach(kind, key, element) {
    const place = described.places.get(key)
    const window_ = described.windows.get(key as OnHostKey)
    if ((kind === 'place' || kind === 'lip') && place !== undefined) {
      const { left, top } = at(place.x, place.y)
      if (kind === 'lip') put(element, left, top, place.width, 38, 3)
      else put(element, left, top - place.depth * 0.79, place.width, place.depth * 0.79)
      if (kind === 'place') element.style.background = 'var(--slab)'
      else element.style.background = 'var(--lip)'
    } else if (kind === 'window' && window_ !== undefined) {
      const { left, top } = at(window_.foot.x, window_.foot.y)
      put(element, left - window_.width / 2, top - window_.height, window_.width, window_.height, 10)
    } else if (kind === 'fixture') {
      for (const owner of described.places.values()) {
        const fixture = owner.fixtures.find((one) => one.key === key)
        const { left, top } = at(owner.x, owner.y)
        if (fixture !== undefined) put(element, left + fixture.x, top - 36, fixture.width, 22, 4)
      }
    } else if (kind === 'badge') {
      const { left, top } = at(60, 440)
      put(element, left, top, undefined, 20, 20)
    }
    return () => undefined
  },
  hostAt: () => 'WORKSHOP',
}

const panel = query.get('panel')
if (panel !== null) set({ panel: panel as InteractionState['panel'] })
const inspect = query.get('inspect')
if (inspect === 'notes') set({ inspector: { kind: 'window', id: notesKey } })
if (inspect === 'north') set({ inspector: { kind: 'place', id: 'NORTH' } })
set({ focused: notesKey, hintOpen: query.has('hint') })
if (query.has('toast')) {
  const receipt = {
    moveId: 'm',
    componentId: 'thermo',
    imageRef: '',
    from: 'NORTH',
    fromName: 'north',
    to: 'WORKSHOP',
    toName: 'workshop',
    epoch: 2,
    startedAtMs: Date.now(),
    phases: [],
    pauseMs: 38,
    stateBytes: 412,
    stateKind: 'exported',
    callsQueued: 2,
    callsLost: 0,
    callsTwice: 0,
    askedBy: 'workshop',
    outcome: 'moved',
  }
  const notice = {
    id: 'n',
    atMs: Date.now(),
    tone: 'good',
    title: 'thermo moved',
    text: '',
    receipt,
    offer: { label: 'Undo', kind: 'undo-move', about: 'm' },
  }
  perform({ kind: 'notice.raise', notice: notice as unknown as Notice })
}
if (query.has('drag')) {
  const verdict = {
    hostId: 'ATTIC',
    kind: 'accepts',
    summary: 'accepts: bytes here, 3 of 3 links, pause about 40 ms',
    details: [
      { label: 'Memory', value: 'snapshot, 412 KiB', tone: 'plain' },
      { label: 'Cable to keyvalue', value: 'process → lattice, +0.8 ms', tone: 'warn' },
    ],
  }
  set({
    drag: {
      key: notesKey,
      componentId: 'notes',
      fromHostId: 'WORKSHOP',
      foot: { x: 0, y: 0 },
      overHostId: 'ATTIC',
      startedAtMs: 0,
      byKeyboard: query.get('drag') === 'keys',
      verdicts: { ATTIC: verdict } as unknown as NonNullable<InteractionState['drag']>['verdicts'],
    },
  })
  scene.setState({
    places: new Map(
      [...described.places].map(([id, place]) => [
        id,
        {
          ...place,
          verdict:
            id === 'ATTIC'
              ? { kind: 'accepts', summary: verdict.summary }
              : id === 'NORTH'
                ? { kind: 'refuses', summary: 'refuses: no wasi:blobstore/container, 118 of 128 MiB in use' }
                : undefined,
        },
      ]),
    ),
  })
}
if (query.has('lost'))
  stores.lattice.setState({
    connection: {
      ...lattice.connection,
      state: 'lost',
      problem: 'The NATS server at ws://127.0.0.1:4223 closed the connection.',
    },
  })
mountPanels(document.getElementById('panels') as HTMLElement, {
  stores,
  perform,
  overlay,
  scene,
  shell,
  worlds: createWorlds(shell),
})
