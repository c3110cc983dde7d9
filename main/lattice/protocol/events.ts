// The events of a v1 lattice (lattice.md 3): CloudEvents 1.0 in structured JSON, decoded into one closed union and
// encoded as a host writes them. Pure; ids and times are arguments.

import * as v from 'valibot'
import type { Link } from '../../../preload/records.js'
import { linkCodec, linkSchema } from './buckets.js'
import { claimsOfEvent, claimsToEvent, type ComponentClaims, eventClaims } from './component-claims.js'
import { inventoryCodec, inventorySchema } from './inventory.js'
import { hostNkey, optionalText, text, textMap, token, u32, u64 } from './json.js'
import {
  type ProviderClaims,
  providerClaimsOfEvent,
  providerClaimsToEvent,
  providerEventClaims,
} from './provider-claims.js'
import type { Decoded } from './tlos.js'
import { decodeJson, encodeJson } from './tlos.js'

const typePrefix = 'com.wasmcloud.lattice.'

const scaled = {
  annotations: textMap,
  host_id: text,
  image_ref: text,
  max_instances: u32,
  component_id: token,
  public_key: optionalText,
}
const ofProvider = { host_id: text, provider_id: token }
const health = v.pipe(
  v.object(ofProvider),
  v.transform((wire) => ({ hostId: wire.host_id, providerId: wire.provider_id })),
)
const configName = v.pipe(
  v.object({ config_name: v.string() }),
  v.transform((wire) => ({ configName: wire.config_name })),
)

const schemas = {
  host_started: v.pipe(
    v.object({ friendly_name: text, labels: textMap, uptime_seconds: v.optional(u64, 0), version: text }),
    v.transform((wire) => ({
      friendlyName: wire.friendly_name,
      labels: wire.labels,
      uptimeSeconds: wire.uptime_seconds,
      version: wire.version,
    })),
  ),
  host_stopped: v.pipe(
    v.object({ labels: textMap }),
    v.transform((wire) => ({ labels: wire.labels })),
  ),
  host_heartbeat: v.pipe(
    inventorySchema,
    v.transform((inventory) => ({ inventory })),
  ),
  labels_changed: v.pipe(
    v.object({ host_id: text, labels: textMap }),
    v.transform((wire) => ({ hostId: wire.host_id, labels: wire.labels })),
  ),
  component_scaled: v.pipe(
    v.object({ ...scaled, claims: v.nullish(eventClaims) }),
    v.transform((wire) => ({ ...ofScaled(wire), ...ofComponentClaims(wire.public_key, wire.claims) })),
  ),
  component_scale_failed: v.pipe(
    v.object({ ...scaled, error: text }),
    v.transform((wire) => ({
      ...ofScaled(wire),
      ...(wire.public_key === undefined ? {} : { publicKey: wire.public_key }),
      error: wire.error,
    })),
  ),
  provider_started: v.pipe(
    v.object({ ...ofProvider, image_ref: text, annotations: textMap, claims: v.nullish(providerEventClaims) }),
    v.transform((wire) => ({
      hostId: wire.host_id,
      providerId: wire.provider_id,
      imageRef: wire.image_ref,
      annotations: wire.annotations,
      ...ofProviderClaims(wire.claims),
    })),
  ),
  provider_start_failed: v.pipe(
    v.object({ ...ofProvider, provider_ref: text, error: text }),
    v.transform((wire) => ({
      hostId: wire.host_id,
      providerId: wire.provider_id,
      providerRef: wire.provider_ref,
      error: wire.error,
    })),
  ),
  provider_stopped: v.pipe(
    v.object({ ...ofProvider, annotations: textMap, reason: text }),
    v.transform((wire) => ({
      hostId: wire.host_id,
      providerId: wire.provider_id,
      annotations: wire.annotations,
      reason: wire.reason,
    })),
  ),
  health_check_passed: health,
  health_check_failed: health,
  health_check_status: health,
  linkdef_set: v.pipe(
    linkSchema,
    v.transform((link) => ({ link })),
  ),
  linkdef_set_failed: v.pipe(
    v.intersect([linkSchema, v.object({ error: text })]),
    v.transform(({ error, ...link }): { link: Link; error: string } => ({ link, error })),
  ),
  linkdef_deleted: v.pipe(
    v.object({
      source_id: token,
      name: v.optional(v.string(), 'default'),
      wit_namespace: v.string(),
      wit_package: v.string(),
      target: v.nullish(v.string()),
      interfaces: v.nullish(v.array(v.string())),
    }),
    v.transform((wire) => ({
      sourceId: wire.source_id,
      name: wire.name,
      witNamespace: wire.wit_namespace,
      witPackage: wire.wit_package,
      ...ofTarget(wire.target, wire.interfaces),
    })),
  ),
  config_set: configName,
  config_deleted: configName,
} as const

function ofProviderClaims(claims: v.InferOutput<typeof providerEventClaims> | null | undefined): {
  claims?: ProviderClaims | undefined
} {
  return claims === null || claims === undefined ? {} : { claims: providerClaimsOfEvent(claims) }
}

function ofComponentClaims(
  publicKey: string | undefined,
  claims: v.InferOutput<typeof eventClaims> | null | undefined,
): { claims?: ComponentClaims | undefined } {
  return claims === null || claims === undefined ? {} : { claims: claimsOfEvent(publicKey ?? '', claims) }
}

/** Told since 1.3, and only when the link existed. */
function ofTarget(
  target: string | null | undefined,
  interfaces: string[] | null | undefined,
): { target?: string | undefined; interfaces?: string[] | undefined } {
  return {
    ...(target === null || target === undefined ? {} : { target }),
    ...(interfaces === null || interfaces === undefined ? {} : { interfaces }),
  }
}

function ofScaled(wire: {
  component_id: string
  host_id: string
  image_ref: string
  max_instances: number
  annotations: Readonly<Record<string, string>>
}) {
  return {
    componentId: wire.component_id,
    hostId: wire.host_id,
    imageRef: wire.image_ref,
    maxInstances: wire.max_instances,
    annotations: wire.annotations,
  }
}

export type LatticeEventKind = keyof typeof schemas
export const latticeEventKinds = Object.keys(schemas) as readonly LatticeEventKind[] // the keys of this very table

/** What an event says, by kind. */
export type EventBody = {
  [K in LatticeEventKind]: { readonly kind: K } & Readonly<v.InferOutput<(typeof schemas)[K]>>
}[LatticeEventKind]

/** `source` is the host that says it, and stands above a host id inside the data. */
export interface LatticeEvent {
  readonly id: string
  readonly source: string
  readonly time: string
  readonly body: EventBody
}

const cloudEvent = v.object({
  specversion: v.literal('1.0'),
  id: v.string(),
  type: v.string(),
  source: hostNkey,
  time: text,
  data: v.unknown(),
})

/** Kinds are told by the `type` attribute, not by the subject. Unknown kinds are a reason, not an exception. */
export function decodeLatticeEvent(bytes: Uint8Array): Decoded<LatticeEvent> {
  const envelope = decodeJson(cloudEvent, bytes)
  if (!envelope.ok) return envelope
  const { id, type, source, time, data } = envelope.value
  const kind = latticeEventKinds.find((known) => type === typePrefix + known)
  if (kind === undefined) return { ok: false, reason: `unknown event ${type.slice(0, 64)}` }
  const result = v.safeParse(schemas[kind], data)
  if (!result.success) {
    const issue = result.issues[0]
    return { ok: false, reason: `${kind}: ${v.getDotPath(issue) ?? 'data'}: ${issue.message}` }
  }
  // The schema was chosen by the kind, so kind and data belong together.
  return { ok: true, value: { id, source, time, body: { kind, ...result.output } as EventBody } }
}

/** Everything CloudEvents asks for; `id` is a UUID, `time` RFC 3339 in UTC. */
export function encodeLatticeEvent(event: LatticeEvent): Uint8Array {
  return encodeJson({
    data: dataOf(event.body),
    datacontenttype: 'application/json',
    id: event.id,
    source: event.source,
    specversion: '1.0',
    time: event.time,
    type: typePrefix + event.body.kind,
  })
}

/** The `data` of an event as hosts write it. */
export function dataOf(body: EventBody): unknown {
  switch (body.kind) {
    case 'host_started':
      return {
        friendly_name: body.friendlyName,
        labels: body.labels,
        uptime_seconds: body.uptimeSeconds,
        version: body.version,
      }
    case 'host_stopped':
      return { labels: body.labels }
    case 'host_heartbeat':
      return inventoryCodec.toWire(body.inventory)
    case 'labels_changed':
      return { host_id: body.hostId, labels: body.labels }
    case 'component_scaled':
      return body.claims === undefined
        ? scaledToWire(body)
        : { ...scaledToWire(body), public_key: body.claims.subject, claims: claimsToEvent(body.claims) }
    case 'component_scale_failed': {
      const signed = body.publicKey === undefined ? {} : { public_key: body.publicKey }
      return { ...scaledToWire(body), ...signed, error: body.error }
    }
    case 'provider_started':
      return {
        host_id: body.hostId,
        image_ref: body.imageRef,
        provider_id: body.providerId,
        annotations: body.annotations,
        ...(body.claims === undefined
          ? {}
          : {
              claims: providerClaimsToEvent(body.claims),
              instance_id: body.providerId,
              public_key: body.providerId,
              link_name: 'default',
            }),
      }
    case 'provider_start_failed':
      return {
        provider_ref: body.providerRef,
        provider_id: body.providerId,
        host_id: body.hostId,
        error: body.error,
        link_name: 'default',
      }
    case 'provider_stopped':
      return {
        host_id: body.hostId,
        provider_id: body.providerId,
        annotations: body.annotations,
        reason: body.reason,
        instance_id: body.providerId,
        public_key: body.providerId,
        link_name: 'default',
      }
    case 'health_check_passed':
    case 'health_check_failed':
    case 'health_check_status':
      return { host_id: body.hostId, provider_id: body.providerId }
    case 'linkdef_set':
      return linkCodec.toWire(body.link)
    case 'linkdef_set_failed':
      return { ...(linkCodec.toWire(body.link) as object), error: body.error } // toWire gives an object
    case 'linkdef_deleted':
      return {
        source_id: body.sourceId,
        name: body.name,
        wit_namespace: body.witNamespace,
        wit_package: body.witPackage,
        ...(body.target === undefined ? {} : { target: body.target }),
        ...(body.interfaces === undefined ? {} : { interfaces: body.interfaces }),
      }
    case 'config_set':
    case 'config_deleted':
      return { config_name: body.configName }
  }
}

function scaledToWire(body: ReturnType<typeof ofScaled>) {
  return {
    annotations: body.annotations,
    host_id: body.hostId,
    image_ref: body.imageRef,
    max_instances: body.maxInstances,
    component_id: body.componentId,
  }
}
