// The frame of a window-object: everything that is the shell's and that no content can draw over. Accessible name in
// English whatever the language is, for tests and assistive tools rely on it.

import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import type { Component } from '../../../preload/records.js'
import type { WindowNode } from '../../scene/types.js'
import { WindowContent } from '../content/window-content.js'
import { useGround, useOverlay, useTongue } from '../hooks.js'
import { ResizeEdges } from './resize-edges.js'
import { SubBar } from './sub-bar.js'
import { useWireMark } from '../lattice/wire.js'
import { Socket } from './socket.js'
import { TitleBar } from './title-bar.js'
import { windowElementId } from './window-keys.js'

/** Does the view draw this element as live DOM now, on a page that can be seen? */
function useSeen(element: RefObject<HTMLElement | null>): boolean {
  const [isSeen, setIsSeen] = useState(false)
  useEffect(() => {
    const target = element.current
    if (target === null) return undefined
    const look = (): void =>
      setIsSeen(target.dataset['level'] === 'live' && target.ownerDocument.visibilityState === 'visible')
    look()
    const observer = new MutationObserver(look)
    observer.observe(target, { attributes: true, attributeFilter: ['data-level'] })
    target.ownerDocument.addEventListener('visibilitychange', look)
    return () => {
      observer.disconnect()
      target.ownerDocument.removeEventListener('visibilitychange', look)
    }
  }, [element])
  return isSeen
}

export function WindowFrame({
  node,
  component,
}: {
  readonly node: WindowNode
  readonly component: Component | undefined
}): ReactNode {
  const { perform } = useGround()
  const { words, format } = useTongue()
  const element = useOverlay<HTMLDivElement>('window', node.key)
  const isSeen = useSeen(element)
  const wireMark = useWireMark(node.componentId)
  const flags = [
    'over window',
    node.state,
    node.isFocused ? 'focused' : '',
    node.isSelected ? 'selected' : '',
    node.isMinimised ? 'minimised' : '',
    node.isDragged ? 'dragged' : '',
    wireMark ?? '',
  ]
  const rim = Math.min(1, Math.max(0, node.rim))
  const isPressed = useRef(false)
  // A focused window has one line more above its content. What is being pressed must not move away from under the
  // pointer, so the window is focused when the press is over and its click has been dealt with.
  const press = (): void => {
    if (node.isFocused) return
    isPressed.current = true
    const release = (): void => {
      removeEventListener('pointerup', release)
      removeEventListener('pointercancel', release)
      setTimeout(() => {
        isPressed.current = false
        perform({ kind: 'focus', key: node.key })
      })
    }
    addEventListener('pointerup', release)
    addEventListener('pointercancel', release)
  }
  return (
    <div
      ref={element}
      id={windowElementId(node.key)}
      className={flags.filter((flag) => flag !== '').join(' ')}
      role="group"
      aria-label={`actor ${node.componentId} on ${node.hostName}`}
      data-window-key={node.key}
      onPointerDownCapture={press}
      onFocusCapture={() => {
        if (!node.isFocused && !isPressed.current) perform({ kind: 'focus', key: node.key })
      }}
    >
      <TitleBar node={node} component={component} />
      <div className="rim" title={rim > 0 ? words.window.budget(format.percent(rim)) : undefined}>
        <div className={rim >= 0.8 ? 'rim-fill full' : 'rim-fill'} style={{ width: `${rim * 100}%` }} />
      </div>
      {(node.isFocused && !node.isDragged) || node.state === 'not-heard' ? (
        <SubBar node={node} component={component} />
      ) : undefined}
      <div className="window-content" hidden={node.isMinimised}>
        {component === undefined ? undefined : <WindowContent node={node} component={component} isSeen={isSeen} />}
      </div>
      {node.isMinimised || node.isDragged ? undefined : <ResizeEdges node={node} />}
      {node.isDragged || component === undefined ? undefined : <Socket node={node} />}
    </div>
  )
}
