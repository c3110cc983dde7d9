// Requests from one tLOS node to another about an actor, and their answers: one place that knows subjects, limits and
// the reply envelope. Stands on a `Transport`.

import type * as v from 'valibot'
import { TlosError } from '../failure.js'
import { decodeReply, encodeJson, type NodeCommand, tlosSubjects } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'

/** Longest wait for an answer, ms, by what the other node has to do for it. */
const limitsMs: Readonly<Record<NodeCommand, number>> = {
  profile: 2_000,
  move: 3_000,
  prepare: 60_000,
  load: 15_000,
  serve: 4_000,
  settle: 3_000,
  abandon: 2_000,
  describe: 3_000,
  log: 3_000,
  numbers: 3_000,
  restart: 20_000,
}

export type SendCommand = <S extends v.GenericSchema>(
  command: NodeCommand,
  hostId: string,
  body: unknown,
  response: S,
) => Promise<v.InferOutput<S>>

/** While a slow answer is awaited, this often it is looked whether the other node is still there, ms. */
const lookEveryMs = 500

/**
 * A refusal by the other node becomes a `refused` error with its words; a node that dies while it works is noticed by
 * `isAlive`, long before the time limit.
 */
export function createSendCommand(
  transport: Transport,
  lattice: string,
  isAlive: (hostId: string) => Promise<boolean>,
): SendCommand {
  const subjects = tlosSubjects(lattice)
  return async (command, hostId, body, response) => {
    const gone = new AbortController()
    const timer = setInterval(() => {
      void isAlive(hostId).then((alive) => alive || gone.abort())
    }, lookEveryMs)
    try {
      const reply = await transport.request(subjects.command(command, hostId), encodeJson(body), {
        timeoutMs: limitsMs[command],
        signal: gone.signal,
      })
      const decoded = decodeReply(response, reply.data)
      if (!decoded.ok) throw new TlosError('refused', decoded.reason, { about: hostId })
      return decoded.value
    } catch (error) {
      if (!gone.signal.aborted) throw error
      throw new TlosError('unreachable', 'The node went away before it answered', { about: hostId, cause: error })
    } finally {
      clearInterval(timer)
    }
  }
}
