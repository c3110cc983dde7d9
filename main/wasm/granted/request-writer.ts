// The body of an outgoing request while it is being written: no more of it lies here than a window, and a server that takes
// nothing for too long is given up.

import type { ClientRequest } from 'node:http'
import { flowWindow, maxFlowBytes } from '../http-flow.js'
import type { BodyWriter } from './channels.js'

export interface RequestWriter extends BodyWriter {
  /** Ends what waits. */
  close(): void
}

export function createRequestWriter(
  request: ClientRequest,
  stallMs: number,
  changed: () => void,
  { finished, stalled }: { readonly finished: () => void; readonly stalled: () => void },
): RequestWriter {
  let lying = 0
  let total = 0
  let isOver = false
  let timer: NodeJS.Timeout | undefined

  const watch = (): void => {
    clearTimeout(timer)
    timer = lying === 0 || isOver ? undefined : setTimeout(stalled, stallMs)
  }
  const close = (): void => {
    isOver = true
    clearTimeout(timer)
  }
  return {
    room: () => (isOver || request.destroyed ? undefined : Math.max(0, flowWindow - lying)),
    write(bytes) {
      if (isOver || request.destroyed || bytes.length === 0) return
      total += bytes.length
      if (total > maxFlowBytes) {
        close()
        request.destroy(new Error(`a body has at most ${maxFlowBytes} bytes`))
        return
      }
      lying += bytes.length
      if (timer === undefined) watch()
      request.write(bytes, () => {
        lying -= bytes.length
        watch()
        changed()
      })
    },
    finish(trailers) {
      if (isOver || request.destroyed) return
      if (trailers.length > 0) {
        request.addTrailers(
          trailers.map(([name, value]): [string, string] => [name, Buffer.from(value).toString('latin1')]),
        )
      }
      request.end()
      close()
      finished()
    },
    abort() {
      close()
      request.destroy(new Error('the component did not finish the body'))
    },
    close,
  }
}
