// What a deed is, what deeds are made from, and the making of one. Pure.
// An impossible deed stays in the list with its reason.

import type { Component, Host, LatticeState, Verdict } from '../../../preload/records.js'
import type { Intent } from '../../input/intents.js'
import type { InteractionState } from '../../state/interaction.js'
import type { WorkspaceState } from '../../state/workspace.js'
import type { GlyphName } from '../glyphs.js'
import type { Question } from '../hooks.js'
import type { Words } from '../i18n/en.js'
import type { LinkOffer } from '../../state/link-offers.js'
import type { Rankable } from './rank.js'

export interface Deed extends Rankable {
  readonly id: string
  readonly glyph: GlyphName
  readonly tone: 'plain' | 'good' | 'warn' | 'bad'
  readonly shortcut: string | undefined
  /** Why it cannot be done now. */
  readonly obstacle: string | undefined
  readonly run: { readonly kind: 'intent'; readonly intent: Intent } | { readonly kind: 'choose-file' }
  /** Asked before it is done. */
  readonly question: ((deed: () => void) => Question) | undefined
  /** A move whose verdict may still be fetched: where the actor is. */
  readonly ask: { readonly componentId: Component['id']; readonly hostId: Host['id'] } | undefined
}

export interface DeedSources {
  readonly lattice: LatticeState
  readonly workspace: WorkspaceState
  readonly interaction: Pick<InteractionState, 'focused' | 'selection'>
  readonly words: Words
  /** Verdicts fetched so far, by `{component}/{target host}`. */
  readonly verdicts: ReadonlyMap<string, Verdict>
  readonly linkOffers: readonly LinkOffer[]
  readonly query: string
}

type Extra = Partial<Omit<Deed, 'id' | 'title' | 'run' | 'glyph'>>

export const deed = (
  id: string,
  glyph: GlyphName,
  title: string,
  intent: Intent | undefined,
  extra: Extra = {},
): Deed => ({
  hint: '',
  tone: 'plain',
  weight: 0,
  shortcut: undefined,
  obstacle: undefined,
  question: undefined,
  ask: undefined,
  ...extra,
  id,
  glyph,
  title,
  run: intent === undefined ? { kind: 'choose-file' } : { kind: 'intent', intent },
})
