// Asks the lattice, as `wash` does (lattice.md 9.2): hosts, inventories, auctions, scale, update, providers, links,
// configuration, labels. What is only accepted is done when its event was heard. Knows nothing of the picture.

import type * as v from 'valibot'
import type { Link } from '../../preload/records.js'
import { TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { sendAndAwait } from './client-wait.js'
import { configBucket, configCodec, linkCodec } from './protocol/buckets.js'
import * as control from './protocol/control.js'
import type { EventBody } from './protocol/events.js'
import { type Inventory, inventorySchema, type PingReply, pingReplySchema } from './protocol/inventory.js'
import { controlSubjects, isToken } from './protocol/subjects.js'
import { versionLabel } from './protocol/tlos.js'

export interface ClientOptions {
  readonly transport: Transport
  readonly lattice: string
  readonly ctlPrefix?: string | undefined
  /** Longest wait for a reply, ms; default 2,000. */
  readonly requestMs?: number | undefined
  /** How long answers to a scatter are collected, ms; default 2,000. */
  readonly windowMs?: number | undefined
}

export interface ScaleOptions {
  readonly componentId: string
  readonly imageRef: string
  /** Most concurrent calls; 0 stops it. */
  readonly count: number
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly config?: readonly string[] | undefined
  readonly limits?: Readonly<Record<string, string>> | undefined
  readonly allowUpdate?: boolean | undefined
  /** Longest wait for the outcome, ms. */
  readonly limitMs?: number | undefined
}

export interface StartProviderOptions {
  readonly providerId: string
  readonly providerRef: string
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly config?: readonly string[] | undefined
  readonly limitMs?: number | undefined
}

/** Starting may fetch and compile; stopping may save. */
const startLimitMs = 60_000
const stopLimitMs = 15_000
const providerLimitMs = 60_000
const hostStopLimitMs = 15_000

export type LatticeClient = ReturnType<typeof createClient>

/** Failures are `TlosError`s: `unreachable`, `timed-out`, `refused` (the host's own words), `invalid`, `internal` junk. */
export function createClient(options: ClientOptions) {
  const { transport, lattice } = options
  const subjects = controlSubjects(lattice, options.ctlPrefix)
  const nothing = new Uint8Array()

  async function ask<S extends v.GenericSchema>(
    subject: string,
    data: Uint8Array,
    schema: S,
    timeoutMs = options.requestMs ?? 2_000,
  ): Promise<v.InferOutput<S> | undefined> {
    const reply = await transport.request(subject, data, { timeoutMs })
    const decoded = control.decodeControlReply(schema, reply.data)
    if (!decoded.ok) throw new TlosError('invalid', `The answer to ${subject} is not understood: ${decoded.reason}`)
    if (!decoded.value.isSuccess) throw new TlosError('refused', decoded.value.message)
    return decoded.value.response
  }

  async function command(subject: string, data: Uint8Array): Promise<void> {
    await ask(subject, data, control.configMap)
  }

  async function gather<S extends v.GenericSchema>(
    subject: string,
    data: Uint8Array,
    schema: S,
  ): Promise<v.InferOutput<S>[]> {
    const replies = await transport.gather(subject, data, { windowMs: options.windowMs ?? 2_000 })
    return replies.flatMap((message) => {
      const decoded = control.decodeControlReply(schema, message.data)
      return decoded.ok && decoded.value.response !== undefined ? [decoded.value.response] : []
    })
  }

  async function inventory(hostId: string): Promise<Inventory> {
    const found = await ask(subjects.host('get', required(hostId, 'Host ID')), nothing, inventorySchema)
    if (found === undefined) throw new TlosError('invalid', `Host ${hostId} answered without an inventory`)
    return found
  }

  /** Rejects with the host's own words when the start, change or stop failed. */
  async function scale(host: string, request: ScaleOptions): Promise<void> {
    const hostId = required(host, 'Host ID')
    const componentId = required(request.componentId, 'Component ID')
    const imageRef = required(request.imageRef, 'Component OCI reference')
    await sendAndAwait({
      transport,
      lattice,
      hostId,
      kinds: ['component_scaled', 'component_scale_failed'],
      match: (body) => matchScaled(body, componentId, (scaled) => scaled.maxInstances === request.count),
      send: () =>
        command(
          subjects.component('scale', hostId),
          control.scaleCodec.encode({
            componentRef: imageRef,
            componentId,
            annotations: { ...request.annotations },
            count: request.count,
            limits: request.limits === undefined ? undefined : { ...request.limits },
            hostId,
            config: [...(request.config ?? [])],
            allowUpdate: request.allowUpdate ?? false,
          }),
        ),
      limitMs: request.limitMs ?? (request.count === 0 ? stopLimitMs : startLimitMs),
      words: request.count === 0 ? `${componentId} did not stop` : `${componentId} did not start`,
    })
  }

  return {
    /** Every host that answers within the window. */
    ping: (): Promise<PingReply[]> => gather(subjects.ping, nothing, pingReplySchema),

    inventory,

    /** Ids of the hosts that would take it. */
    async auctionComponent(
      componentRef: string,
      componentId: string,
      constraints: Readonly<Record<string, string>> = {},
    ): Promise<string[]> {
      const request = { componentRef, componentId, constraints: { ...constraints } }
      const data = control.componentAuctionCodec.encode(request)
      const acks = await gather(subjects.componentAuction, data, control.componentAuctionAck)
      return [...new Set(acks.map((ack) => ack.hostId))]
    },

    async auctionProvider(
      providerRef: string,
      providerId: string,
      constraints: Readonly<Record<string, string>> = {},
    ): Promise<string[]> {
      const request = { providerRef, providerId, constraints: { ...constraints } }
      const data = control.providerAuctionCodec.encode(request)
      const acks = await gather(subjects.providerAuction, data, control.providerAuctionAck)
      return [...new Set(acks.map((ack) => ack.hostId))]
    },

    scale,

    /**
     * Resolves when the host says that the new reference runs. A v1 host is not told to update: it would go on serving the old
     * bytes, also after a stop (measured with 1.9.2). There it is stopped and started again, which no configuration survives:
     * such hosts do not tell which ones it had.
     */
    async update(
      host: string,
      componentId: string,
      newComponentRef: string,
      annotations: Readonly<Record<string, string>> = {},
      limitMs = startLimitMs,
    ): Promise<void> {
      const hostId = required(host, 'Host ID')
      required(newComponentRef, 'Component OCI reference')
      const { components, labels } = await inventory(hostId)
      const running = components.find((component) => component.id === componentId)
      if (running?.imageRef === newComponentRef) {
        // The host would say yes and nothing would follow.
        throw new TlosError('conflict', `${componentId} runs ${newComponentRef} already`, { about: componentId })
      }
      if (running !== undefined && labels[versionLabel] === undefined) {
        const { imageRef, maxInstances } = running
        await scale(hostId, { componentId, imageRef, annotations: running.annotations, count: 0 })
        await scale(hostId, { componentId, imageRef: newComponentRef, annotations, count: maxInstances, limitMs })
        return
      }
      await sendAndAwait({
        transport,
        lattice,
        hostId,
        kinds: ['component_scaled', 'component_scale_failed'],
        match: (body) =>
          matchScaled(body, componentId, (scaled) => scaled.imageRef === newComponentRef && scaled.maxInstances > 0),
        send: async () => {
          const request = { componentId, newComponentRef, hostId, annotations: { ...annotations } }
          await command(subjects.component('update', hostId), control.updateCodec.encode(request))
        },
        limitMs,
        words: `${componentId} was not updated`,
      })
    },

    /** Scales to 0, with the reference and annotations it runs with. */
    async stop(hostId: string, componentId: string, limitMs = stopLimitMs): Promise<void> {
      const running = (await inventory(hostId)).components.find((component) => component.id === componentId)
      if (running === undefined) {
        throw new TlosError('not-found', `${componentId} does not run on this host`, { about: componentId })
      }
      const { imageRef, annotations } = running
      await scale(hostId, { componentId, imageRef, annotations, count: 0, limitMs })
    },

    async startProvider(hostId: string, request: StartProviderOptions): Promise<void> {
      const providerId = required(request.providerId, 'Provider ID')
      const providerRef = required(request.providerRef, 'Provider OCI reference')
      await sendAndAwait({
        transport,
        lattice,
        hostId: required(hostId, 'Host ID'),
        kinds: ['provider_started', 'provider_start_failed'],
        match: (body) => {
          if (body.kind === 'provider_started' && body.providerId === providerId) return true
          if (body.kind === 'provider_start_failed' && body.providerId === providerId) {
            throw new TlosError('refused', body.error, { about: providerId })
          }
          return undefined
        },
        send: () =>
          command(
            subjects.provider('start', hostId),
            control.startProviderCodec.encode({
              providerId,
              providerRef,
              hostId,
              config: [...(request.config ?? [])],
              annotations: { ...request.annotations },
            }),
          ),
        limitMs: request.limitMs ?? providerLimitMs,
        words: `${providerId} did not start`,
      })
    },

    /** The host answers when the provider has stopped, and says so to all. */
    async stopProvider(host: string, provider: string): Promise<void> {
      const hostId = required(host, 'Host ID')
      const providerId = required(provider, 'Provider ID')
      const request = control.stopProviderCodec.encode({ hostId, providerId })
      await sendAndAwait({
        transport,
        lattice,
        hostId,
        kinds: ['provider_stopped'],
        match: (body) => (body.kind === 'provider_stopped' && body.providerId === providerId ? true : undefined),
        send: async () => {
          await ask(subjects.provider('stop', hostId), request, control.configMap, providerLimitMs)
        },
        limitMs: stopLimitMs,
        words: `${providerId} did not stop`,
      })
    },

    /** Resolves when the host has said goodbye. */
    async stopHost(hostId: string, timeoutMs?: number): Promise<void> {
      await sendAndAwait({
        transport,
        lattice,
        hostId: required(hostId, 'Host ID'),
        kinds: ['host_stopped'],
        match: () => true,
        send: () => command(subjects.host('stop', hostId), control.stopHostCodec.encode({ hostId, timeoutMs })),
        limitMs: hostStopLimitMs,
        words: 'The host did not stop',
      })
    },

    async putLabel(hostId: string, key: string, value: string): Promise<void> {
      await command(subjects.label('put', required(hostId, 'Host ID')), control.putLabelCodec.encode({ key, value }))
    },

    async deleteLabel(hostId: string, key: string): Promise<void> {
      await command(subjects.label('del', required(hostId, 'Host ID')), control.deleteLabelCodec.encode({ key }))
    },

    async links(): Promise<Link[]> {
      return (await ask(subjects.link('get'), nothing, control.linkList)) ?? []
    },

    async putLink(link: Link): Promise<void> {
      required(link.name, 'Link Name')
      await command(subjects.link('put'), linkCodec.encode(link))
    },

    async deleteLink(link: Pick<Link, 'sourceId' | 'name' | 'witNamespace' | 'witPackage'>): Promise<void> {
      required(link.name, 'Link Name')
      await command(subjects.link('del'), control.deleteLinkCodec.encode({ ...link }))
    },

    /** Undefined when there is none of that name. */
    getConfig: async (name: string): Promise<Readonly<Record<string, string>> | undefined> =>
      await ask(subjects.config('get', configName(name)), nothing, control.configMap),

    async putConfig(name: string, values: Readonly<Record<string, string>>): Promise<void> {
      await command(subjects.config('put', configName(name)), configCodec.encode({ ...values }))
    },

    async deleteConfig(name: string): Promise<void> {
      await command(subjects.config('del', configName(name)), nothing)
    },

    /** There is no request for it: the names are the keys of the configuration bucket. */
    async listConfigs(): Promise<string[]> {
      if (!transport.info.hasJetStream) {
        throw new TlosError('unavailable', 'The NATS server has no JetStream, so configurations cannot be listed.')
      }
      return (await (await transport.bucket(configBucket(lattice))).keys()).sort()
    },

    async claims(): Promise<Readonly<Record<string, string>>[]> {
      return (await ask(subjects.claims, nothing, control.claimsList)) ?? []
    },

    /**
     * Told to every host; resolves to how many said that they took it. The Rust client asks for no answer, but hosts give
     * one to who does. Fails when one refuses.
     */
    async putRegistries(credentials: Readonly<Record<string, control.RegistryCredentials>>): Promise<number> {
      const data = control.registriesCodec.encode({ ...credentials })
      const replies = await transport.gather(subjects.registries, data, { windowMs: options.windowMs ?? 2_000 })
      const decoded = replies.map(({ data: bytes }) => control.decodeControlReply(control.configMap, bytes))
      for (const reply of decoded) {
        if (reply.ok && !reply.value.isSuccess) throw new TlosError('refused', reply.value.message)
      }
      return decoded.filter(({ ok }) => ok).length
    },

    /** The host with this id, id's beginning or friendly name. */
    async findHost(text: string): Promise<PingReply> {
      const hosts = (await gather(subjects.ping, nothing, pingReplySchema)).filter(
        (host) => host.id === text || host.friendlyName === text || (text !== '' && host.id.startsWith(text)),
      )
      const [only, second] = hosts
      if (only === undefined) throw new TlosError('not-found', `No host answers to ${text}`, { about: text })
      if (second !== undefined && only.id !== second.id) {
        throw new TlosError('conflict', `${text} fits ${hosts.length} hosts: ${hosts.map((h) => h.id).join(', ')}`)
      }
      return only
    },
  }
}

function matchScaled(
  body: EventBody,
  componentId: string,
  isIt: (scaled: Extract<EventBody, { kind: 'component_scaled' }>) => boolean,
): true | undefined {
  if (body.kind === 'component_scaled' && body.componentId === componentId) return isIt(body) ? true : undefined
  if (body.kind === 'component_scale_failed' && body.componentId === componentId) {
    throw new TlosError('refused', body.error, { about: componentId })
  }
  return undefined
}

/** Trimmed; empty ones are refused before anything is sent, in the words of the Rust client. */
function required(value: string, what: string): string {
  const trimmed = value.trim()
  if (trimmed === '') throw new TlosError('invalid', `${what} cannot be empty`)
  if (what.endsWith('ID') && !isToken(trimmed)) throw new TlosError('invalid', `${what} ${trimmed} is not an id`)
  return trimmed
}

function configName(name: string): string {
  if (!isToken(name)) throw new TlosError('invalid', `${name} is not the name of a configuration: one word, no dots`)
  return name
}
