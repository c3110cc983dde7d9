// The pull half of the OCI distribution API v1.1 for one registry: manifests and blobs, with the token and basic logins that
// registries ask for. Whatever comes is checked against its digest.

import { createHash } from 'node:crypto'
import { TlosError } from '../../failure.js'
import { type Challenge, readChallenges } from './challenge.js'
import { type Fetch, type GetLimits, type Got, httpGet } from './http-get.js'
import { type Layer, manifestTypes } from './manifest.js'
import type { RegistryPolicy } from './registries.js'

/** Manifests are small; more is an attack. The distribution API recommends 4 MiB. */
const maxManifestBytes = 4 * 1024 * 1024
const maxTokenBytes = 256 * 1024

export interface RegistryParts {
  /** As in a reference: `ghcr.io`, `localhost:5000`, `docker.io`. */
  readonly registry: string
  readonly policy: RegistryPolicy
  readonly fetch: Fetch
  readonly limits?: GetLimits | undefined
}

export interface Manifest {
  readonly bytes: Uint8Array
  /** Of these bytes, computed here. */
  readonly digest: string
}

export interface Registry {
  /** By tag or digest; bytes that are not those of the digest fail with `invalid`. */
  manifest(repository: string, tagOrDigest: string): Promise<Manifest>
  /** The bytes of a layer, digest checked. */
  blob(repository: string, layer: Layer): Promise<Uint8Array>
}

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export function createRegistry(parts: RegistryParts): Registry {
  const { registry, policy, fetch, limits } = parts
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  const base = `${policy.isInsecure ? 'http' : 'https'}://${host}/v2/`
  /** What the last login brought, by repository. One client is used for one pull, so it does not get old. */
  const logins = new Map<string, string>()

  const get = (url: URL, accept: string, authorization: string | undefined): Promise<Got> =>
    httpGet({ url, headers: { accept }, authorization, isInsecure: policy.isInsecure, fetch, limits })

  async function ask(repository: string, path: string, accept: string): Promise<Got> {
    const url = new URL(`${base}${repository}/${path}`)
    const answer = await get(url, accept, logins.get(repository))
    if (answer.status !== 401) return answer
    const challenges = readChallenges(answer.headers.get('www-authenticate') ?? '')
    answer.drop()
    const authorization = await logIn(repository, challenges)
    if (authorization === undefined) throw noAccess(repository)
    logins.set(repository, authorization)
    return await get(url, accept, authorization)
  }

  async function logIn(repository: string, challenges: readonly Challenge[]): Promise<string | undefined> {
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer !== undefined) return `Bearer ${await fetchToken(repository, bearer)}`
    const isBasic = challenges.some(({ scheme }) => scheme === 'basic')
    return isBasic ? basic(policy) : undefined
  }

  async function fetchToken(repository: string, { parameters }: Challenge): Promise<string> {
    const realm = parseUrl(parameters.get('realm'))
    if (realm === undefined) throw new TlosError('invalid', `${registry} asks for a login without saying where`)
    const service = parameters.get('service')
    if (service !== undefined) realm.searchParams.set('service', service)
    // Not the scope it names: it could ask for more than to read this repository.
    realm.searchParams.set('scope', `repository:${repository}:pull`)
    const answer = await get(realm, 'application/json', basic(policy))
    if (answer.status !== 200) {
      answer.drop()
      throw answer.status === 401 || answer.status === 403 ? noAccess(repository) : failed(answer.status, 'a login')
    }
    const token = readToken(await answer.read(maxTokenBytes))
    if (token === undefined) throw new TlosError('invalid', `${realm.host} answers a login without a token`)
    return token
  }

  function noAccess(repository: string): TlosError {
    const who = policy.login === undefined ? 'without credentials' : `as ${policy.login.username}`
    return new TlosError('refused', `${registry} does not let this node read ${repository} ${who}`, { about: registry })
  }

  function failed(status: number, what: string): TlosError {
    const code = status === 404 ? 'not-found' : 'unavailable'
    const words =
      status === 404
        ? `has no ${what}`
        : status === 429
          ? `is asked too often (${what})`
          : `answers ${status} to ${what}`
    return new TlosError(code, `${registry} ${words}`, { about: registry })
  }

  async function bytesOf(repository: string, answer: Got, what: string, maxBytes: number): Promise<Uint8Array> {
    if (answer.status === 200) return await answer.read(maxBytes)
    answer.drop()
    throw answer.status === 401 || answer.status === 403 ? noAccess(repository) : failed(answer.status, what)
  }

  return {
    async manifest(repository, tagOrDigest) {
      const answer = await ask(repository, `manifests/${tagOrDigest}`, manifestTypes.join(', '))
      const what = `${repository}${tagOrDigest.includes(':') ? '@' : ':'}${tagOrDigest}`
      const bytes = await bytesOf(repository, answer, what, maxManifestBytes)
      const digest = sha256(bytes)
      if (tagOrDigest.includes(':') && digest !== tagOrDigest) throw notTheBytes(registry, what)
      return { bytes, digest }
    },

    async blob(repository, { digest, sizeBytes }) {
      const answer = await ask(repository, `blobs/${digest}`, '*/*')
      const what = `${repository}@${digest}`
      const bytes = await bytesOf(repository, answer, what, sizeBytes)
      if (sha256(bytes) !== digest) throw notTheBytes(registry, what)
      return bytes
    },
  }
}

function notTheBytes(registry: string, what: string): TlosError {
  return new TlosError('invalid', `The bytes that ${registry} sends for ${what} are not those of the digest`, {
    about: registry,
  })
}

function basic({ login }: RegistryPolicy): string | undefined {
  if (login === undefined) return undefined
  return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
}

function parseUrl(text: string | undefined): URL | undefined {
  try {
    return text === undefined ? undefined : new URL(text)
  } catch {
    return undefined
  }
}

/** `token`, or `access_token` as OAuth 2 has it. One that could not stand in a header is none. */
function readToken(bytes: Uint8Array): string | undefined {
  try {
    const data: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof data !== 'object' || data === null) return undefined
    const { token, access_token: other } = data as { token?: unknown; access_token?: unknown }
    const found = typeof token === 'string' && token !== '' ? token : other
    return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : undefined
  } catch {
    // No JSON.
    return undefined
  }
}
