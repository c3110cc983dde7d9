// Whose turn it is with an instance, in memory that its worker and the pool process share: a call whose answer went straight
// to the runtime (lane.ts) is over without a word to the process, unless somebody waits there for the worker.

/** Counts answers to imports, see host-call.ts. */
export const answersAt = 0
const doneAt = 1
const waitsAt = 2

export const createTurnMemory = (): SharedArrayBuffer => new SharedArrayBuffer(12)

/**
 * The worker's side. Tells that this call is over; true: the process waits for it and must be told by a message. One side
 * writes that it waits and then reads, the other writes that it is done and then reads: one of them sees the other.
 */
export function endTurn(turn: Int32Array, callId: number): boolean {
  Atomics.store(turn, doneAt, callId | 0)
  return Atomics.load(turn, waitsAt) !== 0
}

/** The process' side, when a call begins: whether others wait behind it. */
export function beginTurn(turn: Int32Array, areOthersWaiting: boolean): void {
  Atomics.store(turn, waitsAt, areOthersWaiting ? 1 : 0)
}

/** The process' side: whether this call is over; if not, a message will come when it is. */
export function isTurnOver(turn: Int32Array, callId: number): boolean {
  Atomics.store(turn, waitsAt, 1)
  return Atomics.load(turn, doneAt) === (callId | 0)
}
