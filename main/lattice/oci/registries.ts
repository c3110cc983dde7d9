// What this node may ask of registries and with which credentials: settings of the node, and what `registry.put` brings
// over the lattice (lattice.md 1.9). In memory only. Knows nothing of HTTP.

import type { RegistryCredentials } from '../protocol/control.js'

export interface RegistrySettings {
  /** `latest` tags are refused unless this is set, as v1 hosts do: nobody knows what runs then. */
  readonly allowLatest: boolean
  /** Registries (`host` or `host:port`) that are asked over plain HTTP. */
  readonly insecure: readonly string[]
  /** Credentials of the start, by registry. */
  readonly credentials: Readonly<Record<string, { readonly username: string; readonly password: string }>>
}

export interface RegistryPolicy {
  readonly isInsecure: boolean
  readonly allowLatest: boolean
  /** A name with its password. A token alone counts as none, as in v1 hosts. */
  readonly login: { readonly username: string; readonly password: string } | undefined
}

export interface Registries {
  policyOf(registry: string): RegistryPolicy
  /** What the host keeps of `registry.put`; what is set here counts from the next pull on. */
  readonly given: Map<string, RegistryCredentials>
}

export const noRegistrySettings: RegistrySettings = { allowLatest: false, insecure: [], credentials: {} }

export function createRegistries(settings: RegistrySettings = noRegistrySettings): Registries {
  const insecure = new Set(settings.insecure.map((name) => name.toLowerCase()))
  const given = new Map<string, RegistryCredentials>()
  for (const [registry, { username, password }] of Object.entries(settings.credentials)) {
    given.set(registry, { username, password, token: undefined, registryType: 'oci' })
  }
  return {
    given,
    policyOf(registry) {
      const { username, password } = given.get(registry) ?? {}
      return {
        isInsecure: insecure.has(registry),
        allowLatest: settings.allowLatest,
        login: username === undefined || password === undefined ? undefined : { username, password },
      }
    },
  }
}
