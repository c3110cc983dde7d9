// Which providers this node may start: a provider is native code with the rights of the person who runs the node, or a
// port that is opened in that person's name, so it runs only when it was named at this machine. Pure.

export interface ProviderPermission {
  /** A reference as in `provider.start`, or its beginning. */
  readonly ref: string
  /** Every reference that begins so. */
  readonly isPrefix: boolean
  /** A builtin HTTP server may listen on other addresses than loopback. */
  readonly isPublic: boolean
  /** sha256 of the only program that it is for, hex; absent: whatever the reference leads to. */
  readonly digest?: string | undefined
}

export const providerUsage = `  --allow-provider REF[*][,public]
                         run this provider when the lattice asks for it: native code with your rights,
                         or wasmcloud+builtin://http-server, wasmcloud+builtin://messaging-nats;
                         REF* is everything that begins so; public lets the HTTP server listen on
                         other addresses than 127.0.0.1; may be repeated`

const form = /^(?:oci|https?|file|wasmcloud\+builtin):\/\/\S+$|^[a-z0-9][\w.-]*(?::\d{1,5})?\/\S+$/i

export type ReadPermissions =
  { readonly ok: true; readonly value: readonly ProviderPermission[] } | { readonly ok: false; readonly why: string }

export function parseProviderPermissions(texts: readonly string[]): ReadPermissions {
  const value: ProviderPermission[] = []
  for (const text of texts) {
    const isPublic = text.endsWith(',public')
    const given = isPublic ? text.slice(0, -',public'.length) : text
    const isPrefix = given.endsWith('*')
    const ref = isPrefix ? given.slice(0, -1) : given
    if (ref === '' || ref.includes('*') || !form.test(isPrefix ? `${ref}x` : ref)) {
      return {
        ok: false,
        why: `--allow-provider ${text}: it is a reference like file:///opt/kv.par.gz, ghcr.io/owner/name:1.0 or ghcr.io/owner/*`,
      }
    }
    value.push({ ref, isPrefix, isPublic })
  }
  return { ok: true, value }
}

/** `..` in any spelling of a URL; a backslash is a slash there. */
const leadsOut = /\.\.|%2e|\\|%5c|%2f/i

/** What permits this reference; undefined: nothing does. */
export function findPermission(
  permissions: readonly ProviderPermission[],
  providerRef: string,
): ProviderPermission | undefined {
  const fitting = permissions.filter(({ ref, isPrefix }) =>
    // It would lead out of the folder that was named.
    isPrefix ? providerRef.startsWith(ref) && !leadsOut.test(providerRef) : bare(ref) === bare(providerRef),
  )
  return fitting.find(({ isPublic }) => isPublic) ?? fitting[0]
}

/** `oci://` is the same as nothing (lattice.md 2.7). */
const bare = (ref: string): string => ref.replace(/^oci:\/\//, '')
