// Answers requests of the shell's own scheme from one folder, and nothing outside it. Knows no Electron: a method and a URL
// in, status, headers and bytes out. The content policy of the page is here (policy tested in
// `test/main/desktop/shell.test.ts`).

import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'

export const shellScheme = 'tlos-app'
export const shellOrigin = `${shellScheme}://shell`

/** `wasm-unsafe-eval` and `unsafe-eval` are left out: the page runs no component and builds no code. */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

export interface AssetAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

const refuse = (status: number): AssetAnswer => ({
  status,
  headers: { 'content-type': 'text/plain', 'content-security-policy': contentPolicy },
  body: undefined,
})

/** Path inside the folder that a URL of our scheme names; undefined when it names none. */
function pathOf(url: string): string | undefined {
  if (!url.startsWith(`${shellOrigin}/`)) return undefined
  const [raw = ''] = url.slice(shellOrigin.length).split(/[?#]/)
  let text: string
  try {
    text = decodeURIComponent(raw)
  } catch {
    return undefined
  }
  // Decoded once and never again; a % that is left is a name we do not have.
  if (/[\0\\%]/.test(text)) return undefined
  const parts = text.split('/').filter((part) => part !== '')
  if (parts.some((part) => part.startsWith('.'))) return undefined
  return parts.length === 0 ? 'index.html' : parts.join('/')
}

/** Never rejects. 403 for what is no name of ours, 404 for what is not there, 405 for other methods than GET and HEAD. */
export async function answerAsset(folder: string, method: string, url: string): Promise<AssetAnswer> {
  if (method !== 'GET' && method !== 'HEAD') return refuse(405)
  const name = pathOf(url)
  if (name === undefined) return refuse(403)
  try {
    const root = await realpath(folder)
    const file = await realpath(path.join(root, name))
    // A link in the folder must not lead out of it.
    if (!file.startsWith(root + path.sep)) return refuse(403)
    const body = await readFile(file)
    const headers = {
      'content-type': types[path.extname(file).toLowerCase()] ?? 'application/octet-stream',
      'content-length': String(body.byteLength),
      'content-security-policy': contentPolicy,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    }
    return { status: 200, headers, body: method === 'HEAD' ? undefined : body }
  } catch {
    // Not there, a folder, or not readable: for the page it is all the same.
    return refuse(404)
  }
}
