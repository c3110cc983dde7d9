// The closed union of intents: everything a person can want, whoever emits it (pointer, keyboard, panel, palette).
// `perform.ts` carries them out: a store change, or a call over the bridge.

import type { GrantPart, Lack } from '../../preload/grants.js'
import type { Link, Notice, OnHostKey } from '../../preload/records.js'
import type { WindowEvent } from '../../preload/frame.js'
import type { InspectorTab, OpenTool, ThingRef } from '../state/interaction.js'
import type { Theme, Viewpoint } from '../state/workspace.js'
import type { Point } from '../scene/types.js'

export type Intent =
  // looking
  | { readonly kind: 'look.at'; readonly viewpoint: Viewpoint; readonly isAnimated: boolean }
  | { readonly kind: 'look.fit' }
  | { readonly kind: 'look.flatten' } // toggles tilted and flat
  | { readonly kind: 'look.zoom'; readonly steps: number }
  | { readonly kind: 'look.go-to'; readonly thing: ThingRef }
  | { readonly kind: 'viewpoint.save'; readonly name: string }
  // choosing
  | { readonly kind: 'hover'; readonly thing: ThingRef | undefined }
  | { readonly kind: 'select'; readonly thing: ThingRef | undefined }
  | { readonly kind: 'focus'; readonly key: OnHostKey | undefined }
  | { readonly kind: 'focus.next'; readonly step: 1 | -1 }
  | {
      readonly kind: 'inspect'
      readonly thing: ThingRef | undefined
      /** Absent: the one that is open for this thing, or the overview. */
      readonly tab?: InspectorTab | undefined
      /** For the tab of grants: what is to be granted. */
      readonly wish?: Lack | undefined
    }
  | {
      readonly kind: 'panel'
      readonly panel: 'none' | 'palette' | 'launcher' | 'connect' | 'shortcuts' | 'notices' | 'table' | 'events'
    }
  | { readonly kind: 'tool'; readonly tool: OpenTool }
  // dragging a window: foot is a world point, over is the slab under it
  | { readonly kind: 'drag.start'; readonly key: OnHostKey; readonly byKeyboard: boolean }
  | { readonly kind: 'drag.over'; readonly foot: Point; readonly hostId: string | undefined }
  | { readonly kind: 'drag.drop' }
  | { readonly kind: 'drag.cancel' }
  // drawing a cable by hand: at is the pointer in px of the page, target the component or provider under it
  | { readonly kind: 'wire.start'; readonly key: OnHostKey; readonly at: Point }
  | { readonly kind: 'wire.over'; readonly at: Point; readonly target: string | undefined }
  | { readonly kind: 'wire.drop' }
  | { readonly kind: 'wire.cancel' }
  // arranging
  | { readonly kind: 'place.move'; readonly id: string; readonly x: number; readonly y: number }
  | { readonly kind: 'window.resize'; readonly key: OnHostKey; readonly width: number; readonly height: number }
  | { readonly kind: 'window.minimise'; readonly key: OnHostKey; readonly isMinimised: boolean }
  | { readonly kind: 'window.maximise'; readonly key: OnHostKey }
  | { readonly kind: 'window.raise'; readonly key: OnHostKey }
  | { readonly kind: 'arrange.undo' }
  | { readonly kind: 'arrange.redo' }
  // acting on the lattice
  | { readonly kind: 'actor.event'; readonly key: OnHostKey; readonly event: WindowEvent }
  | { readonly kind: 'actor.move'; readonly key: OnHostKey; readonly toHostId: string }
  | { readonly kind: 'actor.start'; readonly componentId: string; readonly imageRef: string; readonly hostId: string }
  | { readonly kind: 'actor.stop'; readonly key: OnHostKey }
  | { readonly kind: 'actor.restart'; readonly key: OnHostKey }
  | { readonly kind: 'actor.scale'; readonly key: OnHostKey; readonly count: number }
  | {
      readonly kind: 'actor.install'
      readonly fileName: string
      readonly bytes: Uint8Array
      readonly startOn: string | undefined
    }
  | { readonly kind: 'actor.uninstall'; readonly componentId: string }
  | { readonly kind: 'grant.give'; readonly key: OnHostKey; readonly part: GrantPart }
  | { readonly kind: 'grant.take'; readonly key: OnHostKey; readonly part: GrantPart }
  | { readonly kind: 'link.put'; readonly link: Link }
  | { readonly kind: 'link.delete'; readonly link: Link }
  /** All links of this source, or of the whole lattice. */
  | { readonly kind: 'links.delete'; readonly sourceId: string | undefined }
  | { readonly kind: 'host.forget'; readonly id: string }
  | { readonly kind: 'host.stop'; readonly id: string }
  | { readonly kind: 'node.start'; readonly name: string }
  | { readonly kind: 'lattice.retry' }
  | { readonly kind: 'lattice.refresh' }
  | { readonly kind: 'provider.stop'; readonly key: OnHostKey }
  | { readonly kind: 'label.delete'; readonly id: string; readonly label: string }
  // the shell itself
  | { readonly kind: 'theme'; readonly theme: Theme }
  | { readonly kind: 'locale'; readonly locale: 'en' | 'ru' }
  | { readonly kind: 'ask.show'; readonly id: string | undefined }
  | { readonly kind: 'hint'; readonly isOpen: boolean }
  | { readonly kind: 'notice.raise'; readonly notice: Notice }
  | { readonly kind: 'notice.dismiss'; readonly id: string }
  | { readonly kind: 'notice.take'; readonly id: string } // do what it offers

/** Carries an intent out; never throws, trouble becomes a notice where the person looks. */
export type Perform = (intent: Intent) => void
