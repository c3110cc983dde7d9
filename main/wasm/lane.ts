// The lane: a socket between the runtime and a pool process beside their channel. Towards the process everything goes over it.
// Towards the runtime it is the short way of the workers, which all write small messages to it themselves: by way of the
// process' own thread that would have to wake, read and write each again. What is large, or finds no room, goes that way
// still. Only what somebody waits for takes the short one, so that nothing overtakes.

import { writeSync } from 'node:fs'
import { encodeFrame } from './frames.js'
import { sizeOf } from './message-size.js'
import type { Answer, ImportRequest, ToPool } from './pool-protocol.js'

/** A pool process that was started with this has the lane's socket as this file descriptor. */
export const laneArgument = '--lane'
export const laneFd = 4

/**
 * A write of so few bytes is done as a whole or not at all, whoever else writes at the same time: what POSIX promises of a
 * pipe (PIPE_BUF), and what Linux does with a local socket, whose every write of this size is one buffer in its queue.
 */
export const maxShortBytes = 4_096
/** What is estimated to be larger is not even tried: the estimate knows nothing of names. */
const maxEstimate = 2_048

/** What the message carries of others (frames.ts). */
export function valuesOf(message: ToPool | ImportRequest | Answer): unknown {
  switch (message.kind) {
    case 'call':
    case 'import':
      return message.args
    case 'answer':
    case 'import-reply':
      return message.outcome.ok ? message.outcome.value : undefined
    case 'stop':
    case 'ping':
      return undefined
    default:
      return message
  }
}

/** A worker's end. */
export interface ShortWay {
  /** True when it is on its way; false: it must go the long way, and so must what follows until `renew`. */
  send(message: ImportRequest | Answer): boolean
  /** Something went the long way: nothing may overtake it. */
  detour(): void
  /** A call begins. */
  renew(): void
}

/** `fd` is a socket that does not block; without one everything goes the long way. */
export function openShortWay(fd: number | undefined): ShortWay {
  let isDetour = false

  function write(message: ImportRequest | Answer): boolean {
    if (fd === undefined || isDetour) return false
    const values = valuesOf(message)
    if (sizeOf(values, maxEstimate) > maxEstimate) return false
    try {
      const frame = encodeFrame(message, values)
      return frame.length <= maxShortBytes && writeSync(fd, frame) > 0
    } catch {
      // No room just now, nobody at the other end, or what cannot travel: the long way says so.
      return false
    }
  }

  return {
    send(message) {
      const isSent = write(message)
      if (!isSent) isDetour = true
      return isSent
    },
    detour() {
      isDetour = true
    },
    renew() {
      isDetour = false
    },
  }
}
