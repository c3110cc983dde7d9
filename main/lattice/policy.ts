// Asks the lattice's policy service before something starts here and before a component is called, and keeps what it decided until
// the service says otherwise. Closed when in doubt: no answer in time is a no.

import { randomUUID } from 'node:crypto'
import { TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import {
  decodePolicyDecision,
  encodePolicyQuestion,
  type PolicyDecision,
  type PolicyHost,
  policyKey,
  type PolicyQuestion,
} from './protocol/policy.js'

export interface PolicyParts {
  readonly transport: Pick<Transport, 'request' | 'subscribe'>
  readonly topic: string
  /** Where the service changes what it decided; undefined: it never does. */
  readonly changesTopic: string | undefined
  readonly timeoutMs: number
  readonly host: PolicyHost
  readonly now: () => number
  readonly log: (level: 'warn', text: string) => void
}

export interface Policy {
  /** Undefined when what was decided before permits it: nothing to wait for. Rejects with `refused`, or why nobody answered. */
  permit(question: PolicyQuestion): Promise<void> | undefined
  close(): void
}

/** Most decisions kept; the oldest is asked for anew then. */
const mostDecisions = 10_000

export function openPolicy(parts: PolicyParts): Policy {
  const decisions = new Map<string, PolicyDecision>()
  const keys = new Map<string, string>()
  /** Many calls of one kind at once are one question. */
  const underway = new Map<string, Promise<PolicyDecision>>()

  function keep(key: string, requestId: string, decision: PolicyDecision): void {
    decisions.set(key, decision)
    keys.set(requestId, key)
    for (const table of [decisions, keys]) {
      const oldest = table.size > mostDecisions ? table.keys().next().value : undefined
      if (oldest !== undefined) table.delete(oldest)
    }
  }

  async function ask(key: string, question: PolicyQuestion): Promise<PolicyDecision> {
    const requestId = randomUUID()
    // A change may come before the answer does: it is about this request, and it is the last word.
    keys.set(requestId, key)
    const data = encodePolicyQuestion(requestId, question, parts.host, parts.now())
    try {
      const reply = await parts.transport.request(parts.topic, data, { timeoutMs: parts.timeoutMs })
      const decision = decodePolicyDecision(reply.data)
      if (!decision.ok) throw new TlosError('invalid', `its answer is not understood (${decision.reason})`)
      const changed = decisions.get(key)
      if (changed?.requestId === requestId) return changed
      keep(key, requestId, decision.value)
      return decision.value
    } catch (error) {
      keys.delete(requestId)
      throw new TlosError('unavailable', 'policy request failed', { about: question.id, cause: error })
    }
  }

  const changes =
    parts.changesTopic === undefined
      ? undefined
      : parts.transport.subscribe(parts.changesTopic, ({ data }) => {
          const decision = decodePolicyDecision(data)
          const key = decision.ok ? keys.get(decision.value.requestId) : undefined
          if (!decision.ok) parts.log('warn', `a changed decision is not understood: ${decision.reason}`)
          else if (key !== undefined) decisions.set(key, decision.value)
        })

  return {
    permit(question) {
      const key = policyKey(question)
      const known = decisions.get(key)
      if (known !== undefined) return known.permitted ? undefined : Promise.reject(denial(question, known))
      let asking = underway.get(key)
      if (asking === undefined) {
        asking = ask(key, question).finally(() => underway.delete(key))
        underway.set(key, asking)
      }
      return asking.then((decision) => {
        if (!decision.permitted) throw denial(question, decision)
      })
    },
    close: () => changes?.close(),
  }
}

/** In the words of a v1 host. */
function denial(question: PolicyQuestion, { requestId, message }: PolicyDecision): TlosError {
  const { id } = question
  const why = message === undefined ? 'None' : `Some(${JSON.stringify(message)})`
  switch (question.kind) {
    case 'startComponent': {
      const said = message === undefined ? '' : `: \`${JSON.stringify(message)}\``
      return new TlosError('refused', `Policy denied request to scale component \`${id}\`${said}`, { about: id })
    }
    case 'startProvider':
      return new TlosError('refused', `policy denied request to start provider \`${requestId}\`: \`${why}\``, {
        about: id,
      })
    case 'performInvocation':
      return new TlosError('refused', `policy denied request to invoke component \`${requestId}\`: \`${why}\``, {
        about: id,
      })
  }
}
