// What one is looking at, in three sentences: once at the first start, and again from the palette.

import type { ReactNode } from 'react'
import { useGround, useInteraction, useScene, useTongue } from '../hooks.js'

export function Hint(): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const isOpen = useInteraction((state) => state.hintOpen && state.drag === undefined && state.panel === 'none')
  const windows = useScene((scene) => scene.windows)
  if (!isOpen) return undefined
  const close = (): void => perform({ kind: 'hint', isOpen: false })
  const tryIt = (): void => {
    close()
    const first = [...windows.values()].find((node) => node.isFocused) ?? [...windows.values()][0]
    if (first === undefined) perform({ kind: 'panel', panel: 'launcher' })
    else perform({ kind: 'drag.start', key: first.key, byKeyboard: true })
  }
  return (
    <aside className="hint" aria-label={words.hint.title}>
      <h2>{words.hint.title}</h2>
      <p>{words.hint.text}</p>
      <div className="actions">
        <button type="button" className="button primary" onClick={tryIt}>
          {words.hint.tryIt}
        </button>
        <button type="button" className="button" onClick={close}>
          {words.close}
        </button>
      </div>
    </aside>
  )
}
