// The shell's window: sandboxed, shown when there is something to see, back where it was, and on its feet again when its
// page crashes. Stands on Electron; knows neither the contract nor the lattice.

import { BrowserWindow, nativeTheme, screen } from 'electron'
import { formatChain } from '../failure.js'
import type { Kept } from './kept.js'
import { minimumSize, placeWindow, type WindowPlace } from './window-place.js'

export type WindowTrouble =
  /** The page's process ended; it was loaded again unless it does so all the time. */
  | { readonly kind: 'crashed'; readonly reason: string; readonly reloaded: boolean }
  | { readonly kind: 'unresponsive' }
  | { readonly kind: 'responsive' }
  | { readonly kind: 'not-loaded'; readonly reason: string }
  | { readonly kind: 'place-not-saved'; readonly reason: string }

export interface OpenWindowOptions {
  readonly url: string
  /** Path of the built preload script. */
  readonly preload: string
  readonly place: Kept<WindowPlace | null>
  /** Fills the screen without a frame: the desktop of a login session. */
  readonly session: boolean
  readonly isDevelopment: boolean
  readonly icon?: string | undefined
  /** Before anything is loaded: the moment to trust the page. */
  readonly onCreated?: ((window: BrowserWindow) => void) | undefined
  readonly onTrouble: (trouble: WindowTrouble) => void
  /**
   * Asks the page for its last words before the window is closed, and waits a little for them: what it sends while it is
   * already being torn down comes from a frame that is no more, and may be refused.
   */
  readonly beforeClose?: (() => Promise<void>) | undefined
}

export interface ShellWindow {
  readonly window: BrowserWindow
  /** In front, restored, with the keyboard. */
  focus(): void
  /** Resolves when the place is saved and the window is gone. May be called twice. */
  close(): Promise<void>
}

/** `--plane` of the look: what is seen before the page draws. */
const backgrounds = { dark: '#15191a', light: '#ccd3d0' } as const
/** A page that has not drawn by then is shown as it is: an empty window says more than none. */
const showMs = 8_000
/** A page that crashes again within this time is not loaded a third time. */
const crashMs = 60_000
const saveMs = 500
/** A page that says nothing by then is closed all the same. */
const lastWordsMs = 3_000

function followPlace(window: BrowserWindow, options: OpenWindowOptions): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const save = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    if (window.isDestroyed() || options.session) return
    const bounds = window.getNormalBounds()
    const place = { bounds, maximized: window.isMaximized(), fullScreen: window.isFullScreen() }
    try {
      await options.place.save(place)
    } catch (error) {
      options.onTrouble({ kind: 'place-not-saved', reason: formatChain(error) })
    }
  }
  const soon = (): void => {
    timer ??= setTimeout(() => void save(), saveMs)
  }
  window.on('resize', soon)
  window.on('move', soon)
  return save
}

function surviveCrashes(window: BrowserWindow, onTrouble: OpenWindowOptions['onTrouble']): void {
  let crashedAt = -Infinity
  const { webContents } = window
  webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit') return
    const now = performance.now()
    const reloaded = now - crashedAt > crashMs
    crashedAt = now
    onTrouble({ kind: 'crashed', reason: details.reason, reloaded })
    // In the next turn: Chromium is still clearing up.
    if (reloaded) setImmediate(() => !window.isDestroyed() && webContents.reload())
  })
  webContents.on('did-fail-load', (_event, code, reason, _url, isMainFrame) => {
    // -3: replaced by another load, such as our own reload.
    if (isMainFrame && code !== -3) onTrouble({ kind: 'not-loaded', reason: `${reason} (${code})` })
  })
  webContents.on('preload-error', (_event, _path, error) => onTrouble({ kind: 'not-loaded', reason: error.message }))
  window.on('unresponsive', () => onTrouble({ kind: 'unresponsive' }))
  window.on('responsive', () => onTrouble({ kind: 'responsive' }))
}

/** The first close asks and waits, the second one closes. */
function askBeforeClose(window: BrowserWindow, ask: () => Promise<void>): void {
  let isAsked = false
  window.on('close', (event) => {
    if (isAsked || window.webContents.isCrashed()) return
    isAsked = true
    event.preventDefault()
    const closeNow = (): void => {
      clearTimeout(timer)
      if (!window.isDestroyed()) window.close()
    }
    const timer = setTimeout(closeNow, lastWordsMs)
    ask().then(closeNow, closeNow)
  })
}

/** Without a menu there are no keys for these, and in development they are wanted. */
function addDeveloperKeys(window: BrowserWindow): void {
  window.webContents.on('before-input-event', (event, input) => {
    if (input.type !== 'keyDown') return
    if (input.key === 'F12') window.webContents.toggleDevTools()
    else if (input.key === 'F5') window.webContents.reload()
    else return
    event.preventDefault()
  })
}

/** After the app is ready. Resolves when the page is loaded, or is known not to load (then `onTrouble` has heard why). */
export async function openWindow(options: OpenWindowOptions): Promise<ShellWindow> {
  const saved = options.place.value
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id)
  const bounds = placeWindow(
    saved?.bounds,
    [primary, ...others].map((display) => display.workArea),
  )
  const isFullScreen = options.session || saved?.fullScreen === true
  const window = new BrowserWindow({
    ...bounds,
    minWidth: Math.min(minimumSize.width, bounds.width),
    minHeight: Math.min(minimumSize.height, bounds.height),
    title: 'tLOS',
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light,
    autoHideMenuBar: true,
    frame: !options.session,
    fullscreen: isFullScreen,
    ...(options.icon === undefined ? {} : { icon: options.icon }),
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      webSecurity: true,
      spellcheck: false,
      navigateOnDragDrop: false,
      devTools: options.isDevelopment,
    },
  })
  options.onCreated?.(window)
  window.on('page-title-updated', (event) => event.preventDefault())
  const savePlace = followPlace(window, options)
  surviveCrashes(window, options.onTrouble)
  if (options.isDevelopment) addDeveloperKeys(window)

  const show = (): void => {
    clearTimeout(timer)
    if (window.isDestroyed() || window.isVisible()) return
    if (saved?.maximized === true && !isFullScreen) window.maximize()
    window.show()
  }
  const timer = setTimeout(show, showMs)
  window.once('ready-to-show', show)
  const closed = new Promise<void>((resolve) => {
    window.once('closed', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  // While it can still be asked where it is.
  let saving: Promise<void> = Promise.resolve()
  window.on('close', () => {
    saving = savePlace()
  })
  if (options.beforeClose !== undefined) askBeforeClose(window, options.beforeClose)

  await window.loadURL(options.url).catch((error: unknown) => {
    // `did-fail-load` has told; a window closed meanwhile is no trouble at all.
    if (window.isDestroyed()) return
    show()
    if (!formatChain(error).includes('ERR_')) options.onTrouble({ kind: 'not-loaded', reason: formatChain(error) })
  })

  return {
    window,
    focus() {
      if (window.isDestroyed()) return
      if (window.isMinimized()) window.restore()
      if (!window.isVisible()) window.show()
      window.focus()
    },
    async close() {
      if (!window.isDestroyed()) window.close()
      await closed
      await saving
    },
  }
}
