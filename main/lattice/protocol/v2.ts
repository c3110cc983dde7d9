// Heartbeats of wasmCloud v2 hosts (lattice.md 11): protobuf messages in their JSON form, on one subject for all. v2 has no
// lattice, so what stands here is read and never sent by tLOS; the encoder is for peers in tests. Pure.

import * as v from 'valibot'
import type { HostV2 } from '../../../preload/records.js'
import { hostNkey, listOf, text, textMap } from './json.js'
import type { Decoded } from './tlos.js'
import { decodeJson } from './tlos.js'

/** Hosts say once, and then each 15 s, that they live; nothing is said at the end. */
export const heartbeatPattern = 'runtime.operator.heartbeat.*'
export const heartbeatSubject = (hostId: string): string => `runtime.operator.heartbeat.${hostId}`
export const heartbeatMs = 15_000
/** As many interfaces are shown; a list is as long as its sender likes. */
const mostInterfaces = 100

/** A 64-bit number is a decimal text, and may be a number; left out means 0. */
const uint64 = v.pipe(
  v.nullish(v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,20}$/))]), 0),
  v.transform(Number),
  v.check((n) => Number.isFinite(n) && n >= 0, 'not a count'),
)
/** Infinity and NaN come as texts. */
const float = v.pipe(
  v.nullish(v.union([v.number(), v.string()]), 0),
  v.transform((given) => (typeof given === 'number' && Number.isFinite(given) ? given : undefined)),
)

const wit = v.object({ namespace: text, package: text, version: text, interfaces: v.nullish(v.array(v.string())) })

/** As written, `ns:package/one,two@version`. */
function formatWit(one: v.InferOutput<typeof wit>): string {
  const interfaces = one.interfaces ?? []
  const tail = interfaces.length === 0 ? '' : `/${interfaces.join(',')}`
  return `${one.namespace}:${one.package}${tail}${one.version === '' ? '' : `@${one.version}`}`
}

const heartbeatSchema = v.object({
  // A UUID in practice; anything that can be the last token of its subject. Never an nkey, so that it is no v1 host.
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,128}$/, 'not an id')),
  hostname: text,
  friendlyName: text,
  version: text,
  labels: textMap,
  startedAt: v.nullish(v.string()),
  osArch: text,
  osName: text,
  systemCpuUsage: float,
  systemMemoryTotal: uint64,
  systemMemoryFree: uint64,
  componentCount: uint64,
  workloadCount: uint64,
  imports: listOf(wit),
  exports: listOf(wit),
  httpPort: uint64,
  environment: text,
})

/** The protobuf names in snake_case are the same fields; later ones of a message win, here as there. */
const anyCase = v.pipe(
  v.unknown(),
  v.check((given) => typeof given === 'object' && given !== null && !Array.isArray(given), 'not an object'),
  v.transform((given) => {
    const entries = Object.entries(given as object) // checked just above
    return Object.fromEntries(
      entries.map(([key, value]) => [key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]),
    )
  }),
  heartbeatSchema,
)

/** What a heartbeat says, as the picture takes it. */
export interface HeartbeatV2 {
  readonly id: string
  readonly friendlyName: string
  readonly version: string
  readonly labels: Readonly<Record<string, string>>
  readonly startedAtMs: number | undefined
  /** 0 to 1. */
  readonly load: number | undefined
  readonly about: HostV2
}

/** Unknown fields are left aside; the id has to be that of the subject, which is the only thing that says who speaks. */
export function decodeHeartbeatV2(subject: string, bytes: Uint8Array): Decoded<HeartbeatV2> {
  const decoded = decodeJson(anyCase, bytes)
  if (!decoded.ok) return decoded
  const wire = decoded.value
  if (subject !== heartbeatSubject(wire.id)) return { ok: false, reason: 'heartbeat of another host than its subject' }
  if (v.is(hostNkey, wire.id)) return { ok: false, reason: 'heartbeat with the id of a v1 host' }
  return {
    ok: true,
    value: {
      id: wire.id,
      friendlyName: wire.friendlyName === '' ? wire.hostname || wire.id : wire.friendlyName,
      version: wire.version,
      labels: wire.labels,
      startedAtMs: parseTime(wire.startedAt ?? ''),
      load: wire.systemCpuUsage === undefined ? undefined : Math.min(1, Math.max(0, wire.systemCpuUsage / 100)),
      about: {
        workloads: wire.workloadCount,
        components: wire.componentCount,
        hostname: wire.hostname,
        system: [wire.osName, wire.osArch].filter((part) => part !== '').join(' '),
        environment: wire.environment === '' ? undefined : wire.environment,
        memoryTotalBytes: wire.systemMemoryTotal,
        memoryFreeBytes: wire.systemMemoryFree,
        httpPort: wire.httpPort === 0 ? undefined : wire.httpPort,
        imports: wire.imports.slice(0, mostInterfaces).map(formatWit),
        exports: wire.exports.slice(0, mostInterfaces).map(formatWit),
      },
    },
  }
}

/** RFC 3339 in UTC or with an offset, as epoch milliseconds; by hand, since a pure file has no `Date`. */
function parseTime(given: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.exec(given)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  // Days since the epoch: years begin in March, so that the leap day is the last of one.
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const yearOfEra = y - era * 400
  const days =
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  const zone = match[8] ?? 'Z'
  const [zoneHours = 0, zoneMinutes = 0] = zone === 'Z' ? [] : zone.slice(1).split(':').map(Number)
  const offset = (zone.startsWith('-') ? -1 : 1) * (zoneHours * 60 + zoneMinutes)
  const seconds = days * 86_400 + hour * 3_600 + (minute - offset) * 60 + second
  return seconds * 1_000 + Math.floor(Number(match[7] ?? 0) * 1_000)
}
