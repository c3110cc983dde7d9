// A body that came over the bus, as bytes when it is short and all of it is there: most are, and whoever gets them then knows their
// length, and is not asked for them piece by piece.

import type { HttpBody, HttpStream } from '../wasm/runtime.js'

/** As what a port of this node gathers (http-server.ts). */
const shortBytes = 64 * 1024
/** How long the rest of a short body may be on its way behind its head, ms. Too short only makes it flow. */
const graceMs = 10

/** The same body; rejects when it broke off already. */
export async function gatherShort(body: HttpBody): Promise<HttpBody> {
  if (body instanceof Uint8Array) return body
  const reader = body[Symbol.asyncIterator]()
  const pieces: Uint8Array[] = []
  let size = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), graceMs)))
  try {
    while (size <= shortBytes) {
      const coming = reader.next()
      // Whoever reads on has its failure.
      coming.catch(() => undefined)
      const next = await Promise.race([coming, late])
      if (next === undefined) return flowing(body, reader, pieces, coming)
      if (next.done === true) return body.trailers.length === 0 ? joined(pieces) : flowing(body, reader, pieces, coming)
      pieces.push(next.value)
      size += next.value.length
    }
    return flowing(body, reader, pieces, undefined)
  } finally {
    clearTimeout(timer)
  }
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces))

type Next = Promise<IteratorResult<Uint8Array>>

/** What was read of it, what is being read, and the rest. */
function flowing(
  body: HttpStream,
  reader: AsyncIterator<Uint8Array>,
  pieces: Uint8Array[],
  coming: Next | undefined,
): HttpStream {
  let waited = coming
  const next = (): Next => {
    const piece = pieces.shift()
    if (piece !== undefined) return Promise.resolve({ done: false, value: piece })
    const first = waited
    waited = undefined
    return first ?? reader.next()
  }
  const source: AsyncIterator<Uint8Array> = {
    next,
    async return() {
      pieces.length = 0
      await reader.return?.()
      return { done: true, value: undefined }
    },
  }
  return {
    [Symbol.asyncIterator]: () => source,
    get trailers() {
      return body.trailers
    },
  }
}
