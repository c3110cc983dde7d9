// What the parts of the panels use: the context, selected state, words of the chosen language, the ticking of ages.

import { createContext, useContext, useEffect, useRef, useSyncExternalStore, type RefObject } from 'react'
import { useStore } from 'zustand'
import type { LatticeState } from '../../preload/records.js'
import type { SceneDescription } from '../scene/types.js'
import type { InteractionState } from '../state/interaction.js'
import type { WorkspaceState } from '../state/workspace.js'
import type { OverlayKind, PanelsContext } from './context.js'
import type { HeldStore } from './form/held.js'
import type { Runs } from './form/runs.js'
import { en, type Words } from './i18n/en.js'
import { createFormat, type Format } from './i18n/format.js'
import { ru } from './i18n/ru.js'
import type { Ticker } from './ticker.js'

/** The context with what `mountPanels` adds to it. */
export interface Ground extends PanelsContext {
  readonly ticker: Ticker
  readonly runs: Runs
  /** Resources that the person holds by hand. */
  readonly held: HeldStore
  /** Asks the person first; `deed` runs on yes. */
  confirm(question: Question): void
  /** Opens the palette with a query already typed. */
  openPalette(startingWith: string): void
}

/** A destructive deed put as a question. */
export interface Question {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly deed: () => void
}

export const GroundContext = createContext<Ground | undefined>(undefined)

export function useGround(): Ground {
  const ground = useContext(GroundContext)
  if (ground === undefined) throw new Error('a panel is drawn outside of mountPanels')
  return ground
}

/** Selectors must return parts of the state, not new objects. */
export function useLattice<T>(select: (state: LatticeState) => T): T {
  return useStore(useGround().stores.lattice, select)
}

export function useWorkspace<T>(select: (state: WorkspaceState) => T): T {
  return useStore(useGround().stores.workspace, select)
}

export function useInteraction<T>(select: (state: InteractionState) => T): T {
  return useStore(useGround().stores.interaction, select)
}

export function useScene<T>(select: (scene: SceneDescription) => T): T {
  return useStore(useGround().scene, select)
}

export interface Tongue {
  readonly locale: 'en' | 'ru'
  readonly words: Words
  readonly format: Format
}

const tongues: Readonly<Record<'en' | 'ru', Tongue>> = {
  en: { locale: 'en', words: en, format: createFormat('en', en) },
  ru: { locale: 'ru', words: ru, format: createFormat('ru', ru) },
}

/** The words and number formats of the language in use. */
export function useTongue(): Tongue {
  return tongues[useWorkspace((state) => state.locale)]
}

const never = (): (() => void) => () => undefined

/** The present in ms, ticking about once a second while `isTicking`, still otherwise. */
export function useNow(isTicking: boolean): number {
  const { ticker } = useGround()
  return useSyncExternalStore(isTicking ? ticker.onTick : never, ticker.now)
}

/** Hands the element over to the view as something over the plane. */
export function useOverlay<E extends HTMLElement>(kind: OverlayKind, key: string): RefObject<E | null> {
  const { overlay } = useGround()
  const element = useRef<E>(null)
  useEffect(() => {
    if (element.current === null) return undefined
    return overlay.attach(kind, key, element.current)
  }, [overlay, kind, key])
  return element
}
