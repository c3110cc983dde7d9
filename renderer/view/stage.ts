// Owns the canvas: WebGL, its size, the frame loop. Draws only when something asked, or while something moves; knows
// nothing of what is drawn. Without WebGL, or when it is lost, says so on the page in words.

import { LinearSRGBColorSpace, PerspectiveCamera, Scene, WebGLRenderer, type Color } from 'three'
import { projectionOf, type Projection, type Viewport } from '../scene/projection.js'
import { aimCamera, type Eye } from './camera.js'

/** What panels cover at the edges, in CSS px. */
export type Insets = Omit<Viewport, 'width' | 'height'>

/** Something that may move: called once before each frame, says whether it wants another one right after. */
export type Mover = (nowMs: number) => boolean
/** Called in each frame when the picture is settled, before it is drawn. */
export type Drawn = (projection: Projection, isMoving: boolean) => void

export interface Stage {
  readonly scene: Scene
  readonly camera: PerspectiveCamera
  /** The projection of the frame that is on the screen, or of the next one while none is. */
  projection(): Projection
  /** The projection a viewpoint would have. */
  projectionAt(viewpoint: Projection['viewpoint']): Projection
  viewport(): Viewport
  setInsets(insets: Insets): void
  setClear(colour: Color): void
  /** Asks for a frame, at once or after some ms (a sooner one does for both). */
  requestDraw(afterMs?: number): void
  onMove(mover: Mover): () => void
  onDraw(drawn: Drawn): () => void
  /** ms between the last two frames of an unbroken run, and how many there were. */
  frames(): { readonly count: number; readonly lastMs: number }
  dispose(): void
}

const noWebGl =
  'The space cannot be drawn: this machine gave the shell no WebGL. Switch on hardware acceleration or update the graphics driver; the table (T) works without it.'
const lostWebGl = 'The graphics driver was restarted; the space comes back as soon as it is ready.'

function sayOn(host: HTMLElement, text: string | undefined): void {
  const old = host.querySelector('.stage-message')
  if (text === undefined) {
    old?.remove()
    return
  }
  const message = old ?? host.appendChild(document.createElement('p'))
  message.className = 'stage-message'
  message.setAttribute('role', 'alert')
  message.textContent = text
}

/** Nothing is thrown when there is no WebGL: DOM windows and panels go on working. */
export function createStage(host: HTMLElement, eye: Eye): Stage {
  const canvas = host.appendChild(document.createElement('canvas'))
  canvas.setAttribute('aria-hidden', 'true')
  const scene = new Scene()
  scene.matrixWorldAutoUpdate = true
  const camera = new PerspectiveCamera()
  const movers = new Set<Mover>()
  const drawn = new Set<Drawn>()
  let insets: Insets = { left: 0, top: 0, right: 0, bottom: 0 }
  let gl: WebGLRenderer | undefined
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let timerAt = Infinity
  let isLost = false
  let count = 0
  let lastMs = 0
  let lastAt = 0

  try {
    gl = new WebGLRenderer({ canvas, antialias: true, alpha: false, stencil: false, depth: false })
    gl.outputColorSpace = LinearSRGBColorSpace
    gl.sortObjects = true
  } catch {
    sayOn(host, noWebGl)
  }

  const viewport = (): Viewport => ({ width: host.clientWidth, height: host.clientHeight, ...insets })
  const projection = (): Projection => projectionOf(eye.viewpoint, viewport())

  const draw = (nowMs: number): void => {
    frame = 0
    let isMoving = eye.step(nowMs)
    for (const mover of movers) isMoving = mover(nowMs) || isMoving
    const now = projection()
    aimCamera(camera, now)
    for (const each of drawn) each(now, isMoving)
    if (gl !== undefined && !isLost) gl.render(scene, camera)
    count += 1
    lastMs = nowMs - lastAt
    lastAt = nowMs
    if (isMoving) stage.requestDraw()
  }

  const resize = (): void => {
    const { width, height } = viewport()
    if (gl !== undefined && width > 0 && height > 0) {
      gl.setPixelRatio(window.devicePixelRatio)
      gl.setSize(width, height, true)
    }
    // Setting the size empties the canvas: it is drawn again within this very frame.
    if (frame !== 0) cancelAnimationFrame(frame)
    draw(performance.now())
  }

  const onLost = (event: Event): void => {
    event.preventDefault()
    isLost = true
    sayOn(host, lostWebGl)
  }
  const onRestored = (): void => {
    isLost = false
    sayOn(host, undefined)
    stage.requestDraw()
  }

  const stage: Stage = {
    scene,
    camera,
    projection,
    projectionAt: (viewpoint) => projectionOf(viewpoint, viewport()),
    viewport,
    setInsets(next) {
      insets = next
      stage.requestDraw()
    },
    setClear(colour) {
      gl?.setClearColor(colour, 1)
      stage.requestDraw()
    },
    requestDraw(afterMs = 0) {
      if (frame !== 0) return
      if (afterMs > 0) {
        const at = performance.now() + afterMs
        if (at >= timerAt) return
        clearTimeout(timer)
        timerAt = at
        timer = setTimeout(() => {
          timerAt = Infinity
          stage.requestDraw()
        }, afterMs)
        return
      }
      clearTimeout(timer)
      timerAt = Infinity
      frame = requestAnimationFrame(draw)
    },
    onMove(mover) {
      movers.add(mover)
      return () => movers.delete(mover)
    },
    onDraw(each) {
      drawn.add(each)
      return () => drawn.delete(each)
    },
    frames: () => ({ count, lastMs }),
    dispose() {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
      observer.disconnect()
      canvas.removeEventListener('webglcontextlost', onLost)
      canvas.removeEventListener('webglcontextrestored', onRestored)
      gl?.dispose()
      canvas.remove()
    },
  }

  canvas.addEventListener('webglcontextlost', onLost)
  canvas.addEventListener('webglcontextrestored', onRestored)
  const observer = new ResizeObserver(resize)
  observer.observe(host)
  return stage
}
