// Options of both programs about where images come from, under the names of wasmCloud's host (lattice.md 2.4), on the command
// line and in the environment; a password belongs into the environment, where other users do not see it. Proxies are said in
// the variables that all programs read.

import path from 'node:path'
import { noProxy, type ProxySettings, readProxySettings } from './lattice/oci/proxy.js'
import { noRegistrySettings, type RegistrySettings } from './lattice/oci/registries.js'

export interface ImageOptions {
  /** May `file://` references be read? Anybody on the lattice can name one. */
  readonly allowFiles: boolean
  readonly registries: RegistrySettings
  /** PEM of who may have signed registries' certificates, besides those that everybody trusts. */
  readonly caFile: string | undefined
  readonly proxy: ProxySettings
}

export const noImageOptions: ImageOptions = {
  allowFiles: false,
  registries: noRegistrySettings,
  caFile: undefined,
  proxy: noProxy,
}

export const imageTable = {
  'allow-file-load': { type: 'boolean' },
  'allow-latest': { type: 'boolean' },
  'allowed-insecure': { type: 'string', multiple: true },
  'oci-registry': { type: 'string' },
  'oci-user': { type: 'string' },
  'oci-password': { type: 'string' },
  'oci-ca-file': { type: 'string' },
} as const

export const imageUsage = `  --allow-file-load      start components by file:// references, which anybody on the lattice may name
  --allow-latest         pull images tagged latest
  --allowed-insecure REGISTRY
                         ask this registry (host:port) over plain HTTP; may be repeated
  --oci-registry REGISTRY, --oci-user NAME
                         who to be at this registry; the password is in OCI_REGISTRY_PASSWORD
  --oci-ca-file FILE     PEM of who may have signed registries' certificates, besides whom everybody trusts
                         Registries are reached through HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, except NO_PROXY`

export interface ImageLine {
  readonly flags: ReadonlySet<string>
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths are meant from here. */
  readonly cwd: string
}

export type ReadImageOptions =
  { readonly ok: true; readonly value: ImageOptions } | { readonly ok: false; readonly why: string }

const registryName = /^(?:\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i

export function readImageOptions({ flags, texts, env, cwd }: ImageLine): ReadImageOptions {
  const fromEnv = (variable: string): string | undefined => env[`WASMCLOUD_${variable}`] || env[variable] || undefined
  const text = (name: string, variable: string): string | undefined => texts.get(name)?.[0] ?? fromEnv(variable)
  const flag = (name: string, variable: string): boolean =>
    flags.has(name) || ['1', 'true', 'yes', 'on'].includes((fromEnv(variable) ?? '').toLowerCase())

  const listed =
    fromEnv('OCI_ALLOWED_INSECURE')
      ?.split(',')
      .map((name) => name.trim()) ?? []
  const insecure = texts.get('allowed-insecure') ?? listed.filter((name) => name !== '')
  const caFile = text('oci-ca-file', 'OCI_CA_FILE')
  const registry = text('oci-registry', 'OCI_REGISTRY')
  const username = text('oci-user', 'OCI_REGISTRY_USER')
  const password = text('oci-password', 'OCI_REGISTRY_PASSWORD')
  for (const name of [...insecure, ...(registry === undefined ? [] : [registry])]) {
    if (!registryName.test(name)) return { ok: false, why: `"${name}" is no registry: it is host or host:port` }
  }
  if ((username === undefined) !== (password === undefined)) {
    return { ok: false, why: '--oci-user and its password (OCI_REGISTRY_PASSWORD) go together' }
  }
  if (username !== undefined && registry === undefined) {
    return { ok: false, why: '--oci-user needs --oci-registry: credentials are for one registry' }
  }
  const login =
    registry === undefined || username === undefined || password === undefined
      ? {}
      : { [registry.toLowerCase()]: { username, password } }
  return {
    ok: true,
    value: {
      allowFiles: flag('allow-file-load', 'ALLOW_FILE_LOAD'),
      registries: { allowLatest: flag('allow-latest', 'OCI_ALLOW_LATEST'), insecure, credentials: login },
      caFile: caFile === undefined ? undefined : path.resolve(cwd, caFile),
      proxy: readProxySettings(env),
    },
  }
}
