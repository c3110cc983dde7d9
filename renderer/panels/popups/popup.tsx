// A pop-up with a title: takes the keyboard when it opens, gives it back when it closes, closes on Escape and on a
// press outside.

import { useEffect, useId, useRef, type ReactNode } from 'react'
import { Glyph } from '../glyphs.js'
import { useGround, useTongue } from '../hooks.js'

/** Moves the keyboard into an element while it is there and back afterwards. */
export function useKeyboard<E extends HTMLElement>(onOutside?: () => void): { readonly current: E | null } {
  const element = useRef<E>(null)
  const outside = useRef(onOutside)
  outside.current = onOutside
  useEffect(() => {
    const before = document.activeElement
    const root = element.current
    const first = root?.querySelector<HTMLElement>('[data-first]') ?? root
    first?.focus()
    const onDown = (event: PointerEvent): void => {
      if (!(event.target instanceof Node) || root?.contains(event.target) === true) return
      // The bars toggle panels themselves; what asks over them is about something else.
      if (event.target instanceof Element && event.target.closest('.top-bar, .bottom-bar, .ask-card, dialog') !== null)
        return
      outside.current?.()
    }
    document.addEventListener('pointerdown', onDown, true)
    return () => {
      document.removeEventListener('pointerdown', onDown, true)
      const isLost = document.activeElement === document.body || root?.contains(document.activeElement) === true
      if (isLost && before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return element
}

export function Popup({
  className,
  title,
  isSticky = false,
  onClose,
  children,
}: {
  readonly className: string
  readonly title: string
  /** A press outside does not close it: something is typed into it. */
  readonly isSticky?: boolean
  /** Instead of closing the panel. */
  readonly onClose?: () => void
  readonly children: ReactNode
}): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const label = useId()
  const close = onClose ?? ((): void => perform({ kind: 'panel', panel: 'none' }))
  const element = useKeyboard<HTMLElement>(isSticky ? undefined : close)
  return (
    <section
      ref={element}
      className={`popup ${className}`}
      role="dialog"
      aria-labelledby={label}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        close()
      }}
    >
      <header className="popup-head">
        <h2 id={label}>{title}</h2>
        <button type="button" className="icon-button" aria-label={words.close} title={words.close} onClick={close}>
          <Glyph name="close" size={12} />
        </button>
      </header>
      {children}
    </section>
  )
}
