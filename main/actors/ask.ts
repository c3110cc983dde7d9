// Asks the whole lattice who would take an actor (move.md M1): one scatter to the tLOS nodes, ended as soon as all who
// must answer have, and a verdict in words for every host that cannot be asked.

import type { Host, Verdict } from '../../preload/records.js'
import { formatChain } from '../failure.js'
import { decodeReply, encodeJson, Offer, tlosSubjects, verdictReply } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'
import type { SendCommand } from './commands.js'

const windowMs = 1_500

export interface AskParts {
  readonly transport: Transport
  readonly lattice: string
  readonly send: SendCommand
  /** Every host of the picture. */
  readonly hosts: () => readonly Host[]
}

/** One verdict for each host but the one it stands on. */
export async function askWhere(parts: AskParts, componentId: string, from: string): Promise<Verdict[]> {
  const others = parts.hosts().filter((host) => host.id !== from)
  const isTlos = (host: Host): boolean =>
    host.kind !== 'wasmcloud' && host.kind !== 'wasmcloud-v2' && host.liveness === 'fresh'
  let offer: Offer
  try {
    offer = await parts.send('profile', from, { componentId }, Offer)
  } catch (error) {
    const why = `its node does not give it away: ${formatChain(error)}`
    return others.map((host) => refuse(host, why, undefined))
  }
  const answers = await gather(parts, offer, new Set<string>(others.filter(isTlos).map((host) => host.id)))
  return others.map((host) => answers.get(host.id) ?? refuse(host, ...whyNot(host)))
}

async function gather(parts: AskParts, offer: Offer, expected: ReadonlySet<string>): Promise<Map<string, Verdict>> {
  const answers = new Map<string, Verdict>()
  if (expected.size === 0) return answers
  const inbox = parts.transport.createInbox()
  await new Promise<void>((resolve) => {
    const timer = setTimeout(finish, windowMs)
    const subscription = parts.transport.subscribe(inbox, (message) => {
      const decoded = decodeReply(verdictReply, message.data)
      if (!decoded.ok) return
      answers.set(decoded.value.hostId, decoded.value)
      if ([...expected].every((id) => answers.has(id))) finish()
    })
    function finish(): void {
      clearTimeout(timer)
      subscription.close()
      resolve()
    }
    parts.transport.publish(tlosSubjects(parts.lattice).offer, encodeJson(offer), { reply: inbox })
  })
  return answers
}

/** In words, and as a code for other languages (see `offers.ts`). */
function whyNot(host: Host): readonly [why: string, code: string] {
  // Whether it is heard or not, it would not take it.
  if (host.kind === 'wasmcloud-v2') return ['a wasmCloud v2 host takes workloads from its operator only', 'v2']
  if (host.liveness === 'gone') return ['it is gone', 'gone']
  if (host.liveness === 'stale') return ['it was not heard', 'stale']
  if (host.kind === 'wasmcloud') return ['a wasmCloud host cannot fetch bytes by tlos:// reference', 'foreign']
  return ['it did not answer', 'silent']
}

function refuse(host: Host, why: string, code: string | undefined): Verdict {
  const point = code === undefined ? undefined : { code, args: {} }
  return {
    hostId: host.id,
    kind: 'refuses',
    summary: `refuses: ${why}`,
    ...(point === undefined ? {} : { points: [point] }),
    details: [{ label: 'Refuses', value: why, tone: 'bad', ...(point === undefined ? {} : { point }) }],
  }
}
