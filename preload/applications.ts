// Applications of wadm as they cross the bridge: schema and type together. Pure. Words for a state are the page's.

import * as v from 'valibot'

/** `unknown` is any word that is not known here. */
const StatusType = v.picklist(['waiting', 'undeployed', 'reconciling', 'deployed', 'failed', 'unhealthy', 'unknown'])

/** Undefined crosses the bridge as a key without a value. */
const maybeText = v.optional(v.string())

/** How far an application is, and each of the scalers that keep it so. */
export const ApplicationStatus = v.object({
  type: StatusType,
  message: maybeText,
  scalers: v.array(
    v.object({ id: v.string(), kind: v.string(), name: v.string(), type: StatusType, message: maybeText }),
  ),
})
export type ApplicationStatus = v.InferOutput<typeof ApplicationStatus>

/** A manifest that wadm keeps; `version` is the newest, `deployedVersion` the one that it keeps running. */
export const Application = v.object({
  name: v.string(),
  version: v.string(),
  description: maybeText,
  deployedVersion: maybeText,
  status: ApplicationStatus,
})
export type Application = v.InferOutput<typeof Application>

export const ApplicationVersion = v.object({ version: v.string(), deployed: v.boolean() })
export type ApplicationVersion = v.InferOutput<typeof ApplicationVersion>

/** One application with what the list has not: its versions, and the manifest as text to read, copy and put again. */
export const ApplicationDetail = v.object({
  status: ApplicationStatus,
  versions: v.array(ApplicationVersion),
  manifest: v.string(),
})
export type ApplicationDetail = v.InferOutput<typeof ApplicationDetail>

/** What wadm said to a put. */
export const PutApplication = v.object({
  result: v.picklist(['created', 'newversion']),
  name: v.string(),
  version: v.string(),
  message: v.string(),
})
export type PutApplication = v.InferOutput<typeof PutApplication>
