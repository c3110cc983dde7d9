// What tLOS peers tell each other about streams that flow, and nobody else hears (SPEC W45): how much a reader wants to have on
// its way, and how much it has taken. Pure.

const windowHeader = 'tlos-window'

/** Says that its sender tells what it takes, and keeps to what it is told. */
export const announceWindow = (bytes: number): Record<string, string> => ({ [windowHeader]: String(bytes) })

/** Undefined: the peer says nothing of what it takes. */
export function readWindow(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const bytes = readCount(headers?.[windowHeader] ?? '')
  return bytes === undefined || bytes === 0 ? undefined : bytes
}

/** `bytes` of the stream since it began; or none is wanted any more. */
export type Taken = { readonly kind: 'taken'; readonly bytes: number } | { readonly kind: 'unwanted' }

/** Without a number: no more is wanted. */
export const writeTaken = (bytes: number | undefined): Uint8Array =>
  new TextEncoder().encode(bytes === undefined ? '' : String(bytes))

/** Undefined: it says nothing that can be understood. */
export function readTaken(data: Uint8Array): Taken | undefined {
  if (data.length === 0) return { kind: 'unwanted' }
  const bytes = data.length > 15 ? undefined : readCount(new TextDecoder().decode(data))
  return bytes === undefined ? undefined : { kind: 'taken', bytes }
}

const readCount = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)
