// One GET that follows redirects as a registry's client must: credentials stay with the origin they were meant for,
// nothing goes from HTTPS to HTTP, and each wait has a limit. Bodies are read up to a size.

import { TlosError } from '../../failure.js'

/** As much of a `Response` as is needed here. */
export interface Fetched {
  readonly status: number
  readonly headers: Headers
  readonly body: {
    getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> }
    cancel(): Promise<void>
  } | null
}

/** As much of `fetch`. */
export type Fetch = (
  url: URL,
  options: {
    readonly headers: Record<string, string>
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  },
) => Promise<Fetched>

export interface GetLimits {
  /** Without a byte, ms. */
  readonly idleMs: number
  /** Altogether, ms. */
  readonly totalMs: number
}

export const usualLimits: GetLimits = { idleMs: 30_000, totalMs: 600_000 }
const maxRedirects = 5

export interface Got {
  readonly status: number
  readonly headers: Headers
  /** The whole body; fails with `too-large` beyond this many bytes. */
  read(maxBytes: number): Promise<Uint8Array>
  /** The body is not wanted. */
  drop(): void
}

export interface Get {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Sent to the origin of `url` alone. */
  readonly authorization?: string | undefined
  /** May anything here go over plain HTTP? */
  readonly isInsecure: boolean
  readonly fetch: Fetch
  readonly limits?: GetLimits | undefined
}

/** Fails with `unreachable`, `timed-out` or `refused`; any status is an answer. */
export async function httpGet(get: Get): Promise<Got> {
  const limits = get.limits ?? usualLimits
  const stop = new AbortController()
  let isLate = false
  const late = (): void => {
    isLate = true
    stop.abort()
  }
  const total = setTimeout(late, limits.totalMs)
  let idle = setTimeout(late, limits.idleMs)
  const touch = (): void => {
    clearTimeout(idle)
    idle = setTimeout(late, limits.idleMs)
  }
  const done = (): void => {
    clearTimeout(total)
    clearTimeout(idle)
  }
  const told = (error: unknown): unknown => {
    if (error instanceof TlosError) return error
    const { host } = get.url
    if (isLate) return new TlosError('timed-out', `${host} did not answer in time`, { about: host, cause: error })
    return new TlosError('unreachable', `${host} cannot be reached`, { about: host, cause: causeOf(error) })
  }

  let response: Fetched
  try {
    response = await follow(get, stop.signal, touch)
  } catch (error) {
    done()
    throw told(error)
  }
  return {
    status: response.status,
    headers: response.headers,
    async read(maxBytes) {
      try {
        return await readBody(response, maxBytes, get.url.host, touch)
      } catch (error) {
        stop.abort()
        throw told(error)
      } finally {
        done()
      }
    },
    drop() {
      done()
      stop.abort()
    },
  }
}

async function follow(get: Get, signal: AbortSignal, touch: () => void): Promise<Fetched> {
  let { url } = get
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    if (url.protocol !== 'https:' && !(get.isInsecure && url.protocol === 'http:')) {
      throw new TlosError('refused', `${url.host} is asked over HTTPS only, and this leads to ${url.protocol}//`, {
        about: url.host,
      })
    }
    const headers: Record<string, string> = { ...get.headers }
    if (get.authorization !== undefined && url.origin === get.url.origin) headers['authorization'] = get.authorization
    const response = await get.fetch(url, { headers, redirect: 'manual', signal })
    touch()
    const location = response.headers.get('location')
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response
    await response.body?.cancel()
    url = new URL(location, url)
  }
  throw new TlosError('invalid', `${get.url.host} leads from one address to the next without an end`, {
    about: get.url.host,
  })
}

async function readBody(response: Fetched, maxBytes: number, host: string, touch: () => void): Promise<Uint8Array> {
  const tooLarge = (): TlosError =>
    new TlosError('too-large', `${host} sends more than ${maxBytes} bytes`, { about: host })
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = response.body?.getReader()
  for (;;) {
    const next = await reader?.read()
    if (next?.value === undefined || next.done) break
    touch()
    size += next.value.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(next.value)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** What fetch hides behind "fetch failed". */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error
}
