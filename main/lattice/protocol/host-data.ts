// What a provider process is told at its start, on its standard input (lattice.md 6.1): one line of base64 over JSON. Every
// field is there, also those without a use here, since providers of some versions require them. Pure.

import { type ProviderLink, providerLinkCodec } from './provider-link.js'
import { type SecretValues, secretsToWire } from './secret.js'
import { encodeJson } from './tlos.js'

export interface HostData {
  readonly hostId: string
  readonly lattice: string
  readonly providerId: string
  /** Of this run of the process, a UUID. */
  readonly instanceId: string
  readonly rpcUrl: string
  readonly rpcJwt: string
  readonly rpcSeed: string
  /** Public curve key, `X…`. */
  readonly hostXkey: string
  /** Curve seed, `SX…`, which is the provider's own. Secret. */
  readonly providerXkeySeed: string
  readonly links: readonly ProviderLink[]
  readonly config: Readonly<Record<string, string>>
  readonly secrets: SecretValues
  readonly rpcTimeoutMs: number
  readonly logLevel?: string | undefined
}

/** The JSON; base64 and the line's end are for whoever writes it. */
export function encodeHostData(data: HostData): Uint8Array {
  return encodeJson({
    host_id: data.hostId,
    lattice_rpc_prefix: data.lattice,
    link_name: 'default',
    lattice_rpc_user_jwt: data.rpcJwt,
    lattice_rpc_user_seed: data.rpcSeed,
    lattice_rpc_url: data.rpcUrl,
    provider_key: data.providerId,
    env_values: {},
    instance_id: data.instanceId,
    link_definitions: data.links.map((link) => providerLinkCodec.toWire(link)),
    cluster_issuers: [],
    config: data.config,
    secrets: secretsToWire(data.secrets),
    host_xkey_public_key: data.hostXkey,
    provider_xkey_private_key: data.providerXkeySeed,
    default_rpc_timeout_ms: data.rpcTimeoutMs,
    structured_logging: false,
    ...(data.logLevel === undefined ? {} : { log_level: data.logLevel }),
    otel_config: { enable_observability: false, protocol: 'Http', additional_ca_paths: [], trace_level: 'info' },
  })
}
