// Finds the node that gave out a handle which is unknown here: an actor may run on several, and the bus gives a call to any
// of them. Asked by the hash of the handle, since the handle itself is a key. Who has it answers, nobody else does.

import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { ComponentId, HostId } from '../../preload/records.js'
import { decodeJson, encodeJson, tlosSubjects } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'

const Question = v.object({ componentId: ComponentId, hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })
const Answer = v.object({ hostId: HostId })

/** A node that has it answers from memory; beyond this nobody has. */
const answerMs = 400
/** Each wrong handle costs every node a message; a flood of them costs no more than this. */
const mostSearches = 64

export interface HandleSearchParts {
  readonly transport: Transport
  readonly lattice: string
  readonly hostId: string
  /** Handles in hex that the actor has given out here. */
  readonly given: (componentId: string) => Iterable<string>
}

export interface HandleSearch {
  /** The host that has it; undefined when none says so. Never fails. */
  find(componentId: string, key: string): Promise<string | undefined>
  close(): void
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')

export function openHandleSearch(parts: HandleSearchParts): HandleSearch {
  const { transport, hostId } = parts
  const subject = tlosSubjects(parts.lattice).handle
  let searches = 0

  const subscription = transport.subscribe(subject, ({ data, reply }) => {
    const question = decodeJson(Question, data)
    if (!question.ok || reply === undefined) return
    const { componentId, hash } = question.value
    for (const key of parts.given(componentId)) {
      if (hashOf(key) === hash) return transport.publish(reply, encodeJson({ hostId }))
    }
  })

  return {
    async find(componentId, key) {
      if (searches >= mostSearches) return undefined
      searches += 1
      try {
        const question = encodeJson({ componentId, hash: hashOf(key) })
        const { data } = await transport.request(subject, question, { timeoutMs: answerMs })
        const answer = decodeJson(Answer, data)
        return answer.ok && answer.value.hostId !== hostId ? answer.value.hostId : undefined
      } catch {
        // Silence is the answer of those who have not got it.
        return undefined
      } finally {
        searches -= 1
      }
    },
    close: () => subscription.close(),
  }
}
