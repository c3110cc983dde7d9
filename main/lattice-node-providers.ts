// What the providers that the lattice starts on a node get of it: its host's configurations and links, its bus, its way to
// components. Part of `lattice-node.ts`, which builds everything else.

import type { CallHttp } from './actors/http-calls.js'
import { type ComponentCallParts, createComponentCall } from './actors/provider-links.js'
import { formatChain } from './failure.js'
import type { NodeOptions } from './lattice-node.js'
import type { LatticeHost } from './lattice/host-types.js'
import type { Policy } from './lattice/policy.js'
import { withoutScheme } from './lattice/protocol/provider-ref.js'
import { isSecretName, type SecretValues } from './lattice/protocol/secret.js'
import type { Rpc } from './lattice/rpc-types.js'
import type { Secrets } from './lattice/secrets.js'
import { defaultTimes, type ProviderTimes } from './provider-host/parts.js'
import { openProviderHost } from './provider-host/starting.js'
import type { StartedProviders } from './provider-host/types.js'

export interface StartedParts {
  readonly hostId: string
  readonly rpc: Rpc
  /** Ids of the providers that are part of this node. */
  readonly taken: ReadonlySet<string>
  /** Undefined until it is open; nothing is started before. */
  readonly host: () => LatticeHost | undefined
  readonly callHttp: CallHttp
  readonly secrets: Secrets
  readonly policy: Policy | undefined
  readonly callLocal: ComponentCallParts['callLocal']
}

/** Undefined: this node starts no providers. */
export function openStarted(options: NodeOptions, parts: StartedParts): StartedProviders | undefined {
  const { transport, lattice, log, startProviders: given } = options
  if (given === undefined) return undefined
  const { hostId, rpc, host, secrets, policy } = parts

  /** Fails when one does not exist; what others wrote a moment ago is read from the bucket itself. */
  const values = async (names: readonly string[]): Promise<Readonly<Record<string, string>>> => {
    const plain = names.filter((name) => !isSecretName(name))
    await host()?.useConfig(plain)
    return host()?.configValues(plain) ?? {}
  }

  return openProviderHost({
    // Where providers are; links and health are told there (lattice.md 6.3).
    transport: options.rpcTransport ?? transport,
    lattice,
    hostId,
    permissions: given.permissions,
    asking: given.asking,
    folder: given.folder,
    times: timesOf(options),
    taken: parts.taken,
    rpc: () => given.rpc,
    rpcBus: rpc,
    fetch: (ref) => options.images.resolve(ref, { kind: 'provider' }),
    values,
    secrets,
    async permit({ providerId: id, providerRef, annotations }, claims) {
      const imageRef = withoutScheme(providerRef)
      await policy?.permit({ kind: 'startProvider', id, imageRef, annotations, claims })
    },
    async resolve(link, reader) {
      try {
        const [sourceValues, targetValues, ofSource, ofTarget] = await Promise.all([
          values(link.sourceConfig),
          values(link.targetConfig),
          secrets.fetch(link.sourceConfig, reader),
          secrets.fetch(link.targetConfig, reader),
        ])
        const sealed = (given: SecretValues): Uint8Array | undefined =>
          reader.xkey === undefined ? undefined : secrets.sealFor(reader.xkey, given)
        return { ...link, sourceValues, targetValues, sourceSecrets: sealed(ofSource), targetSecrets: sealed(ofTarget) }
      } catch (error) {
        log('error', `the link from ${link.sourceId} to ${link.target} is not told: ${formatChain(error)}`)
        return undefined
      }
    },
    onHealth: (providerId, health) => host()?.emit({ kind: `health_check_${health}`, hostId, providerId }),
    callHttp: parts.callHttp,
    callAs: (providerId) => createComponentCall({ rpc, lattice, providerId, callLocal: parts.callLocal }),
    log,
  })
}

/** As flags say, where they do. */
function timesOf({ startProviders: given, hostOptions }: NodeOptions): ProviderTimes {
  const times = given?.times ?? defaultTimes
  return {
    ...times,
    rpcTimeoutMs: hostOptions?.rpcTimeoutMs ?? times.rpcTimeoutMs,
    // From being told to being ended by force: one that said that it ends has no less time for it.
    shutdownMs: hostOptions?.providerShutdownMs ?? times.shutdownMs,
    exitMs: hostOptions?.providerShutdownMs ?? times.exitMs,
  }
}
