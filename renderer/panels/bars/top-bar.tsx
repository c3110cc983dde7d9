// The bar at the top: which lattice, the field that finds or does anything, how one looks, what needs attention.

import type { ReactNode } from 'react'
import { Glyph } from '../glyphs.js'
import { useGround, useInteraction, useLattice, useTongue, useWorkspace } from '../hooks.js'

export function TopBar(): ReactNode {
  const { perform, openPalette } = useGround()
  const { words, format } = useTongue()
  const lattice = useLattice((state) => state.connection.lattice)
  const isFlat = useWorkspace((state) => (state.viewpoint?.pitch ?? 0) >= 90)
  const panel = useInteraction((state) => state.panel)
  const attention = useInteraction(
    (state) => state.notices.filter((notice) => notice.tone === 'bad' || notice.tone === 'warn').length,
  )
  const toggle = (wanted: 'table' | 'notices' | 'connect'): void =>
    perform({ kind: 'panel', panel: panel === wanted ? 'none' : wanted })
  return (
    <header className="top-bar">
      <button type="button" className="bar-button lattice-name" onClick={() => toggle('connect')}>
        <Glyph name="lattice" size={18} />
        <span className="clip">{lattice === '' ? words.appName : lattice}</span>
      </button>
      <button type="button" className="palette-field" onClick={() => openPalette('')}>
        <span className="clip">{words.bar.palette}</span>
        <kbd className="key">Ctrl K</kbd>
      </button>
      <span className="bar-right">
        <button type="button" className="bar-button" onClick={() => perform({ kind: 'look.flatten' })}>
          {isFlat ? words.bar.flat : words.bar.tilted} <kbd className="key">F</kbd>
        </button>
        <button type="button" className="bar-button" aria-pressed={panel === 'table'} onClick={() => toggle('table')}>
          {words.bar.table} <kbd className="key">T</kbd>
        </button>
        <button
          type="button"
          className="bar-button"
          aria-label={attention === 0 ? words.bar.attention : words.bar.attentionCount(attention)}
          title={attention === 0 ? words.bar.attention : words.bar.attentionCount(attention)}
          onClick={() => toggle('notices')}
        >
          <Glyph name="triangle" size={15} /> {attention === 0 ? undefined : format.count(attention)}
        </button>
      </span>
    </header>
  )
}
