// Carries out every intent, whoever emits it. Which group of deeds an intent belongs to is all that is decided here.

import { createHistory } from './arrangement.js'
import type { Ground } from './ground.js'
import type { Intent, Perform } from './intents.js'
import { createMoving, type Moving } from './moving.js'
import { createArrange } from './perform-arrange.js'
import { createChoose } from './perform-choose.js'
import { createDrag } from './perform-drag.js'
import { createGranting } from './perform-grants.js'
import { createLatticeDeeds } from './perform-lattice.js'
import { createLook } from './perform-look.js'
import { createToolDeeds } from './perform-tools.js'
import { createWire } from './perform-wire.js'
import { words } from './words.js'

export interface Performer {
  readonly perform: Perform
  readonly moving: Moving
}

/** Every intent of the union has its line here, else this does not compile. */
export function createPerformer(ground: Ground): Performer {
  const history = createHistory(ground.stores.workspace, ground.now)
  const moving = createMoving(ground)
  const look = createLook(ground)
  const choose = createChoose(ground)
  const drag = createDrag(ground, moving, history)
  const wire = createWire(ground)
  const arrange = createArrange(ground, history)
  const lattice = createLatticeDeeds(ground, moving, createGranting(ground))
  const tools = createToolDeeds(ground)

  const carryOut = (intent: Intent): void => {
    switch (intent.kind) {
      case 'look.at':
      case 'look.fit':
      case 'look.flatten':
      case 'look.zoom':
      case 'look.go-to':
      case 'viewpoint.save':
        look(intent)
        return
      case 'hover':
      case 'select':
      case 'focus':
      case 'focus.next':
      case 'inspect':
      case 'panel':
      case 'tool':
      case 'theme':
      case 'locale':
      case 'hint':
      case 'ask.show':
      case 'window.raise':
        choose(intent)
        return
      case 'drag.start':
      case 'drag.over':
      case 'drag.drop':
      case 'drag.cancel':
        drag(intent)
        return
      case 'wire.start':
      case 'wire.over':
      case 'wire.drop':
      case 'wire.cancel':
        wire(intent)
        return
      case 'place.move':
      case 'window.resize':
      case 'window.minimise':
      case 'window.maximise':
      case 'arrange.undo':
      case 'arrange.redo':
        arrange(intent)
        return
      case 'actor.event':
      case 'actor.move':
      case 'actor.start':
      case 'actor.stop':
      case 'actor.restart':
      case 'actor.scale':
      case 'actor.install':
      case 'actor.uninstall':
      case 'grant.give':
      case 'grant.take':
      case 'link.put':
      case 'link.delete':
      case 'host.forget':
      case 'host.stop':
      case 'node.start':
      case 'lattice.retry':
      case 'notice.take':
        lattice(intent)
        return
      case 'lattice.refresh':
      case 'provider.stop':
      case 'label.delete':
      case 'links.delete':
        tools(intent)
        return
      case 'notice.raise':
        ground.notices.raise(intent.notice)
        return
      case 'notice.dismiss':
        ground.notices.dismiss(intent.id)
        return
    }
  }

  const perform = (intent: Intent): void => {
    try {
      carryOut(intent)
    } catch (error) {
      // Our bug; the person is told, and the log of the page has where it was.
      console.error(`${intent.kind} failed`, error)
      const message = error instanceof Error ? error.message : String(error)
      const { locale } = ground.stores.workspace.getState()
      ground.notices.trouble(words[locale].ourFault, { code: 'internal', message, about: intent.kind })
    }
  }
  return { perform, moving }
}
