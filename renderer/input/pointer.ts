// Pointer and wheel of the page to intents: the plane is panned, tilted and zoomed by hand, title bars carry windows, lips
// carry slabs, a click chooses. What happens inside of windows and panels is theirs.

import { aboutPoint, flatPitch, unproject } from '../scene/projection.js'
import type { PlaceNode, Point } from '../scene/types.js'
import type { OnHostKey } from '../../preload/records.js'
import { cableAt } from './cable-at.js'
import { dragTo, placeAt, takeHold, type Grip } from './drag.js'
import type { Ground } from './ground.js'
import type { Perform } from './intents.js'

/** px the pointer goes before a press is a drag. */
const threshold = 4
/** Degrees of pitch per px. */
const tiltPerPx = 0.2
/** Nearer to flat than this is meant flat. */
const flatFrom = 87
const wheelStep = 1.12
/** px of wheel travel that are one step; a line or page of other devices in px. */
const wheelPx = 100
const wheelUnits = [1, 33, 400]

/** What the hand is at, from press to release. */
interface Hand {
  /** The pointer went past the threshold: takes hold. False: there is nothing to hold after all. */
  start(at: Point): boolean
  move(at: Point): void
  /** Let go; `isClick` when it never started. */
  end(isClick: boolean): void
  cancel(): void
}

export interface PointerOptions {
  readonly ground: Pick<Ground, 'stores' | 'eye' | 'scene'>
  readonly perform: Perform
  /** The element of the plane, under everything else. */
  readonly space: HTMLElement
}

/** Listens until the returned function is called. */
export function listenToPointer({ ground, perform, space }: PointerOptions): () => void {
  const { stores, eye, scene } = ground

  const pan = (from: Point, onClick: () => void): Hand => {
    const started = eye.projection
    const held = unproject(started, from.x, from.y)
    return {
      start() {
        space.classList.add('panning')
        return held !== undefined
      },
      move(at) {
        const under = unproject(started, at.x, at.y)
        if (held === undefined || under === undefined) return
        const { viewpoint } = started
        eye.set({ ...viewpoint, x: viewpoint.x + held.x - under.x, y: viewpoint.y + held.y - under.y }, false)
      },
      end(isClick) {
        space.classList.remove('panning')
        if (isClick) onClick()
        else eye.set(eye.viewpoint, true)
      },
      cancel() {
        space.classList.remove('panning')
        eye.set(started.viewpoint, true)
      },
    }
  }

  const tilt = (from: Point): Hand => {
    const started = eye.projection
    return {
      start: () => true,
      move(at) {
        const wanted = started.viewpoint.pitch + (at.y - from.y) * tiltPerPx
        eye.set(aboutPoint(started, from.x, from.y, { pitch: wanted > flatFrom ? flatPitch : wanted }), false)
      },
      end: () => eye.set(eye.viewpoint, true),
      cancel: () => eye.set(started.viewpoint, true),
    }
  }

  const carryWindow = (key: OnHostKey, from: Point): Hand => {
    let grip: Grip | undefined
    const isHeld = (): boolean => stores.interaction.getState().drag?.key === key
    return {
      start() {
        const node = scene().windows.get(key)
        if (node === undefined) return false
        grip = takeHold(eye.projection, scene().places, node, from)
        if (grip === undefined) return false
        perform({ kind: 'drag.start', key, byKeyboard: false })
        return isHeld()
      },
      move(at) {
        if (grip === undefined || !isHeld()) return
        const held = dragTo(eye.projection, scene().places, grip, at)
        if (held === undefined) return
        grip = held.grip
        perform({ kind: 'drag.over', foot: held.foot, hostId: held.hostId })
      },
      end(isClick) {
        if (isClick) perform({ kind: 'select', thing: { kind: 'window', id: key } })
        else if (isHeld()) perform({ kind: 'drag.drop' })
      },
      cancel() {
        if (isHeld()) perform({ kind: 'drag.cancel' })
      },
    }
  }

  const carryPlace = (place: PlaceNode, from: Point): Hand => {
    const { projection } = eye
    const held = unproject(projection, from.x, from.y)
    const moveTo = (x: number, y: number): void => perform({ kind: 'place.move', id: place.id, x, y })
    return {
      start: () => held !== undefined,
      move(at) {
        const under = unproject(projection, at.x, at.y)
        if (held !== undefined && under !== undefined) moveTo(place.x + under.x - held.x, place.y + under.y - held.y)
      },
      end(isClick) {
        if (isClick) perform({ kind: 'select', thing: { kind: 'place', id: place.id } })
      },
      cancel: () => moveTo(place.x, place.y),
    }
  }

  /** Whatever a cable could end at, by what is seen there: windows cover fixtures, and both cover the plane. */
  const targetAt = (at: Point): string | undefined => {
    const seen = document.elementFromPoint(at.x, at.y)
    const provider = seen?.closest<HTMLElement>('[data-provider-id]')?.dataset['providerId']
    if (provider !== undefined) return provider
    const key = seen?.closest<HTMLElement>('[data-window-key]')?.dataset['windowKey']
    return key === undefined ? undefined : scene().windows.get(key as OnHostKey)?.componentId // written from a node's key
  }

  const drawCable = (key: OnHostKey, from: Point): Hand => {
    const isDrawn = (): boolean => stores.interaction.getState().wire?.key === key
    return {
      start() {
        perform({ kind: 'wire.start', key, at: from })
        return isDrawn()
      },
      move(at) {
        if (!isDrawn()) return
        const target = targetAt(at)
        perform({
          kind: 'wire.over',
          at,
          target: scene().windows.get(key)?.componentId === target ? undefined : target,
        })
      },
      end(isClick) {
        if (!isClick && isDrawn()) perform({ kind: 'wire.drop' })
      },
      cancel() {
        if (isDrawn()) perform({ kind: 'wire.cancel' })
      },
    }
  }

  /** A click on the plane: a cable, else the place under it, else nothing. */
  const choose = (at: Point): void => {
    const cable = cableAt(eye.projection, scene().cables, at)
    const place = placeAt(eye.projection, scene().places, at)
    perform({ kind: 'focus', key: undefined })
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    if (cable !== undefined) perform({ kind: 'select', thing: { kind: 'link', id: cable } })
    else perform({ kind: 'select', thing: place === undefined ? undefined : { kind: 'place', id: place.id } })
  }

  const handOn = (event: PointerEvent): Hand | undefined => {
    const { target } = event
    if (!(target instanceof Element)) return undefined
    const at = { x: event.clientX, y: event.clientY }
    const bar = target.closest('[data-drag-key]')
    if (bar instanceof HTMLElement && event.button === 0)
      // The attribute is written by the title bar from the node's own key.
      return carryWindow(bar.dataset['dragKey'] as OnHostKey, at)
    const socket = target.closest('[data-wire-key]')
    if (socket instanceof HTMLElement && event.button === 0)
      // As above: the socket's own attribute.
      return drawCable(socket.dataset['wireKey'] as OnHostKey, at)
    const lip = target.closest('.lip[data-place-id]')
    const place = lip instanceof HTMLElement ? scene().places.get(lip.dataset['placeId'] ?? '') : undefined
    if (place !== undefined && event.button === 0 && !event.altKey) return carryPlace(place, at)
    if (!space.contains(target)) return undefined
    if (event.button === 2 || (event.button === 0 && event.altKey)) return tilt(at)
    return event.button === 0 || event.button === 1 ? pan(at, () => choose(at)) : undefined
  }

  let hand: { readonly act: Hand; readonly pointerId: number; readonly from: Point; isStarted: boolean } | undefined

  const swallowClick = (): void => {
    const swallow = (event: Event): void => event.stopPropagation()
    window.addEventListener('click', swallow, { capture: true, once: true })
    // The click of this release comes at once or not at all.
    setTimeout(() => window.removeEventListener('click', swallow, { capture: true }), 0)
  }

  const onDown = (event: PointerEvent): void => {
    if (hand !== undefined || event.defaultPrevented) return
    const act = handOn(event)
    if (act === undefined) return
    // A press on the plane must not start a selection of text, nor the browser's own scrolling by the middle button.
    if (event.target instanceof Node && space.contains(event.target)) event.preventDefault()
    hand = { act, pointerId: event.pointerId, from: { x: event.clientX, y: event.clientY }, isStarted: false }
  }

  const onMove = (event: PointerEvent): void => {
    const at = { x: event.clientX, y: event.clientY }
    if (hand === undefined) {
      if (event.buttons === 0 && event.target instanceof Node && space.contains(event.target)) {
        const cable = cableAt(eye.projection, scene().cables, at)
        perform({ kind: 'hover', thing: cable === undefined ? undefined : { kind: 'link', id: cable } })
      }
      return
    }
    if (event.pointerId !== hand.pointerId) return
    if (!hand.isStarted) {
      if (Math.hypot(at.x - hand.from.x, at.y - hand.from.y) < threshold) return
      if (!hand.act.start(at)) {
        hand = undefined
        return
      }
      hand.isStarted = true
      space.setPointerCapture(event.pointerId)
    }
    hand.act.move(at)
  }

  const onUp = (event: PointerEvent): void => {
    if (hand === undefined || event.pointerId !== hand.pointerId) return
    const { act, isStarted } = hand
    hand = undefined
    if (isStarted) swallowClick()
    act.end(!isStarted)
  }

  const cancel = (): void => {
    const held = hand
    hand = undefined
    if (held?.isStarted === true) held.act.cancel()
  }

  /** Escape lets go of whatever the hand holds, before it means anything else. */
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || hand?.isStarted !== true) return
    event.preventDefault()
    cancel()
  }

  const onWheel = (event: WheelEvent): void => {
    if (!(event.target instanceof Element)) return
    const isOnPlane =
      space.contains(event.target) || event.target.closest('.lip, .title-bar, .fixture, .badge') !== null
    if (!isOnPlane && !event.ctrlKey) return
    event.preventDefault()
    const travel = event.deltaY * (wheelUnits[event.deltaMode] ?? 1)
    // Pinching on a touch pad arrives as a wheel with Ctrl, in small steps.
    const steps = (event.ctrlKey && event.deltaMode === 0 && Math.abs(travel) < 50 ? travel * 4 : travel) / wheelPx
    const { projection } = eye
    const zoom = projection.viewpoint.zoom * wheelStep ** -steps
    eye.set(aboutPoint(projection, event.clientX, event.clientY, { zoom }), true)
  }

  const onContextMenu = (event: Event): void => event.preventDefault()

  window.addEventListener('pointerdown', onDown)
  window.addEventListener('pointermove', onMove)
  window.addEventListener('pointerup', onUp)
  window.addEventListener('pointercancel', cancel)
  window.addEventListener('blur', cancel)
  window.addEventListener('keydown', onKeyDown, { capture: true })
  window.addEventListener('wheel', onWheel, { passive: false })
  space.addEventListener('contextmenu', onContextMenu)
  return () => {
    cancel()
    window.removeEventListener('pointerdown', onDown)
    window.removeEventListener('pointermove', onMove)
    window.removeEventListener('pointerup', onUp)
    window.removeEventListener('pointercancel', cancel)
    window.removeEventListener('blur', cancel)
    window.removeEventListener('keydown', onKeyDown, { capture: true })
    window.removeEventListener('wheel', onWheel)
    space.removeEventListener('contextmenu', onContextMenu)
  }
}
