// The shell's side of moves: asks the node that serves an actor to give it away, and waits for the receipt on the bus.
// It drives nothing: a shell that is closed in the middle changes nothing about the move.

import { randomUUID } from 'node:crypto'
import type { Receipt } from '../preload/records.js'
import { TlosError } from './failure.js'
import type { SendCommand } from './actors/commands.js'
import type { Mirror } from './lattice/mirror.js'
import { nothing } from './lattice/protocol/tlos.js'

/** A move may fetch and transpile at the target. */
const limitMs = 55_000

/** Resolves to the receipt of a move that was made; a failed one rejects with its reason. */
export async function moveActor(
  parts: { readonly send: SendCommand; readonly mirror: Mirror; readonly askedBy: string },
  move: { readonly componentId: string; readonly from: string; readonly to: string },
): Promise<Receipt> {
  const moveId = randomUUID()
  const { componentId, from, to } = move
  let stop: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const outcome = new Promise<Receipt>((resolve, reject) => {
    stop = parts.mirror.onTlosEvent((event) => {
      if (event.kind !== 'actor_moved' && event.kind !== 'actor_move_failed') return
      if (event.data.moveId !== moveId) return
      if (event.data.outcome === 'moved') resolve(event.data)
      else reject(new TlosError('refused', event.data.reason ?? 'the move failed', { about: componentId }))
    })
    timer = setTimeout(
      () => reject(new TlosError('timed-out', `No word of the move of ${componentId} came`, { about: componentId })),
      limitMs,
    )
  })
  // Nobody waits for it when the request itself is refused.
  outcome.catch(() => undefined)
  try {
    await parts.send('move', from, { moveId, componentId, to, askedBy: parts.askedBy }, nothing)
    return await outcome
  } finally {
    stop?.()
    clearTimeout(timer)
  }
}

/** `north` moved it, in words for the notice. */
export function describeReceipt(receipt: Receipt): string {
  const pause = receipt.stateKind === 'none' ? 'No pause' : `Paused ${Math.round(receipt.pauseMs)} ms`
  const lost = receipt.callsLost === 0 ? 'no call lost' : `${receipt.callsLost} calls lost`
  const queued = receipt.callsQueued === 0 ? '' : `, ${receipt.callsQueued} handed on`
  return `From ${receipt.fromName}. ${pause}, ${lost}${queued}.`
}
