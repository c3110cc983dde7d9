// Requests and replies of the control interface v1 (lattice.md 1.1 to 1.9) as values: envelope, schemas, encode and
// decode. Wire spellings end here. Pure; subjects are in `subjects.ts`, inventories in `inventory.ts`.

import * as v from 'valibot'
import { linkCodec, linkSchema } from './buckets.js'
import { codec, optionalText, requiredTextMap, text, textList, textMap, u32, u64 } from './json.js'
import type { Decoded } from './tlos.js'
import { decodeJson, encodeJson } from './tlos.js'

/** `host_id` must be the subject's if given. `timeout` is documented as seconds, and hosts take it as milliseconds. */
export const stopHostCodec = codec(
  v.pipe(
    v.object({
      host_id: optionalText,
      timeout: v.pipe(
        v.nullish(u64),
        v.transform((t) => t ?? undefined),
      ),
    }),
    v.transform((wire) => ({ hostId: wire.host_id, timeoutMs: wire.timeout })),
  ),
  (request) => ({
    ...(request.hostId === undefined ? {} : { host_id: request.hostId }),
    ...(request.timeoutMs === undefined ? {} : { timeout: request.timeoutMs }),
  }),
)

export const putLabelCodec = codec(v.object({ key: v.string(), value: v.string() }), ({ key, value }) => ({
  key,
  value,
}))
export const deleteLabelCodec = codec(v.object({ key: v.string() }), ({ key }) => ({ key }))

export const componentAuctionCodec = codec(
  v.pipe(
    v.object({ component_ref: text, component_id: v.string(), constraints: requiredTextMap }),
    v.transform((wire) => ({
      componentRef: wire.component_ref,
      componentId: wire.component_id,
      constraints: wire.constraints,
    })),
  ),
  (request) => ({
    component_ref: request.componentRef,
    component_id: request.componentId,
    constraints: request.constraints,
  }),
)
/** The host's answer. Only `hostId` can be relied on: real hosts put the reference into `component_id`. */
export const componentAuctionAck = v.pipe(
  v.object({ component_ref: text, component_id: text, host_id: v.string(), constraints: textMap }),
  v.transform((wire) => ({
    componentRef: wire.component_ref,
    componentId: wire.component_id,
    hostId: wire.host_id,
    constraints: wire.constraints,
  })),
)
export const componentAuctionAckCodec = codec(componentAuctionAck, (ack) => ({
  component_ref: ack.componentRef,
  component_id: ack.componentId,
  host_id: ack.hostId,
  constraints: ack.constraints,
}))

export const providerAuctionCodec = codec(
  v.pipe(
    v.object({ provider_ref: text, provider_id: v.string(), constraints: requiredTextMap }),
    v.transform((wire) => ({
      providerRef: wire.provider_ref,
      providerId: wire.provider_id,
      constraints: wire.constraints,
    })),
  ),
  (request) => ({
    provider_ref: request.providerRef,
    provider_id: request.providerId,
    constraints: request.constraints,
  }),
)

export const providerAuctionAck = v.pipe(
  v.object({ host_id: v.string(), provider_ref: text, provider_id: text, constraints: textMap }),
  v.transform((wire) => ({
    hostId: wire.host_id,
    providerRef: wire.provider_ref,
    providerId: wire.provider_id,
    constraints: wire.constraints,
  })),
)
export const providerAuctionAckCodec = codec(providerAuctionAck, (ack) => ({
  host_id: ack.hostId,
  provider_ref: ack.providerRef,
  provider_id: ack.providerId,
  constraints: ack.constraints,
}))

const scaleSchema = v.pipe(
  v.object({
    component_ref: text,
    component_id: v.string(),
    annotations: textMap,
    // The key is `count`; `max_instances` is ignored, so that a request which has only that scales to 0.
    count: v.optional(u32, 0),
    component_limits: v.pipe(
      v.nullish(v.record(v.string(), v.string())),
      v.transform((given) => given ?? undefined),
    ),
    host_id: text,
    config: textList,
    allow_update: v.optional(v.boolean(), false),
  }),
  v.transform((wire) => ({
    componentRef: wire.component_ref,
    componentId: wire.component_id,
    annotations: wire.annotations,
    count: wire.count,
    limits: wire.component_limits,
    hostId: wire.host_id,
    config: wire.config,
    allowUpdate: wire.allow_update,
  })),
)
export type ScaleComponent = v.InferOutput<typeof scaleSchema>

export const scaleCodec = codec(scaleSchema, (request: ScaleComponent) => ({
  component_ref: request.componentRef,
  component_id: request.componentId,
  annotations: request.annotations,
  count: request.count,
  ...(request.limits === undefined ? {} : { component_limits: request.limits }),
  host_id: request.hostId,
  config: request.config,
  allow_update: request.allowUpdate,
}))

const updateSchema = v.pipe(
  v.object({
    component_id: text,
    new_component_ref: text,
    host_id: text,
    annotations: textMap,
  }),
  v.transform((wire) => ({
    componentId: wire.component_id,
    newComponentRef: wire.new_component_ref,
    hostId: wire.host_id,
    annotations: wire.annotations,
  })),
)
export type UpdateComponent = v.InferOutput<typeof updateSchema>

export const updateCodec = codec(updateSchema, (request: UpdateComponent) => ({
  component_id: request.componentId,
  new_component_ref: request.newComponentRef,
  host_id: request.hostId,
  annotations: request.annotations,
}))

const startProviderSchema = v.pipe(
  v.object({
    provider_id: v.string(),
    provider_ref: text,
    host_id: text,
    config: textList,
    annotations: textMap,
  }),
  v.transform((wire) => ({
    providerId: wire.provider_id,
    providerRef: wire.provider_ref,
    hostId: wire.host_id,
    config: wire.config,
    annotations: wire.annotations,
  })),
)
export type StartProvider = v.InferOutput<typeof startProviderSchema>

export const startProviderCodec = codec(startProviderSchema, (request: StartProvider) => ({
  provider_id: request.providerId,
  provider_ref: request.providerRef,
  host_id: request.hostId,
  config: request.config,
  annotations: request.annotations,
}))

/** The id may also come under the key `provider_ref`; without any it is that of nobody. */
export const stopProviderCodec = codec(
  v.pipe(
    v.object({ host_id: text, provider_id: optionalText, provider_ref: optionalText }),
    v.transform((wire) => ({ hostId: wire.host_id, providerId: wire.provider_id ?? wire.provider_ref ?? '' })),
  ),
  (request) => ({ host_id: request.hostId, provider_id: request.providerId }),
)

/** Links are deleted without naming the target. */
export const deleteLinkCodec = codec(
  v.pipe(
    v.object({
      source_id: v.string(),
      name: v.optional(v.string(), 'default'),
      wit_namespace: v.string(),
      wit_package: v.string(),
    }),
    v.transform((wire) => ({
      sourceId: wire.source_id,
      name: wire.name,
      witNamespace: wire.wit_namespace,
      witPackage: wire.wit_package,
    })),
  ),
  (request) => ({
    source_id: request.sourceId,
    name: request.name,
    wit_namespace: request.witNamespace,
    wit_package: request.witPackage,
  }),
)

export const putLinkCodec = linkCodec
export const linkList = v.array(linkSchema)

export const registriesSchema = v.record(
  v.string(),
  v.object({
    username: optionalText,
    password: optionalText,
    token: optionalText,
    registryType: v.optional(v.string(), 'oci'),
  }),
)
export type RegistryCredentials = v.InferOutput<typeof registriesSchema>[string]
export const registriesCodec = codec(registriesSchema, (registries) => registries)

export const configMap = v.record(v.string(), v.string())
export const claimsList = v.array(configMap)

const envelope = v.object({
  success: v.boolean(),
  message: text,
  response: v.optional(v.unknown()),
})

/** Data: `{success, message: '', response}`. */
export function encodeResponse(response: unknown): Uint8Array {
  return encodeJson({ success: true, message: '', response })
}

/** Done or accepted, in words. */
export function encodeSuccess(message: string): Uint8Array {
  return encodeJson({ success: true, message })
}

export function encodeFailure(message: string): Uint8Array {
  return encodeJson({ success: false, message })
}

/** A reply: `response` is absent when the host had nothing to give (a missing configuration, for one). */
export interface ControlReply<T> {
  readonly isSuccess: boolean
  readonly message: string
  readonly response?: T | undefined
}

export function decodeControlReply<S extends v.GenericSchema>(
  schema: S,
  bytes: Uint8Array,
): Decoded<ControlReply<v.InferOutput<S>>> {
  const reply = decodeJson(envelope, bytes)
  if (!reply.ok) return reply
  const { success, message, response } = reply.value
  if (!success || response === undefined || response === null) {
    return { ok: true, value: { isSuccess: success, message } }
  }
  const fits = v.safeParse(schema, response)
  return fits.success
    ? { ok: true, value: { isSuccess: true, message, response: fits.output } }
    : { ok: false, reason: `unexpected answer: ${fits.issues[0].message}` }
}
