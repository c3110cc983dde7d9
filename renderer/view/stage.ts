// Owns WebGL, the size and the frame loop; draws only when something asked. Without WebGL, or when its context is lost, it
// says so and the DOM over the plane goes on working.

import { Color, Group, Scene, SRGBColorSpace, WebGLRenderer } from 'three'
import type { Viewport } from '../scene/projection.js'
import type { ScenePatch } from '../scene/reconcile.js'
import { emptyScene } from '../scene/reconcile.js'
import type { SceneDescription } from '../scene/types.js'
import { Camera } from './camera.js'
import { createColours, readColours } from './colours.js'
import { FarWindows } from './far-windows.js'
import { Overlay } from './overlay.js'
import { Resources } from './resources.js'
import { createCableClock, type ViewContext } from './scene-view.js'
import { Ticks } from './ticks.js'
import { World } from './world.js'

type Viewpoint = Camera['viewpoint']

/** Frames of traffic in a second, and how far a bead goes in one. */
const trafficRate = 12
const slowTrafficRate = 4
const beadSpeed = 90
/** A frame that takes longer than this makes traffic step slowly. */
const slowFrameMs = 24

export type StageTrouble = 'no-webgl' | 'context-lost' | 'context-restored'

export interface StageOptions {
  readonly canvas: HTMLCanvasElement
  readonly viewpoint: Viewpoint
  /** What bars and panels cover, in px. */
  readonly insets: () => Pick<Viewport, 'left' | 'top' | 'right' | 'bottom'>
  /** Before a frame: the newest picture, and the patch that leads to it. */
  readonly describe: () => { readonly scene: SceneDescription; readonly patch: ScenePatch }
  readonly onRest: (viewpoint: Viewpoint) => void
  readonly onTrouble: (trouble: StageTrouble) => void
}

export class Stage {
  readonly camera: Camera
  readonly overlay: Overlay
  readonly #options: StageOptions
  readonly #renderer: WebGLRenderer | undefined
  readonly #three = new Scene()
  readonly #context: ViewContext
  readonly #world: World
  readonly #ticks: Ticks
  readonly #far: FarWindows
  readonly #background = new Color()
  readonly #closers: (() => void)[] = []
  #scene: SceneDescription = emptyScene
  #frame = 0
  #frames = 0
  #trafficTimer: ReturnType<typeof setTimeout> | undefined
  #lastFrameMs = 0
  #isClosed = false
  #isLost = false

  constructor(options: StageOptions) {
    this.#options = options
    this.camera = new Camera(options.viewpoint, this.#viewport(), {
      onChange: () => {
        this.invalidate()
      },
      onRest: options.onRest,
    })
    this.overlay = new Overlay(() => {
      this.invalidate()
    })
    const root = new Group()
    root.matrixAutoUpdate = false
    this.#three.add(root)
    this.#three.matrixAutoUpdate = false
    this.#context = { root, resources: new Resources(), colours: createColours(), clock: createCableClock() }
    this.#world = new World(this.#context)
    this.#ticks = new Ticks(this.#context)
    this.#far = new FarWindows(this.#context)
    this.#renderer = this.#openRenderer()
    this.#listen()
    this.repaint()
    this.resize()
  }

  /** Frames drawn since the start. */
  get frames(): number {
    return this.#frames
  }

  /** ms that the last frame took here, without the driver's part. */
  get lastFrameMs(): number {
    return this.#lastFrameMs
  }

  /** Asks for one frame; many asks are one frame. */
  invalidate(): void {
    if (this.#frame !== 0 || this.#isClosed) return
    this.#frame = requestAnimationFrame((nowMs) => {
      this.#draw(nowMs)
    })
  }

  /** Reads the colours that hold now. */
  repaint(): void {
    readColours(this.#context.colours, document)
    this.#world.repaint()
    const { plane } = this.#context.colours
    this.#background.setRGB(plane.r, plane.g, plane.b, SRGBColorSpace)
    this.invalidate()
  }

  resize(): void {
    const viewport = this.#viewport()
    this.#renderer?.setPixelRatio(window.devicePixelRatio)
    this.#renderer?.setSize(viewport.width, viewport.height)
    this.camera.resize(viewport)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#trafficTimer)
    for (const closer of this.#closers.reverse()) closer()
    this.#world.dispose()
    this.#ticks.dispose()
    this.#far.dispose()
    this.#renderer?.dispose()
  }

  #viewport(): Viewport {
    const { clientWidth, clientHeight } = document.documentElement
    return { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight), ...this.#options.insets() }
  }

  #openRenderer(): WebGLRenderer | undefined {
    try {
      // Edges are smoothed by the shaders; multisampling would only cost.
      return new WebGLRenderer({
        canvas: this.#options.canvas,
        antialias: false,
        alpha: false,
        depth: false,
        stencil: false,
      })
    } catch {
      // Three throws a plain Error that says no more than this.
      this.#options.onTrouble('no-webgl')
      return undefined
    }
  }

  #listen(): void {
    const { canvas, onTrouble } = this.#options
    const on = (target: EventTarget, name: string, listener: (event: Event) => void): void => {
      target.addEventListener(name, listener)
      this.#closers.push(() => {
        target.removeEventListener(name, listener)
      })
    }
    on(window, 'resize', () => {
      this.resize()
    })
    on(document, 'visibilitychange', () => {
      this.invalidate()
    })
    on(canvas, 'webglcontextlost', (event) => {
      event.preventDefault()
      this.#isLost = true
      onTrouble('context-lost')
    })
    on(canvas, 'webglcontextrestored', () => {
      this.#isLost = false
      onTrouble('context-restored')
      this.invalidate()
    })
    const themes = new MutationObserver(() => {
      this.repaint()
    })
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    this.#closers.push(() => {
      themes.disconnect()
    })
  }

  #draw(nowMs: number): void {
    this.#frame = 0
    if (this.#isClosed) return
    const startedAtMs = performance.now()
    const { scene, patch } = this.#options.describe()
    this.#world.apply(patch)
    this.#scene = scene
    const isMoving = this.camera.step(nowMs)
    const { projection } = this.camera
    const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    this.overlay.place(projection, scene, { ratio: window.devicePixelRatio, isAtRest: !isMoving, nowMs, isStill })
    if (this.#renderer !== undefined && !this.#isLost) {
      this.#far.update(scene, this.overlay.levels)
      this.#ticks.update(projection)
      this.#context.clock.sinPitch.value = projection.sin
      this.#context.clock.viewport.value.set(projection.viewport.width, projection.viewport.height)
      this.camera.aim()
      this.#renderer.setClearColor(this.#background, 1)
      this.#renderer.render(this.#three, this.camera.three)
    }
    this.#frames += 1
    this.#lastFrameMs = performance.now() - startedAtMs
    if (isMoving || this.overlay.isSettling) this.invalidate()
    this.#scheduleTraffic()
  }

  /** The next step of the beads, as long as calls are counted and somebody can see it. */
  #scheduleTraffic(): void {
    if (this.#trafficTimer !== undefined || document.hidden || this.#renderer === undefined) return
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return
    if (![...this.#scene.cables.values()].some((cable) => cable.state === 'flowing')) return
    const rate = this.#lastFrameMs > slowFrameMs ? slowTrafficRate : trafficRate
    this.#trafficTimer = setTimeout(() => {
      this.#trafficTimer = undefined
      const { phase } = this.#context.clock
      // All spacings divide this, so that the wrap is not seen.
      phase.value = (phase.value + beadSpeed / rate) % 5760
      this.invalidate()
    }, 1000 / rate)
  }
}
