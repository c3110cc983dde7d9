// What the page may reach: files of its own folder through its own scheme, and nothing else. Navigation, new windows,
// embedded views, downloads, permissions and other hosts are refused by default, for every page that comes to be. Says who
// is trusted to call (`isTrusted`, for `main/ipc.ts`); serves no call itself.

import { app, type IpcMainInvokeEvent, protocol, session, type Session, type WebContents } from 'electron'
import { answerAsset, shellOrigin, shellScheme } from './assets.js'

export interface GuardOptions {
  /** Folder of the built page. */
  readonly folder: string
  /** In development, the origin of the server that serves the page instead (`ELECTRON_RENDERER_URL`). */
  readonly devUrl?: string | undefined
  /** Hears what was refused. */
  readonly log?: ((level: 'warn', text: string, fields?: Readonly<Record<string, unknown>>) => void) | undefined
}

export interface Guard {
  /** What the window loads. */
  readonly pageUrl: string
  /** Makes this page one that may call. */
  trust(contents: WebContents): void
  /** Is this the top frame of a trusted window, showing our own page? */
  isTrusted(event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>): boolean
}

/** Once, before the app is ready: makes the scheme a secure origin with `fetch` and storage. */
export function registerShellScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: shellScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** `scheme://host:port`; Node gives schemes it does not know no origin. Undefined for what is no URL. */
function originOf(url: string): string | undefined {
  try {
    const { protocol: scheme, host } = new URL(url)
    return `${scheme}//${host}`
  } catch {
    return undefined
  }
}

function isOpenedByDeveloper(url: string): boolean {
  return url.startsWith('devtools://') || url.startsWith('chrome-extension://')
}

function closeSession(shown: Session, origin: string, devUrl: string | undefined, log: (what: string) => void): void {
  const isAllowed = (permission: string, from: string): boolean =>
    // Copying text of an inspector, on a person's click.
    permission === 'clipboard-sanitized-write' && originOf(from) === origin
  shown.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const isFine = isAllowed(permission, details.requestingUrl ?? '')
    if (!isFine) log(`the permission ${permission}`)
    answer(isFine)
  })
  shown.setPermissionCheckHandler((_contents, permission, from) => isAllowed(permission, from))
  shown.setDevicePermissionHandler(() => false)
  shown.on('will-download', (event, item) => {
    event.preventDefault()
    log(`a download from ${item.getURL().slice(0, 200)}`)
  })
  // Under the content policy nothing comes here; this holds should a page ever slip past it.
  shown.webRequest.onBeforeRequest((details, answer) => {
    const { url } = details
    const isOurs = originOf(url) === origin || url.startsWith('blob:') || url.startsWith('data:')
    const isDevSocket = devUrl !== undefined && originOf(url) === originOf(devUrl)?.replace(/^http/, 'ws')
    const cancel = !(isOurs || isDevSocket || isOpenedByDeveloper(url))
    if (cancel) log(`a request to ${url.slice(0, 200)}`)
    answer({ cancel })
  })
}

/** After the app is ready and before any window. Holds for as long as the app runs. */
export function openGuard(options: GuardOptions): Guard {
  const { folder, devUrl } = options
  const origin = devUrl === undefined ? shellOrigin : (originOf(devUrl) ?? shellOrigin)
  const pageUrl = devUrl ?? `${shellOrigin}/index.html`
  const refused = (what: string): void => options.log?.('warn', `refused: ${what}`)

  protocol.handle(shellScheme, async (request) => {
    const { status, headers, body } = await answerAsset(folder, request.method, request.url)
    return new Response(body === undefined ? null : Buffer.from(body), { status, headers })
  })
  closeSession(session.defaultSession, origin, devUrl, refused)

  app.on('web-contents-created', (_event, contents) => {
    const stay = (event: { preventDefault: () => void }, url: string): void => {
      // Loading the very page again is how development servers and crashes reload it.
      if (originOf(url) === origin && originOf(contents.getURL()) === origin && url === contents.getURL()) return
      event.preventDefault()
      refused(`going to ${url.slice(0, 200)}`)
    }
    contents.on('will-navigate', stay)
    contents.on('will-redirect', stay)
    contents.on('will-attach-webview', (event) => {
      event.preventDefault()
      refused('an embedded view')
    })
    contents.setWindowOpenHandler(({ url }) => {
      refused(`a window for ${url.slice(0, 200)}`)
      return { action: 'deny' }
    })
  })

  const trusted = new Set<number>()
  return {
    pageUrl,
    trust(contents) {
      const { id } = contents
      trusted.add(id)
      contents.once('destroyed', () => trusted.delete(id))
    },
    isTrusted({ sender, senderFrame }) {
      if (!trusted.has(sender.id) || senderFrame === null) return false
      return senderFrame.parent === null && originOf(senderFrame.url) === origin
    },
  }
}
