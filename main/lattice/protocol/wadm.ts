// What wadm is asked and what it answers (lattice.md 8.1, 8.2): subjects, replies, status, its own events. Pure; decoding
// never throws. Requests are so small that they have no schema: a version in an object, or the manifest's own bytes.

import * as v from 'valibot'
import type { Application, ApplicationStatus } from '../../../preload/applications.js'
import { listOf, optionalText, text } from './json.js'
import type { Decoded } from './tlos.js'
import { decodeJson, encodeJson } from './tlos.js'

export type WadmOperation = 'list' | 'get' | 'put' | 'versions' | 'del' | 'deploy' | 'undeploy' | 'status'

/** Annotations that wadm gives to all that it starts; by them anybody knows what is its own. */
export const managedAnnotations = {
  by: 'wasmcloud.dev/managed-by',
  application: 'wasmcloud.dev/appspec',
  scaler: 'wasmcloud.dev/scaler',
  spread: 'wasmcloud.dev/spread_name',
} as const

export const wadmSubjects = (lattice: string) => ({
  model: (operation: WadmOperation, name?: string): string =>
    `wadm.api.${lattice}.model.${operation}${name === undefined ? '' : `.${name}`}`,
  /** Manifests put and taken away. */
  events: `wadm.evt.${lattice}.>`,
  /** One token more: the application. */
  statuses: `wadm.status.${lattice}.*`,
})

/** A name that wadm takes, which is also one token of a subject. */
export const isApplicationName = (name: string): boolean => /^[-\w]{1,128}$/.test(name)

/** Old words for the same. */
const aliases: Readonly<Record<string, ApplicationStatus['type']>> = {
  compensating: 'reconciling',
  ready: 'deployed',
}
const statusTypes = ['waiting', 'undeployed', 'reconciling', 'deployed', 'failed', 'unhealthy'] as const

/** A word that a newer wadm may bring is shown as `unknown`, not dropped. */
const statusType = v.pipe(
  v.nullish(v.string(), ''),
  v.transform((word): ApplicationStatus['type'] => {
    const known = aliases[word] ?? statusTypes.find((type) => type === word)
    return known ?? 'unknown'
  }),
)

const statusInfo = v.object({ type: statusType, message: optionalText })

const scaler = v.object({ id: text, kind: text, name: text, status: v.optional(statusInfo) })

export const statusSchema = v.pipe(
  v.object({ status: statusInfo, scalers: listOf(scaler) }),
  v.transform((wire): ApplicationStatus => ({
    type: wire.status.type,
    message: wire.status.message,
    scalers: wire.scalers.map((one) => ({
      id: one.id,
      kind: one.kind,
      name: one.name,
      type: one.status?.type ?? 'unknown',
      message: one.status?.message,
    })),
  })),
)

/** `status` and `status_message` are of older servers that send no `detailed_status`. */
const summarySchema = v.pipe(
  v.object({
    name: v.string(),
    version: text,
    description: optionalText,
    deployed_version: optionalText,
    detailed_status: v.nullish(statusSchema),
    status: statusType,
    status_message: optionalText,
  }),
  v.transform((wire): Application => ({
    name: wire.name,
    version: wire.version,
    description: wire.description,
    deployedVersion: wire.deployed_version,
    status: wire.detailed_status ?? { type: wire.status, message: wire.status_message, scalers: [] },
  })),
)

/** Either a bare array (`model.list`) or an object with `models` (`model.get` without a name). */
export function decodeApplications(bytes: Uint8Array): Decoded<readonly Application[]> {
  const decoded = decodeJson(v.union([v.array(v.unknown()), v.looseObject({})]), bytes)
  if (!decoded.ok) return decoded
  const { value } = decoded
  if (Array.isArray(value)) return { ok: true, value: v.parse(listOf(summarySchema), value) }
  const models = v.safeParse(v.object({ models: listOf(summarySchema) }), value)
  const refusal = v.safeParse(v.object({ result: v.literal('error'), message: v.string() }), value)
  if (refusal.success) return { ok: false, reason: refusal.output.message }
  return models.success ? { ok: true, value: models.output.models } : { ok: false, reason: 'no list of applications' }
}

/** Every other answer: what came of it, in wadm's own words, and what was asked for. */
const replySchema = v.pipe(
  v.object({
    result: v.string(),
    message: text,
    name: optionalText,
    version: optionalText,
    current_version: optionalText,
    total_versions: v.nullish(v.number()),
    undeploy: v.nullish(v.boolean()),
    manifest: v.optional(v.unknown()),
    versions: listOf(v.object({ version: v.string(), deployed: v.nullish(v.boolean(), false) })),
    status: v.nullish(statusSchema),
  }),
  v.transform((wire) => ({
    result: wire.result,
    message: wire.message,
    name: wire.name,
    version: wire.version ?? wire.current_version,
    totalVersions: wire.total_versions ?? undefined,
    undeployed: wire.undeploy ?? false,
    manifest: wire.manifest,
    versions: wire.versions,
    status: wire.status ?? undefined,
  })),
)
export type WadmReply = v.InferOutput<typeof replySchema>

export function decodeWadmReply(bytes: Uint8Array): Decoded<WadmReply> {
  return decodeJson(replySchema, bytes)
}

/** `undefined` means every version to `del`, the newest one to `get` and `deploy`. */
export function encodeVersion(version: string | undefined): Uint8Array {
  return version === undefined ? new Uint8Array() : encodeJson({ version })
}

export function decodeStatus(bytes: Uint8Array): Decoded<ApplicationStatus> {
  return decodeJson(statusSchema, bytes)
}

/** The application at the end of a subject of `statuses`. */
export function applicationOf(subject: string): string | undefined {
  const name = subject.split('.').at(-1)
  return name === undefined || !isApplicationName(name) ? undefined : name
}
