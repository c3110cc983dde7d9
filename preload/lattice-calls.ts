// Calls of the bridge that steer a lattice beyond what windows need: everything `wash` can ask for, and wadm. Schemas and
// types together; part of the table in `contract.ts`.

import * as v from 'valibot'
import { Application, ApplicationDetail, PutApplication } from './applications.js'
import { ManifestRequest, WrittenManifest } from './manifest.js'
import { ComponentId, Failure, HostId } from './records.js'
import { SpiedMessages } from './traffic.js'

const Nothing = v.undefined()
const Texts = v.record(v.string(), v.string())
/** One token of a subject. */
const Name = v.pipe(v.string(), v.regex(/^[^\s.*>]{1,256}$/, 'one word without dots'))

/** Where: on this host, or, without one, wherever an auction among hosts with these labels finds a place. */
const place = { hostId: v.optional(HostId), constraints: Texts }

export const StartComponent = v.object({
  id: ComponentId,
  imageRef: v.pipe(v.string(), v.nonEmpty()),
  count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4_294_967_295)),
  annotations: Texts,
  config: v.array(Name),
  limits: v.optional(Texts),
  ...place,
})
export type StartComponent = v.InferOutput<typeof StartComponent>

export const StartProvider = v.object({
  id: ComponentId,
  imageRef: v.pipe(v.string(), v.nonEmpty()),
  annotations: Texts,
  config: v.array(Name),
  ...place,
})
export type StartProvider = v.InferOutput<typeof StartProvider>

/** Where a secret's value is to be asked for; never the value. */
export const Secret = v.object({
  backend: v.pipe(v.string(), v.nonEmpty()),
  key: v.pipe(v.string(), v.nonEmpty()),
  field: v.optional(v.string()),
  version: v.optional(v.string()),
  policyProperties: Texts,
})
export type Secret = v.InferOutput<typeof Secret>

export const RegistryLogin = v.object({
  username: v.optional(v.string()),
  password: v.optional(v.string()),
  token: v.optional(v.string()),
})
export type RegistryLogin = v.InferOutput<typeof RegistryLogin>

/** A request by hand to a component that handles HTTP. */
export const HttpRequest = v.object({
  method: v.pipe(v.string(), v.regex(/^[A-Za-z]{1,32}$/)),
  /** With its query; begins with a slash. */
  path: v.string(),
  authority: v.pipe(v.string(), v.nonEmpty()),
  headers: Texts,
  body: v.string(),
})
export type HttpRequest = v.InferOutput<typeof HttpRequest>

export const HttpAnswer = v.object({
  status: v.number(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  body: v.string(),
})
export type HttpAnswer = v.InferOutput<typeof HttpAnswer>

/** Who answered a scatter, and who of those that are known did not. */
export const RollCall = v.object({ answered: v.array(HostId), silent: v.array(HostId) })
export type RollCall = v.InferOutput<typeof RollCall>

/** What is being recorded of a lattice, whoever switched it on. */
export const CaptureState = v.object({
  sinceMs: v.number(),
  messages: v.number(),
  bytes: v.number(),
  /** How long a message is kept. */
  windowMs: v.number(),
})
export type CaptureState = v.InferOutput<typeof CaptureState>

/** What stands in a file that was written. */
export const WrittenCapture = v.object({
  file: v.string(),
  messages: v.number(),
  /** Older messages that are not in it. */
  leftOut: v.number(),
  hosts: v.number(),
  /** Hosts that answered the roll and then gave no inventory. */
  silent: v.array(HostId),
})
export type WrittenCapture = v.InferOutput<typeof WrittenCapture>

/** Links are cut one after the other; the first that fails ends it. */
export const CutLinks = v.object({ cut: v.number(), left: v.number(), failure: v.optional(Failure) })
export type CutLinks = v.InferOutput<typeof CutLinks>

const call = <const A extends readonly v.GenericSchema[], R extends v.GenericSchema>(args: A, result: R) => ({
  args: v.tuple(args),
  result,
})

export const latticeCalls = {
  'lattice.refresh': call([], RollCall), // pings, then reads everything again
  'host.inventory': call([HostId], v.unknown()), // as the host has it now
  'component.run': call([StartComponent], HostId), // resolves to where it runs
  'component.update': call([ComponentId, HostId, v.string(), Texts], Nothing), // new reference, annotations
  'component.invoke': call([ComponentId, v.string()], v.string()), // `ns:pkg/iface.func` without arguments, giving a text
  'component.request': call([ComponentId, HttpRequest], HttpAnswer), // over the bus, as a provider of HTTP would
  'link.delete-all': call([v.nullable(v.string())], CutLinks), // of this source; null: of the whole lattice
  'capture.state': call([], v.nullable(CaptureState)), // null: nothing is recorded
  'capture.begin': call([], Nothing),
  'capture.end': call([], Nothing), // what was recorded is gone
  'capture.save': call([], v.nullable(WrittenCapture)), // asks where; null: given up
  'provider.start': call([StartProvider], HostId),
  'provider.stop': call([v.string(), HostId], Nothing),
  'config.list': call([], v.array(v.string())), // `SECRET_…` are among them
  'config.read': call([Name], v.nullable(Texts)), // null: there is none
  'config.put': call([Name, Texts], Nothing),
  'config.delete': call([Name], Nothing),
  'secret.put': call([Name, Secret], Nothing), // the name without `SECRET_`
  'claims.list': call([], v.array(Texts)),
  'registry.put': call([v.pipe(v.string(), v.nonEmpty()), RegistryLogin], v.number()), // how many hosts took it
  'traffic.read': call([ComponentId, v.number()], SpiedMessages), // listens from the first read on
  'application.list': call([], v.array(Application)),
  'application.detail': call([Name], ApplicationDetail),
  'application.manifest': call([Name, v.string()], v.string()), // of one version
  'application.put': call([v.string()], PutApplication),
  'application.deploy': call([Name, v.nullable(v.string())], Nothing), // accepted only
  'application.undeploy': call([Name], Nothing), // accepted only
  'application.delete': call([Name, v.nullable(v.string())], v.boolean()), // null: all versions; false: there was nothing
  'manifest.write': call([ManifestRequest], WrittenManifest),
  'text.save': call([v.string(), v.string()], v.nullable(v.string())), // asks where; null: given up
} as const
