// Image references as people write them (`ghcr.io/owner/name:1.0`, `oci://…@sha256:…`), taken apart. The grammar is that of
// the distribution project (github.com/distribution/reference); schemes are removed as wasmCloud hosts do. Pure.

/** Where one image is: what to ask which registry for. */
export interface OciReference {
  /** Host with port as written; `docker.io` when none was. */
  readonly registry: string
  readonly repository: string
  /** What the reference says; `latest` when it has neither tag nor digest. */
  readonly tag: string | undefined
  /** `sha256:` and 64 hex digits: exactly these bytes of a manifest. It counts before the tag. */
  readonly digest: string | undefined
}

const scheme = /^(?:oci|https?):\/\//
const host =
  /^(?:localhost|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/i
const repositoryName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const tagName = /^\w[\w.-]{0,127}$/
const digestText = /^sha256:[0-9a-f]{64}$/
/** Longest name of a repository that registries take. */
const maxRepository = 255
const maxReference = 1_024

/** Is the first part of a name a machine rather than an owner on Docker Hub? */
function isHost(text: string): boolean {
  return (text.includes('.') || text.includes(':') || text === 'localhost') && host.test(text)
}

/** Undefined when the text is no reference of an image. */
export function parseOciReference(text: string): OciReference | undefined {
  if (text.length > maxReference) return undefined
  const rest = text.replace(scheme, '')
  if (rest.includes('://')) return undefined
  const [beforeDigest = '', digest, ...more] = rest.split('@')
  if (more.length > 0 || (digest !== undefined && !digestText.test(digest))) return undefined
  const slash = beforeDigest.indexOf('/')
  const first = slash === -1 ? '' : beforeDigest.slice(0, slash)
  const registry = isHost(first) ? first.toLowerCase() : 'docker.io'
  const named = isHost(first) ? beforeDigest.slice(slash + 1) : beforeDigest
  const colon = named.lastIndexOf(':')
  const name = colon === -1 ? named : named.slice(0, colon)
  const tag = colon === -1 ? undefined : named.slice(colon + 1)
  if (tag !== undefined && !tagName.test(tag)) return undefined
  const repository = registry === 'docker.io' && !name.includes('/') ? `library/${name}` : name
  if (repository.length > maxRepository || !repositoryName.test(repository)) return undefined
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest }
}

/** One spelling for all ways to write the same reference. */
export function formatOciReference({ registry, repository, tag, digest }: OciReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}
