// What the person is doing right now; forgotten at quit. Written by intents only.

import { createStore } from 'zustand/vanilla'
import type { Lack } from '../../preload/grants.js'
import type { Notice, OnHostKey, Verdict } from '../../preload/records.js'
import type { LinkOffer } from './link-offers.js'

/** What is selected or hovered: a place, a window (by key), or a cable. */
export type ThingRef =
  | { readonly kind: 'place'; readonly id: string }
  | { readonly kind: 'window'; readonly id: OnHostKey }
  | { readonly kind: 'provider'; readonly id: OnHostKey }
  | { readonly kind: 'link'; readonly id: string }

export const inspectorTabs = ['overview', 'grants', 'log', 'numbers', 'receipts', 'json'] as const
export type InspectorTab = (typeof inspectorTabs)[number]

/** A window in the hand. World units; the foot is where it would stand. */
export interface DragState {
  readonly key: OnHostKey
  readonly componentId: string
  readonly fromHostId: string
  readonly foot: { readonly x: number; readonly y: number }
  /** The slab it would be dropped on; undefined over empty plane. */
  readonly overHostId: string | undefined
  readonly startedAtMs: number
  /** By host id; absent: still asking. */
  readonly verdicts: Readonly<Record<string, Verdict>>
  /** A keyboard drag (no pointer): Enter drops, arrows choose the slab. */
  readonly byKeyboard: boolean
  /** Asking takes long enough to be said (150 ms). */
  readonly isAskingShown?: boolean | undefined
}

/** A cable in the hand. */
export interface WireState {
  /** The window it was taken up at. */
  readonly key: OnHostKey
  readonly sourceId: string
  /** The pointer, CSS px of the page. */
  readonly at: { readonly x: number; readonly y: number }
  /** Id of the component or provider under the pointer. */
  readonly over: string | undefined
  /** What the source could be linked to; undefined: still asking. */
  readonly offers: readonly LinkOffer[] | undefined
}

/** A form of everything that can be asked of a lattice. */
export type FormName =
  'run' | 'update' | 'scale' | 'invoke' | 'request' | 'provider' | 'label' | 'link' | 'config' | 'secret' | 'registry'

/** A panel of the lattice's tools, with what it is about (an id, a key, a name, or nothing). */
export interface OpenTool {
  readonly name: FormName | 'applications' | 'configs' | 'claims' | 'traffic' | 'manifest' | 'capture' | 'permits'
  readonly about: string
  /** Where a form leads back to when it is done or given up. */
  readonly back?: OpenTool | undefined
}

/** A move under way, as main tells it, so that both ends can be drawn. */
export interface MoveState {
  readonly componentId: string
  readonly from: string
  readonly to: string
  readonly phase: string
}

export interface InteractionState {
  readonly hover: ThingRef | undefined
  readonly selection: ThingRef | undefined
  /** Window with the keyboard. */
  readonly focused: OnHostKey | undefined
  readonly drag: DragState | undefined
  readonly wire: WireState | undefined
  readonly moves: Readonly<Record<string, MoveState>>
  /** Reasons that stay on a nameplate for 6 s after a refused drop, by host id. */
  readonly lipNotes: Readonly<
    Record<string, { readonly text: string; readonly tone: 'bad' | 'warn' | 'good'; readonly untilMs: number }>
  >
  readonly panel: 'none' | 'palette' | 'launcher' | 'connect' | 'shortcuts' | 'notices' | 'table' | 'events' | 'tool'
  /** What the panel `tool` shows. */
  readonly tool: OpenTool | undefined
  readonly inspector: ThingRef | undefined
  readonly inspectorTab: InspectorTab
  /** What a component was refused and the person wants to grant: the tab of grants begins with it. */
  readonly grantWish: Lack | undefined
  /** Grows when something was granted or taken away here. */
  readonly grantTurn: number
  readonly notices: readonly Notice[]
  /** Toasts on the screen, newest last (ids of notices). */
  readonly toasts: readonly string[]
  readonly hintOpen: boolean
  /** A request of a provider that the person wants to see before the others. */
  readonly askShown: string | undefined
  /** Progress words of something slow the person asked for, by what it is about. */
  readonly busy: Readonly<Record<string, string>>
}

export const idleInteraction: InteractionState = {
  hover: undefined,
  selection: undefined,
  focused: undefined,
  drag: undefined,
  wire: undefined,
  moves: {},
  lipNotes: {},
  panel: 'none',
  tool: undefined,
  inspector: undefined,
  inspectorTab: 'overview',
  grantWish: undefined,
  grantTurn: 0,
  notices: [],
  toasts: [],
  hintOpen: false,
  askShown: undefined,
  busy: {},
}

export type InteractionStore = ReturnType<typeof createInteractionStore>

export function createInteractionStore() {
  return createStore<InteractionState>()(() => idleInteraction)
}
