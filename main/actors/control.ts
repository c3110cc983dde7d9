// Serves what tLOS nodes ask of each other about actors (`tlos.ctl.v1.{lattice}.…`): decodes, routes, answers. Junk gets
// a refusal with the reason; nothing a stranger sends ends anything here.

import type * as v from 'valibot'
import { formatChain } from '../failure.js'
import * as protocol from '../lattice/protocol/tlos.js'
import type { Message, Transport } from '../nats/transport.js'
import type { Actors, Resident } from './actors.js'
import { cutLog } from './message-size.js'
import { describeNumbers } from './numbers.js'
import type { Mover } from './mover.js'
import type { Receiver } from './receiver.js'

export interface ControlParts {
  readonly transport: Transport
  readonly lattice: string
  readonly hostId: string
  readonly actors: Actors
  readonly mover: Mover
  readonly receiver: Receiver
  readonly judge: (offer: protocol.Offer) => Promise<unknown>
  /** Would this node put an actor's bytes into the lattice before it moves? */
  readonly sharesBytes: () => boolean
}

export function openControl(parts: ControlParts): () => void {
  const subjects = protocol.tlosSubjects(parts.lattice)

  /** Decodes with the schema, then runs; the outcome is the reply. */
  const on =
    <S extends v.GenericSchema>(schema: S, run: (request: v.InferOutput<S>) => unknown) =>
    async (data: Uint8Array): Promise<Uint8Array> => {
      const request = protocol.decodeJson(schema, data)
      if (!request.ok) return protocol.encodeRefusal(`the request is not understood: ${request.reason}`)
      try {
        return protocol.encodeDone(await run(request.value))
      } catch (error) {
        return protocol.encodeRefusal(formatChain(error))
      }
    }

  const find = (componentId: string): Resident => {
    const resident = parts.actors.resident(componentId)
    if (resident === undefined) throw new Error(`${componentId} does not run on this node`)
    return resident
  }

  const commands: Record<protocol.NodeCommand, (data: Uint8Array) => Promise<Uint8Array>> = {
    profile: on(protocol.ActorRequest, ({ componentId }) => describeOffer(parts, find(componentId))),
    move: on(protocol.MoveRequest, (request) => parts.mover.start(request)),
    prepare: on(protocol.PrepareRequest, (request) => parts.receiver.prepare(request)),
    load: on(protocol.LoadRequest, (request) => parts.receiver.load(request)),
    serve: on(protocol.ServeRequest, (request) => parts.receiver.serve(request)),
    settle: on(protocol.SettleRequest, (request) => parts.receiver.settle(request)),
    abandon: on(protocol.AbandonRequest, (request) => parts.receiver.abandon(request.moveId, request.componentId)),
    describe: on(protocol.ActorRequest, ({ componentId }) => find(componentId).actor.prepared.world),
    log: on(protocol.ActorRequest, ({ componentId }) =>
      cutLog(find(componentId).actor.log, parts.transport.info.maxPayload),
    ),
    numbers: on(protocol.ActorRequest, ({ componentId }) => describeNumbers(find(componentId).actor)),
    restart: on(protocol.ActorRequest, async ({ componentId }) => {
      const { actor } = find(componentId)
      const done = actor.work.begin(actor.id, 'is being started again')
      try {
        await actor.restart()
      } finally {
        done()
      }
    }),
  }

  const answer = (message: Message, reply: Uint8Array): void => {
    if (message.reply === undefined) return
    // What a component says of its types may be longer than a message of this server.
    const { maxPayload } = parts.transport.info
    const isTooLong = reply.length > maxPayload
    const words = `the answer has ${reply.length} bytes, and the NATS server takes ${maxPayload} in one message`
    parts.transport.publish(message.reply, isTooLong ? protocol.encodeRefusal(words) : reply)
  }

  const subscriptions = [
    parts.transport.subscribe(subjects.commandsOf(parts.hostId), (message) => {
      const command = protocol.parseCommand(message.subject)
      if (command === undefined) answer(message, protocol.encodeRefusal('unsupported subject'))
      else void commands[command](message.data).then((reply) => answer(message, reply))
    }),
    parts.transport.subscribe(subjects.offer, (message) => {
      const offer = protocol.decodeJson(protocol.Offer, message.data)
      // The node it stands on has nothing to say, and junk gets no verdict.
      if (!offer.ok || offer.value.from === parts.hostId) return
      parts.judge(offer.value).then(
        (verdict) => answer(message, protocol.encodeDone(verdict)),
        (error: unknown) => answer(message, protocol.encodeRefusal(formatChain(error))),
      )
    }),
  ]
  return () => {
    for (const subscription of subscriptions) subscription.close()
  }
}

/** What other nodes must know of an actor to say whether they would take it. */
function describeOffer(parts: ControlParts, { actor }: Resident): protocol.Offer {
  const stateKind = parts.actors.stateKindOf(actor)
  const handles = stateKind === 'snapshot' ? 0 : actor.instances.givenCount
  return {
    componentId: actor.id as protocol.Offer['componentId'], // checked when it came
    imageRef: actor.runningRef,
    digest: actor.prepared.digest,
    sizeBytes: actor.prepared.sizeBytes,
    imports: actor.prepared.world.imports.map((i) => i.name),
    links: parts.actors.linksOf(actor.id).flatMap((link) =>
      link.interfaces.map((name) => ({
        interface: `${link.witNamespace}:${link.witPackage}/${name}`,
        target: link.target,
      })),
    ),
    annotations: { ...actor.spec.annotations },
    stateKind,
    memoryBytes: actor.limits.memoryBytes,
    ...(handles === 0 ? {} : { handles }),
    constraints: constraintsOf(actor.spec.annotations),
    from: parts.hostId as protocol.Offer['from'], // this node's own id
    shares: parts.sharesBytes(),
  }
}

const constraintPrefix = 'tlos.dev/needs-label/'

/** Labels a node must have to run it, given as annotations `tlos.dev/needs-label/{key}`. */
function constraintsOf(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations)
      .filter(([key]) => key.startsWith(constraintPrefix))
      .map(([key, value]) => [key.slice(constraintPrefix.length), value]),
  )
}
