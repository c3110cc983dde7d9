// Answers every operation of the control interface v1 (lattice.md 1.3): decodes, does or hands on, and gives the reply
// as bytes; undefined where a host stays silent. Knows nothing of subscriptions and identity.

import type { Link } from '../../preload/records.js'
import { formatChain, TlosError } from '../failure.js'
import { answerLinkCommand } from './host-links.js'
import type { Outcome, Scaling } from './host-scale.js'
import type { HostActors } from './host-types.js'
import type { LatticeData } from './lattice-data.js'
import { type Claims, configCodec } from './protocol/buckets.js'
import { isSecretName } from './protocol/secret.js'
import * as control from './protocol/control.js'
import type { EventBody } from './protocol/events.js'
import { type Inventory, inventoryCodec, type PingReply, pingReplyCodec } from './protocol/inventory.js'
import type { ProviderClaims } from './protocol/provider-claims.js'
import { isBuiltinProvider, withoutScheme } from './protocol/provider-ref.js'
import type { ControlAddress } from './protocol/subjects.js'

/** How long an accepted stop may take when the request does not say, ms. */
const defaultStopMs = 10_000

export interface CommandParts {
  readonly hostId: string
  readonly actors: HostActors
  readonly data: LatticeData
  readonly scaling: Scaling
  readonly labels: Map<string, string>
  readonly registries: Map<string, control.RegistryCredentials>
  readonly ping: () => PingReply
  readonly inventory: () => Inventory
  readonly emit: (body: EventBody) => void
  readonly stop: (limitMs: number) => void
  readonly noteProviderClaims: (claims: ProviderClaims) => Promise<void>
  /** Tells running providers of the lattice about a link. */
  readonly tellProviders: (link: Link, isDeleted: boolean) => Promise<void>
}

type Reply = Uint8Array | undefined

/** Never rejects: what goes wrong is a failure reply, with the outermost words only, as v1 hosts do; events tell the rest. */
export async function answerCommand(parts: CommandParts, address: ControlAddress, data: Uint8Array): Promise<Reply> {
  try {
    return await answer(parts, address, data)
  } catch (error) {
    return control.encodeFailure(error instanceof Error ? error.message : formatChain(error))
  }
}

async function answer(parts: CommandParts, address: ControlAddress, data: Uint8Array): Promise<Reply> {
  switch (address.kind) {
    case 'ping':
      return control.encodeResponse(pingReplyCodec.toWire(parts.ping()))
    case 'host':
      return address.command === 'get'
        ? control.encodeResponse(inventoryCodec.toWire(parts.inventory()))
        : stopHost(parts, data)
    case 'label':
      return address.command === 'put' ? putLabel(parts, data) : deleteLabel(parts, data)
    case 'component-auction':
      return bidForComponent(parts, data)
    case 'provider-auction':
      return bidForProvider(parts, data)
    case 'component':
      return address.command === 'scale' ? scale(parts, data) : update(parts, data)
    case 'provider':
      return address.command === 'start' ? startProvider(parts, data) : await stopProvider(parts, data)
    case 'link':
      return await answerLinkCommand(parts, address.command, data)
    case 'config':
      return await answerConfig(parts, address.command, address.name, data)
    case 'claims':
      return control.encodeResponse(parts.data.claims().map(claimsToWire))
    case 'registries':
      return putRegistries(parts, data)
  }
}

function stopHost(parts: CommandParts, data: Uint8Array): Reply {
  const request =
    data.length === 0
      ? ({ ok: true, value: { hostId: undefined, timeoutMs: undefined } } as const)
      : control.stopHostCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize stop command')
  const { hostId, timeoutMs } = request.value
  if (hostId !== undefined && hostId !== '' && hostId !== parts.hostId) {
    return control.encodeFailure(`invalid host_id [${hostId}]`)
  }
  parts.stop(timeoutMs ?? defaultStopMs)
  return control.encodeSuccess('successfully handled stop host')
}

function putLabel(parts: CommandParts, data: Uint8Array): Reply {
  const request = control.putLabelCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize put label request')
  if (request.value.key.toLowerCase().startsWith('hostcore.')) {
    return control.encodeFailure('hostcore.* labels cannot be set dynamically')
  }
  parts.labels.set(request.value.key, request.value.value)
  emitLabels(parts)
  return control.encodeSuccess('successfully put label')
}

function deleteLabel(parts: CommandParts, data: Uint8Array): Reply {
  const request = control.deleteLabelCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize delete label request')
  if (!parts.labels.delete(request.value.key)) {
    return control.encodeSuccess('successfully deleted label (no such label)')
  }
  emitLabels(parts)
  return control.encodeSuccess('successfully deleted label')
}

function emitLabels(parts: CommandParts): void {
  parts.emit({ kind: 'labels_changed', hostId: parts.hostId, labels: Object.fromEntries(parts.labels) })
}

function hasLabels(parts: CommandParts, constraints: Readonly<Record<string, string>>): boolean {
  return Object.entries(constraints).every(([key, value]) => parts.labels.get(key) === value)
}

/** Silent unless this host would take it. */
function bidForComponent(parts: CommandParts, data: Uint8Array): Reply {
  const request = control.componentAuctionCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize component auction command')
  const { componentId, componentRef, constraints } = request.value
  if (!hasLabels(parts, constraints) || parts.actors.get(componentId) !== undefined) return undefined
  if (!parts.actors.canRun(componentId, componentRef)) return undefined
  const ack = { componentRef, componentId, hostId: parts.hostId, constraints }
  return control.encodeResponse(control.componentAuctionAckCodec.toWire(ack))
}

function bidForProvider(parts: CommandParts, data: Uint8Array): Reply {
  const request = control.providerAuctionCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize provider auction command')
  const { providerId, providerRef, constraints } = request.value
  if (!hasLabels(parts, constraints) || isProviderRunning(parts, providerId)) return undefined
  if (parts.actors.canStartProvider?.(providerRef, providerId) !== true) return undefined
  const ack = { hostId: parts.hostId, providerRef, providerId, constraints }
  return control.encodeResponse(control.providerAuctionAckCodec.toWire(ack))
}

function scale(parts: CommandParts, data: Uint8Array): Reply {
  const request = control.scaleCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize component scale command')
  return ofOutcome(parts.scaling.scale(request.value))
}

function update(parts: CommandParts, data: Uint8Array): Reply {
  const request = control.updateCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize component update command')
  return ofOutcome(parts.scaling.update(request.value))
}

function ofOutcome(outcome: Outcome): Uint8Array {
  return outcome.isSuccess ? control.encodeSuccess(outcome.message) : control.encodeFailure(outcome.message)
}

function isProviderRunning(parts: CommandParts, providerId: string): boolean {
  return parts.actors.providers().some((provider) => provider.id === providerId)
}

function startProvider(parts: CommandParts, data: Uint8Array): Reply {
  const request = control.startProviderCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize provider start command')
  const { providerId, providerRef, config, annotations } = request.value
  if (isProviderRunning(parts, providerId)) {
    return control.encodeFailure('provider with that ID is already running')
  }
  const canStart = parts.actors.canStartProvider?.(providerRef, providerId) === true
  const { hostId } = parts
  if (isBuiltinProvider(providerRef) && !canStart) {
    // Silence on the bus, as of a v1 host with it switched off; the try is what asks the person, where there is one.
    parts.actors.startProvider(providerRef, providerId, config, annotations).catch(() => undefined)
    return undefined
  }
  let claims: ProviderClaims | undefined
  const onClaims = async (found: ProviderClaims): Promise<void> => {
    claims = found
    await parts.noteProviderClaims(found)
  }
  parts.actors.startProvider(providerRef, providerId, config, annotations, onClaims).then(
    () => {
      const imageRef = withoutScheme(providerRef)
      const signed = claims === undefined ? {} : { claims }
      parts.emit({ kind: 'provider_started', hostId, providerId, imageRef, annotations, ...signed })
    },
    (error: unknown) => {
      parts.emit({ kind: 'provider_start_failed', hostId, providerId, providerRef, error: formatChain(error) })
    },
  )
  return control.encodeSuccess('successfully started provider')
}

async function stopProvider(parts: CommandParts, data: Uint8Array): Promise<Reply> {
  const request = control.stopProviderCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize provider stop command')
  const { providerId } = request.value
  const running = parts.actors.providers().find((provider) => provider.id === providerId)
  if (running === undefined) return control.encodeFailure('provider with that ID is not running')
  await parts.actors.stopProvider(providerId)
  const annotations = { ...running.annotations }
  parts.emit({ kind: 'provider_stopped', hostId: parts.hostId, providerId, annotations, reason: 'stop' })
  return control.encodeSuccess('successfully stopped provider')
}

async function answerConfig(
  parts: CommandParts,
  command: 'get' | 'put' | 'del',
  name: string,
  data: Uint8Array,
): Promise<Reply> {
  switch (command) {
    case 'get': {
      const values = await parts.data.getConfig(name)
      return values === undefined ? control.encodeSuccess('Configuration not found') : control.encodeResponse(values)
    }
    case 'put': {
      const values = configCodec.decode(data)
      if (!values.ok) return control.encodeFailure('config data should be a map of string -> string')
      await parts.data.putConfig(name, values.value, data)
      parts.emit({ kind: 'config_set', configName: name })
      return control.encodeSuccess('successfully put config')
    }
    case 'del':
      await parts.data.deleteConfig(name)
      parts.emit({ kind: 'config_deleted', configName: name })
      return control.encodeSuccess('successfully deleted config')
  }
}

function claimsToWire(claims: Claims): Record<string, string> {
  const both = {
    iss: claims.issuer,
    issuer: claims.issuer,
    name: claims.name,
    rev: claims.revision,
    revision: claims.revision,
    sub: claims.subject,
    subject: claims.subject,
    version: claims.version,
  }
  return claims.kind === 'component'
    ? { ...both, call_alias: claims.callAlias, tags: claims.tags.join(',') }
    : { ...both, config_schema: claims.configSchema ?? '' }
}

function putRegistries(parts: CommandParts, data: Uint8Array): Reply {
  const request = control.registriesCodec.decode(data)
  if (!request.ok) return control.encodeFailure('failed to deserialize registries put command')
  for (const [registry, credentials] of Object.entries(request.value)) parts.registries.set(registry, credentials)
  return control.encodeSuccess('successfully put registries')
}

/** Fails when one of the configurations does not exist; from then on their values are known. */
export async function requireConfig(data: LatticeData, names: readonly string[]): Promise<void> {
  for (const name of names) {
    // What these name is fetched for whoever uses it (`secrets.ts`).
    if (isSecretName(name)) continue
    if ((await data.getConfig(name)) === undefined) {
      throw new TlosError('not-found', `Config ${name} does not exist`, { about: name })
    }
  }
}
