// On the window of a component that was refused something for want of a grant: what it asked for, and the way to grant it.
// Whoever leaves it so is not told again, until it asks for something else.

import { useState, type ReactNode } from 'react'
import type { Lack } from '../../../preload/grants.js'
import type { Component } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import { Glyph } from '../glyphs.js'
import { useGround, useTongue } from '../hooks.js'
import { foremostLack, lackSentence } from './lack-sentence.js'

export function LackStrip({ component }: { readonly component: Component }): ReactNode {
  const { words } = useTongue()
  const [left, setLeft] = useState<string>()
  const lack = foremostLack(component.lacks ?? [], component.state === 'failed')
  if (lack === undefined || left === JSON.stringify(lack)) return undefined
  const say = words.grants.refused
  return (
    <div className="content-strip lack-strip" role="status">
      <span className="grow">{lackSentence(lack, say)}</span>
      <GrantButton component={component} lack={lack} />
      <button
        type="button"
        className="icon-button"
        aria-label={say.leave}
        title={say.leave}
        onClick={() => setLeft(JSON.stringify(lack))}
      >
        <Glyph name="close" size={10} />
      </button>
    </div>
  )
}

/** Opens the grants of a component with what it asked for already written, unless granting that is no help. */
export function GrantButton({ component, lack }: { readonly component: Component; readonly lack: Lack }): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const wish = lack.kind === 'listen' && lack.isTaken === true ? undefined : lack
  const thing = { kind: 'window', id: onHostKey(component.hostId, component.id) } as const
  return (
    <button type="button" className="button" onClick={() => perform({ kind: 'inspect', thing, tab: 'grants', wish })}>
      {words.grants.refused.button}
    </button>
  )
}
