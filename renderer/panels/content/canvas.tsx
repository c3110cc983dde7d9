// Draws the commands of an actor's canvas in the roles of the theme, at the sharpness of the screen; gives back where
// the pointer is and which keys are pressed, in canvas units.

import { useEffect, useRef, useState, type PointerEvent, type ReactNode } from 'react'
import type { Content } from '../../../preload/frame.js'
import type { ContentSession } from './content-session.js'

type CanvasContent = Extract<Content, { tag: 'canvas' }>['val']

const inks = { plain: '--ink', muted: '--ink3', good: '--good', warn: '--warn', bad: '--bad' } as const

function paint(canvas: HTMLCanvasElement, content: CanvasContent, sharpness: number): void {
  canvas.width = Math.max(1, Math.round(content.width * sharpness))
  canvas.height = Math.max(1, Math.round(content.height * sharpness))
  const pen = canvas.getContext('2d')
  if (pen === null) return
  const style = getComputedStyle(canvas)
  const ink = (tone: keyof typeof inks): string => style.getPropertyValue(inks[tone]).trim()
  pen.setTransform(sharpness, 0, 0, sharpness, 0, 0)
  pen.lineCap = 'round'
  pen.lineJoin = 'round'
  pen.lineWidth = 1
  pen.font = `12px ${style.getPropertyValue('--sans')}`
  pen.strokeStyle = ink('plain')
  pen.fillStyle = ink('plain')
  for (const command of content.commands) {
    switch (command.tag) {
      case 'line':
      case 'fill':
        pen.beginPath()
        for (const { x, y } of command.val) pen.lineTo(x, y)
        if (command.tag === 'line') pen.stroke()
        else pen.fill()
        break
      case 'circle':
        pen.beginPath()
        pen.arc(command.val[0].x, command.val[0].y, Math.max(0, command.val[1]), 0, 2 * Math.PI)
        pen.stroke()
        break
      case 'label':
        pen.fillText(command.val[1], command.val[0].x, command.val[0].y)
        break
      case 'ink':
        pen.strokeStyle = ink(command.val)
        pen.fillStyle = ink(command.val)
        break
      case 'width':
        pen.lineWidth = Math.min(Math.max(command.val, 0), 256)
        break
    }
  }
}

/** Grows when the tokens changed, so that what was painted in them is painted again. */
function useThemeVersion(): number {
  const [version, setVersion] = useState(0)
  useEffect(() => {
    const observer = new MutationObserver(() => setVersion((before) => before + 1))
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    return () => observer.disconnect()
  }, [])
  return version
}

export function ActorCanvas({
  id,
  content,
  session,
}: {
  readonly id: number
  readonly content: CanvasContent
  readonly session: ContentSession | undefined
}): ReactNode {
  const element = useRef<HTMLCanvasElement>(null)
  const theme = useThemeVersion()
  useEffect(() => {
    if (element.current !== null) paint(element.current, content, Math.min(3, Math.max(1, window.devicePixelRatio)))
  }, [content, theme])

  const point = (event: PointerEvent<HTMLCanvasElement>, down: boolean): void => {
    const rect = event.currentTarget.getBoundingClientRect()
    if (rect.width === 0 || rect.height === 0) return
    const x = ((event.clientX - rect.left) / rect.width) * content.width
    const y = ((event.clientY - rect.top) / rect.height) * content.height
    session?.send({ target: id, action: { tag: 'pointer', val: { x, y, down } } })
  }
  return (
    <canvas
      ref={element}
      className="content-canvas"
      role="img"
      aria-label={content.alt}
      tabIndex={0}
      style={{ width: content.width, aspectRatio: `${content.width} / ${content.height}` }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        point(event, true)
      }}
      onPointerMove={(event) => {
        if (event.buttons !== 0) point(event, true)
      }}
      onPointerUp={(event) => point(event, false)}
      onKeyDown={(event) => {
        // Tab leaves and shortcuts of the shell pass; all else is the actor's.
        if (event.key === 'Tab' || event.key === 'Escape' || event.ctrlKey || event.metaKey || event.altKey) return
        event.preventDefault()
        event.stopPropagation()
        session?.send({ target: id, action: { tag: 'key', val: event.key } })
      }}
    />
  )
}
