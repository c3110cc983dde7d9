// References of providers as v1 hosts take and show them (lattice.md 2.7, 6.2). Pure.

/** Providers that live in the host's own process; a host that has one switched off does not answer a start at all. */
export const builtinProviders = ['wasmcloud+builtin://http-server', 'wasmcloud+builtin://messaging-nats'] as const

export type BuiltinProvider = (typeof builtinProviders)[number]

export const isBuiltinProvider = (ref: string): ref is BuiltinProvider =>
  (builtinProviders as readonly string[]).includes(ref)

/** Providers are shown without the scheme of their reference; wash relies on it. */
export function withoutScheme(providerRef: string): string {
  return providerRef.replace(/^(?:oci|https?|file|wasmcloud\+builtin):\/\//, '')
}
