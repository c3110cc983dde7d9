// Builds every part of the page once, hands each what it needs, and closes them in reverse. No decisions.

import './space.css'
import { createEye } from './eye.js'
import { openFeed } from './feed.js'
import type { Ground } from './input/ground.js'
import { listenToKeyboard } from './input/keyboard.js'
import { createNotices } from './input/notices.js'
import { createPerformer } from './input/perform.js'
import { listenToPointer } from './input/pointer.js'
import { words } from './input/words.js'
import { createLocator } from './locate.js'
import { mountPanels } from './panels/root.js'
import { createPicture } from './picture.js'
import { tiltedPitch } from './scene/projection.js'
import { sayOnSpace } from './space-message.js'
import { createInteractionStore } from './state/interaction.js'
import { createLatticeStore } from './state/lattice.js'
import { createWorkspaceStore } from './state/workspace.js'
import { createWorlds } from './state/worlds.js'
import { Stage } from './view/stage.js'
import { keepWorkspace, parseWorkspace } from './workspace-file.js'

/** What bars and panels cover (look.md 4.6). */
const bars = { top: 40, bottom: 44 }
const inspectorWidth = 352

function elementOf(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return element
}

async function open(): Promise<void> {
  const { shell } = window
  const space = elementOf('space')
  const stores = {
    lattice: createLatticeStore(),
    workspace: createWorkspaceStore(),
    interaction: createInteractionStore(),
  }
  const { workspace, interaction } = stores
  const say = () => words[workspace.getState().locale]
  const worlds = createWorlds(shell)
  const notices = createNotices(interaction, Date.now)

  const saved = await shell.call('workspace.load')
  if (saved.ok) workspace.setState(parseWorkspace(saved.value), true)
  else notices.trouble(say().notLoaded, saved.failure)
  const { viewpoint, hasSeenHint } = workspace.getState()
  interaction.setState({ hintOpen: !hasSeenHint })

  const picture = createPicture(stores, () => {
    stage.invalidate()
    eye.fitUnlessLooked(picture.store.getState())
  })
  const canvas = space.appendChild(document.createElement('canvas'))
  canvas.setAttribute('aria-hidden', 'true')
  const stage = new Stage({
    canvas,
    viewpoint: viewpoint ?? { x: 0, y: 300, pitch: tiltedPitch, zoom: 0.8 },
    insets: () => ({ ...bars, left: 0, right: interaction.getState().inspector === undefined ? 0 : inspectorWidth }),
    describe: () => picture.take(),
    onRest: (at) => workspace.setState({ viewpoint: at }),
    onTrouble: (trouble) => sayOnSpace(space, trouble, workspace.getState().locale),
  })
  const eye = createEye(stage, viewpoint !== undefined)

  const ground: Ground = {
    stores,
    shell,
    worlds,
    eye,
    scene: () => picture.store.getState(),
    homes: () => picture.described().homes,
    notices,
    now: Date.now,
    later(ms, deed) {
      const timer = setTimeout(deed, ms)
      return () => clearTimeout(timer)
    },
  }
  const { perform, moving } = createPerformer(ground)

  const closers = [
    () => stage.close(),
    () => picture.close(),
    // What could not be read is not written over.
    saved.ok ? keepWorkspace(shell, workspace, (failure) => notices.trouble(say().notSaved, failure)) : () => undefined,
    interaction.subscribe((now, before) => {
      if ((now.inspector === undefined) !== (before.inspector === undefined)) stage.resize()
      if (now.drag !== undefined) eye.claim()
    }),
    listenToPointer({ ground, perform, space }),
    listenToKeyboard({
      ground,
      perform,
      enterWindow(key) {
        const frame = document.querySelector<HTMLElement>(`[data-window-key="${CSS.escape(key)}"]`)
        const first = frame?.querySelector<HTMLElement>(
          '.window-content :is(button, input, select, textarea, [tabindex])',
        )
        ;(first ?? frame?.querySelector<HTMLElement>('button'))?.focus()
      },
      askToStop(key) {
        // The question is asked where the button is: in the title bar.
        const frame = document.querySelector<HTMLElement>(`[data-window-key="${CSS.escape(key)}"]`)
        frame?.querySelector<HTMLElement>('.title-buttons button:last-child')?.click()
      },
      askToCut(link) {
        // As above: in the inspector, which first has to be there.
        perform({ kind: 'inspect', thing: { kind: 'link', id: link } })
        requestAnimationFrame(() =>
          document.querySelector<HTMLElement>('.inspector-actions [data-deed="cut"]')?.click(),
        )
      },
      chooseLink(key) {
        document.querySelector<HTMLElement>(`[data-window-key="${CSS.escape(key)}"] .socket`)?.click()
      },
    }),
    mountPanels(elementOf('panels'), {
      stores,
      perform,
      overlay: stage.overlay,
      scene: picture.store,
      shell,
      worlds,
    }),
    openFeed(shell, stores.lattice, {
      onFirst() {
        picture.update()
        // Twice: the first callback comes before the frame is drawn, the second after it.
        requestAnimationFrame(() => requestAnimationFrame(() => void shell.call('shell.ready')))
      },
      onNotice: (notice) => notices.raise(notice),
      onMoveProgress: (progress) => moving.progress(progress),
      onTrouble: (failure) => notices.trouble(say().noPicture, failure),
    }),
  ]

  window.tlos = createLocator({
    scene: ground.scene,
    projection: () => eye.projection,
    frames: () => ({ count: stage.frames, lastMs: stage.lastFrameMs }),
  })
  void shell.call('notice.list').then((outcome) => {
    if (outcome.ok) notices.fill(outcome.value)
  })
  window.addEventListener('pagehide', () => {
    for (const close of closers.splice(0).reverse()) close()
  })
}

void open().catch((error: unknown) => {
  console.error('the space could not be opened', error)
  const text = error instanceof Error ? error.message : String(error)
  sayOnSpace(elementOf('space'), { text }, 'en')
})
