// What hosts say of themselves: the ping reply and the inventory (lattice.md 1.4), which is also the heartbeat's data.
// Pure. Readers fill in what older hosts leave out.

import * as v from 'valibot'
import { codec, hostNkey, listOf, optionalText, text, textMap, token, u32, u64 } from './json.js'

const seconds = v.nullish(u64, 0)

export const pingReplySchema = v.pipe(
  v.object({
    id: hostNkey,
    labels: textMap,
    friendly_name: text,
    uptime_seconds: seconds,
    uptime_human: optionalText,
    version: text,
    ctl_host: text,
    rpc_host: text,
    js_domain: optionalText,
    lattice: text,
  }),
  v.transform((wire) => ({
    id: wire.id,
    labels: wire.labels,
    friendlyName: wire.friendly_name,
    uptimeSeconds: wire.uptime_seconds,
    version: wire.version,
    ctlHost: wire.ctl_host,
    rpcHost: wire.rpc_host,
    jsDomain: wire.js_domain,
    lattice: wire.lattice,
  })),
)
export type PingReply = v.InferOutput<typeof pingReplySchema>

export const pingReplyCodec = codec(pingReplySchema, (host: PingReply) => ({
  id: host.id,
  labels: host.labels,
  friendly_name: host.friendlyName,
  uptime_seconds: host.uptimeSeconds,
  uptime_human: formatUptime(host.uptimeSeconds),
  version: host.version,
  ctl_host: host.ctlHost,
  rpc_host: host.rpcHost,
  ...(host.jsDomain === undefined ? {} : { js_domain: host.jsDomain }),
  lattice: host.lattice,
}))

const revision = v.nullish(v.pipe(v.number(), v.integer()), 0)

const componentSchema = v.pipe(
  v.object({
    id: token,
    image_ref: text,
    name: optionalText,
    annotations: textMap,
    revision,
    max_instances: v.nullish(u32, 0),
    limits: v.pipe(
      v.nullish(v.record(v.string(), v.nullable(v.string()))),
      v.transform((given) => {
        if (given === null || given === undefined) return undefined
        const entries = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null)
        return Object.fromEntries(entries)
      }),
    ),
  }),
  v.transform((wire) => ({
    id: wire.id,
    imageRef: wire.image_ref,
    name: wire.name,
    annotations: wire.annotations,
    revision: wire.revision,
    maxInstances: wire.max_instances,
    limits: wire.limits,
  })),
)
export type ComponentDescription = v.InferOutput<typeof componentSchema>

const providerSchema = v.pipe(
  v.object({ id: token, image_ref: text, name: optionalText, revision, annotations: textMap }),
  v.transform((wire) => ({
    id: wire.id,
    imageRef: wire.image_ref,
    name: wire.name,
    revision: wire.revision,
    annotations: wire.annotations,
  })),
)

/** `actors` is the name before 1.0 of `components`; a heartbeat may leave its own host's id out. */
export const inventorySchema = v.pipe(
  v.object({
    host_id: text,
    components: v.nullish(v.array(v.unknown())),
    actors: v.nullish(v.array(v.unknown())),
    providers: listOf(providerSchema),
    friendly_name: text,
    labels: textMap,
    version: text,
    uptime_human: optionalText,
    uptime_seconds: seconds,
  }),
  v.transform((wire) => ({
    hostId: wire.host_id,
    components: v.parse(listOf(componentSchema), wire.components ?? wire.actors),
    providers: wire.providers,
    friendlyName: wire.friendly_name,
    labels: wire.labels,
    version: wire.version,
    uptimeSeconds: wire.uptime_seconds,
  })),
)
export type Inventory = v.InferOutput<typeof inventorySchema>

export const inventoryCodec = codec(inventorySchema, (inventory: Inventory) => ({
  components: inventory.components.map((component) => ({
    id: component.id,
    image_ref: component.imageRef,
    ...(component.name === undefined ? {} : { name: component.name }),
    annotations: component.annotations,
    revision: component.revision,
    max_instances: component.maxInstances,
    limits: component.limits ?? null,
  })),
  providers: inventory.providers.map((provider) => ({
    id: provider.id,
    image_ref: provider.imageRef,
    ...(provider.name === undefined ? {} : { name: provider.name }),
    revision: provider.revision,
    annotations: provider.annotations,
  })),
  host_id: inventory.hostId,
  friendly_name: inventory.friendlyName,
  labels: inventory.labels,
  version: inventory.version,
  uptime_human: formatUptime(inventory.uptimeSeconds),
  uptime_seconds: inventory.uptimeSeconds,
}))

/** `1h 2m 3s`, as hosts write it; units that are zero are left out, nothing at all is `0s`. */
export function formatUptime(uptimeSeconds: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['year', 31_557_600],
    ['month', 2_630_016],
    ['day', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ]
  let rest = Math.max(0, Math.floor(uptimeSeconds))
  const parts: string[] = []
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(`${count}${unit}${unit.length > 1 && count > 1 ? 's' : ''}`)
  }
  return parts.length === 0 ? '0s' : parts.join(' ')
}
