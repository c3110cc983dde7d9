// wadm's side of the conversation with a host, played from lattice.md 8: what it reads of events and how strictly, which
// commands it sends with which annotations, and when it takes a command for done. No code of ours, and none of wadm's.

import { createHash } from 'node:crypto'
import { type Heard, type Peer, until } from './peer.js'

export interface Spread {
  readonly app: string
  readonly component: string
  readonly name: string
  readonly requirements: Readonly<Record<string, string>>
}

/** What wadm knows of a host: from `host_started`, heartbeats and component events alone. It asks no host for anything. */
export interface KnownHost {
  labels: Readonly<Record<string, string>>
  components: Map<string, { count: number; ref: string; annotations: string }>
  providers: Map<string, string>
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
const isMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)
const isSemver = (value: unknown): boolean =>
  isText(value) && /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(value)
const isList = (value: unknown): boolean => Array.isArray(value)

type Checks = Readonly<Record<string, (value: unknown) => boolean>>
const scaled: Checks = { annotations: isMap, image_ref: isText, max_instances: isCount, component_id: isText }

/** Fields without which wadm drops an event; kinds that are not here it does not read. */
const required: Readonly<Record<string, Checks>> = {
  host_started: { labels: isMap, friendly_name: isText },
  host_stopped: { labels: isMap },
  host_heartbeat: {
    components: isList,
    providers: isList,
    friendly_name: isText,
    labels: isMap,
    version: isSemver,
    uptime_human: isText,
    uptime_seconds: isCount,
  },
  component_scaled: scaled,
  component_scale_failed: { ...scaled, error: isText },
  provider_started: { annotations: isMap, image_ref: isText, provider_id: isText },
  provider_start_failed: { error: isText, provider_id: isText, provider_ref: isText },
  provider_stopped: { annotations: isMap, provider_id: isText, reason: isText },
  health_check_passed: { provider_id: isText, host_id: isText },
  health_check_failed: { provider_id: isText, host_id: isText },
  health_check_status: { provider_id: isText, host_id: isText },
  linkdef_set: {
    source_id: isText,
    target: isText,
    name: isText,
    wit_namespace: isText,
    wit_package: isText,
    interfaces: isList,
  },
  linkdef_deleted: { source_id: isText, name: isText, wit_namespace: isText, wit_package: isText },
  config_set: { config_name: isText },
  config_deleted: { config_name: isText },
}

/** What wadm could not read of these events. */
export function unreadable(events: readonly Heard[]): string[] {
  return events.flatMap((event) =>
    Object.entries(required[event.kind] ?? {})
      .filter(([field, fits]) => !fits(event.data[field]))
      .map(([field]) => `${event.kind}.${field}: ${JSON.stringify(event.data[field])}`),
  )
}

/** The state that wadm builds from events; `source` of an event is the host, whatever the data says. */
export function stateFrom(events: readonly Heard[]): Map<string, KnownHost> {
  const hosts = new Map<string, KnownHost>()
  const of = (id: string): KnownHost => {
    const known = hosts.get(id) ?? { labels: {}, components: new Map(), providers: new Map() }
    hosts.set(id, known)
    return known
  }
  for (const { kind, source, data } of events) {
    if (kind === 'host_stopped') hosts.delete(source)
    if (kind === 'host_started' || kind === 'host_heartbeat')
      of(source).labels = data['labels'] as Record<string, string>
    if (kind === 'host_heartbeat') {
      const host = of(source)
      // What a heartbeat does not list is gone.
      host.components = new Map(
        (data['components'] as Record<string, unknown>[]).map((each) => [
          String(each['id']),
          {
            count: Number(each['max_instances']),
            ref: String(each['image_ref']),
            annotations: sorted(each['annotations'] as Record<string, string>),
          },
        ]),
      )
      host.providers = new Map(
        (data['providers'] as Record<string, unknown>[]).map((each) => [String(each['id']), String(each['image_ref'])]),
      )
    }
    if (kind === 'component_scaled') {
      const { components } = of(source)
      const count = Number(data['max_instances'])
      if (count === 0) components.delete(String(data['component_id']))
      else {
        const annotations = sorted(data['annotations'] as Record<string, string>)
        components.set(String(data['component_id']), { count, ref: String(data['image_ref']), annotations })
      }
    }
  }
  return hosts
}

export const sorted = (map: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))

/** `{app}-{component}`, each half in the letters that wadm allows. */
export const wadmId = (app: string, name: string): string => {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '_')
  return `${plain(app)}-${plain(name)}`
}

/** The four annotations of a command, by which its event is known again. */
export function annotationsOf(spread: Spread): Record<string, string> {
  const identity = JSON.stringify([spread.app, spread.component, spread.name, spread.requirements])
  return {
    'wasmcloud.dev/managed-by': 'wadm',
    'wasmcloud.dev/appspec': spread.app,
    'wasmcloud.dev/scaler': createHash('sha256').update(identity).digest('hex'),
    'wasmcloud.dev/spread_name': spread.name,
  }
}

/** Hosts whose labels hold all of the requirements, as wadm knows them. */
export function eligible(peer: Peer, requirements: Readonly<Record<string, string>>): string[] {
  return [...stateFrom(peer.everything)]
    .filter(([, host]) => Object.entries(requirements).every(([key, value]) => host.labels[key] === value))
    .map(([id]) => id)
    .sort()
}

/** Sends a scale command and waits for what counts as its success: the same annotations, reference, id and host. */
export async function scale(
  peer: Peer,
  hostId: string,
  command: { ref: string; id: string; count: number; annotations: Readonly<Record<string, string>>; config?: string[] },
): Promise<Heard> {
  const from = peer.everything.length
  const reply = await peer.ask(`component.scale.${hostId}`, {
    component_ref: command.ref,
    component_id: command.id,
    annotations: command.annotations,
    count: command.count,
    host_id: hostId,
    config: command.config ?? [],
    allow_update: false,
  })
  if (!reply.success) throw new Error(`wadm would send it again: ${reply.message}`)
  const isEcho = (event: Heard): boolean =>
    event.kind === 'component_scaled' &&
    event.source === hostId &&
    event.data['component_id'] === command.id &&
    event.data['image_ref'] === command.ref &&
    sorted(event.data['annotations'] as Record<string, string>) === sorted(command.annotations)
  return await echoAfter(peer, from, isEcho, `the echo of ${command.id} on ${hostId}`)
}

/** Sends a command that any host serves and waits for its event. */
export async function tell(peer: Peer, tail: string, body: unknown, kind: string, field: string): Promise<Heard> {
  const from = peer.everything.length
  const reply = await peer.ask(tail, body)
  if (!reply.success) throw new Error(`wadm would send it again: ${reply.message}`)
  const wanted = kind.startsWith('config') ? 'config_name' : 'source_id'
  return await echoAfter(peer, from, (event) => event.kind === kind && event.data[wanted] === field, `${kind} ${field}`)
}

export async function echoAfter(
  peer: Peer,
  from: number,
  isEcho: (event: Heard) => boolean,
  what: string,
): Promise<Heard> {
  const find = (): Heard | undefined => peer.everything.slice(from).find(isEcho)
  await until(
    () => find() !== undefined,
    () => what,
  )
  const found = find()
  if (found === undefined) throw new Error(what)
  return found
}
