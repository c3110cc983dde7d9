// Any text as one token of a bucket key, and back. Pure. `=` never occurs in base64url without padding, so it can stand
// for nothing.

export function encodeToken(given: string): string {
  return given === '' ? '=' : Buffer.from(given).toString('base64url')
}

/** Undefined for what `encodeToken` never gives. */
export function decodeToken(token: string): string | undefined {
  if (token === '=') return ''
  return /^[A-Za-z0-9_-]+$/.test(token) ? Buffer.from(token, 'base64url').toString() : undefined
}

/** A component's id as it is, where it can be a token; anything else in base64url. */
export function sourceToken(sourceId: string): string {
  return /^[A-Za-z0-9_-]+$/.test(sourceId) ? sourceId : encodeToken(sourceId)
}
