// Starts one provider by its reference: a process from an archive, or one of the two that live in this process. Joins the parts
// of this folder; everything of the node it needs is given.

import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { formatChain, TlosError } from '../failure.js'
import { checkProviderClaims } from '../lattice/provider-claims.js'
import type { ProviderClaims } from '../lattice/protocol/provider-claims.js'
import { isBuiltinProvider } from '../lattice/protocol/provider-ref.js'
import type { Rpc } from '../lattice/rpc-types.js'
import type { CallHttp } from '../actors/http-calls.js'
import { serveProviders } from '../actors/serve-providers.js'
import { openMessaging } from '../providers/messaging.js'
import type { CallComponent, ProviderLink as SourceLink } from '../providers/types.js'
import { openArchiveFile, targetOf, type UnpackedProvider, unpackProvider } from './archive.js'
import { openBuiltinHttp } from './builtin-http.js'
import { startExternal } from './external.js'
import { readHttpServerSettings } from './http-settings.js'
import { endLeftovers } from './leftovers.js'
import { builtinReader, type ProviderContext } from './parts.js'
import type { ProviderPermission } from './permissions.js'
import { notPermitted, openStartedProviders, type Running, type StartRequest } from './started-providers.js'
import type { Looked, ProviderAsking, StartedProviders } from './types.js'

export interface ProviderHostParts extends Omit<ProviderContext, 'links'> {
  /** Rejects when the lattice's policy forbids it. */
  readonly permit: (request: StartRequest, claims: ProviderClaims | undefined) => Promise<void>
  readonly permissions: readonly ProviderPermission[]
  /** A person who can be asked; absent: what is not in `permissions` is refused. */
  readonly asking?: ProviderAsking | undefined
  /** Ids of the providers that are part of this node. */
  readonly taken: ReadonlySet<string>
  /** Where executables lie while they run; made when missing, and of this node alone. */
  readonly folder: string
  /** Archives by other references than `file://`. */
  readonly fetch: (ref: string) => Promise<Uint8Array>
  readonly rpcBus: Rpc
  readonly callHttp: CallHttp
  /** Calls a component as this provider. */
  readonly callAs: (providerId: string) => CallComponent
}

export function openProviderHost(parts: ProviderHostParts): StartedProviders {
  let prepared: Promise<void> | undefined

  async function prepareFolder(): Promise<void> {
    await mkdir(parts.folder, { recursive: true, mode: 0o700 })
    const ended = await endLeftovers(parts.folder)
    if (ended > 0) parts.log('warn', `${ended} providers that this node had left behind were ended`)
  }
  // Also when nothing is started any more: what was left behind answers on the lattice.
  if (parts.permissions.length > 0 || parts.asking !== undefined) {
    prepared = prepareFolder()
    prepared.catch((error: unknown) => parts.log('error', `${parts.folder} cannot be used: ${formatChain(error)}`))
  }

  async function unpack(ref: string): Promise<UnpackedProvider> {
    await (prepared ??= prepareFolder())
    const archive = ref.startsWith('file:')
      ? await openArchiveFile(ref)
      : Readable.from([Buffer.from(await parts.fetch(ref))])
    return await unpackProvider(archive, {
      ref,
      under: path.resolve(parts.folder),
      target: targetHere(),
    })
  }

  /** Nothing of it is run. */
  async function look(ref: string): Promise<Looked> {
    const unpacked = await unpack(ref)
    await unpacked.remove()
    return { digest: unpacked.digest, name: nameOf(unpacked.claims) }
  }

  async function beginProcess(request: StartRequest): Promise<Running> {
    const { providerRef: ref, providerId, config, annotations, permission } = request
    // Before anything is fetched: it fails with the words of a v1 host when one does not exist.
    await parts.values(config)
    const unpacked = await unpack(ref)
    try {
      if (permission.digest !== undefined && permission.digest !== unpacked.digest) {
        throw notPermitted({ asking: parts.asking, look }, { ref, providerId, config, annotations })
      }
      const claims = checkClaims(unpacked)
      if (claims !== undefined) await request.onClaims?.(claims)
      await parts.permit(request, claims)
      const context: ProviderContext = { ...parts, links: () => request.links() }
      const started = await startExternal(context, { providerId, config, annotations, unpacked })
      return { ...started, name: claims?.name, claims }
    } catch (error) {
      await unpacked.remove()
      throw error
    }
  }

  /** Links that begin at a builtin provider, with their values. */
  async function sourceLinks({ providerId, links }: StartRequest): Promise<readonly SourceLink[]> {
    const own = links().filter(({ sourceId }) => sourceId === providerId)
    const resolved = await Promise.all(own.map((link) => parts.resolve(link, builtinReader)))
    return resolved.flatMap((link) =>
      link === undefined
        ? []
        : [
            {
              target: link.target,
              name: link.name,
              interfaces: link.interfaces.map((name) => `${link.witNamespace}:${link.witPackage}/${name}`),
              values: link.sourceValues,
            },
          ],
    )
  }

  /** The last word counts, whichever of two looks at the configurations is through first. */
  function follow(request: StartRequest, take: (links: readonly SourceLink[]) => unknown): () => void {
    let turn: Promise<unknown> = Promise.resolve()
    return () => {
      turn = turn
        .then(async () => take(await sourceLinks(request)))
        .catch((error: unknown) =>
          parts.log('error', `the links of ${request.providerId} could not be taken: ${formatChain(error)}`),
        )
    }
  }

  async function beginHttp(request: StartRequest): Promise<Running> {
    const { providerId, permission } = request
    const settings = readHttpServerSettings(await parts.values(request.config))
    if (!settings.ok) throw new TlosError('invalid', `The configuration of ${providerId}: ${settings.why}`)
    let wasHealthy: boolean | undefined
    const server = openBuiltinHttp({
      providerId,
      settings: settings.value,
      isPublic: permission.isPublic,
      call: parts.callHttp,
      onHealth: (isHealthy) => {
        if (isHealthy !== wasHealthy) parts.onHealth(providerId, isHealthy ? 'passed' : 'failed')
        wasHealthy = isHealthy
      },
      log: parts.log,
    })
    return {
      name: 'HTTP server',
      setLinks: follow(request, (links) => server.setLinks(links)),
      // Its mode and address are those of its start, as in the v1 provider.
      configChanged: () => undefined,
      stop: () => server.close(),
      kill: () => undefined,
    }
  }

  async function beginMessaging(request: StartRequest): Promise<Running> {
    const { providerId } = request
    await parts.values(request.config)
    const provider = openMessaging({
      transport: parts.transport,
      lattice: parts.lattice,
      call: parts.callAs(providerId),
      as: { id: providerId, imageRef: 'messaging-nats', name: 'Messaging' },
      log: (text) => parts.log('warn', `provider ${providerId}: ${text}`),
    })
    const offBus = serveProviders(parts.rpcBus, parts.lattice, [provider])
    return {
      name: provider.name,
      inProcess: provider,
      setLinks: follow(request, (links) => provider.setLinks?.(links.filter(isOfThisServer))),
      configChanged: () => undefined,
      async stop() {
        offBus()
        provider.close?.()
      },
      kill: () => undefined,
    }
  }

  /** Other servers and other credentials than the lattice's own are not used here: such a link hears nothing, and that is said. */
  function isOfThisServer({ target, values }: SourceLink): boolean {
    const foreign = ['client_jwt', 'client_seed', 'tls_ca', 'custom_inbox_prefix', 'consumers'].find(
      (name) => (values[name] ?? '') !== '',
    )
    const other = (values['cluster_uris'] ?? '').split(',').find((uri) => uri.trim() !== '' && !isSameServer(uri))
    if (foreign === undefined && other === undefined) return true
    // Not the URI itself: it may carry a password.
    const what = foreign ?? 'servers but the one of the lattice (cluster_uris)'
    parts.log('error', `the builtin messaging knows no ${what}: the link to ${target} hears nothing`)
    return false
  }

  const ofLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1\]|::1)$/i

  /** The v1 default is this machine's server: where the lattice's own is one, that is the one meant. */
  function isSameServer(uri: string): boolean {
    const [given, own] = [uri.trim(), parts.transport.info.url].map((text) => {
      try {
        return new URL(text.includes('://') ? text : `nats://${text}`)
      } catch {
        // No server at all, then.
        return undefined
      }
    })
    if (given === undefined || own === undefined) return false
    if (ofLoopback.test(given.hostname) && ofLoopback.test(own.hostname)) {
      return /^wss?:$/.test(own.protocol) || (given.port || '4222') === (own.port || '4222')
    }
    return given.hostname === own.hostname
  }

  return openStartedProviders({
    permissions: parts.permissions,
    asking: parts.asking,
    look,
    taken: parts.taken,
    log: parts.log,
    async begin(request) {
      if (!isBuiltinProvider(request.providerRef)) return await beginProcess(request)
      await parts.permit(request, undefined)
      return await (request.providerRef === 'wasmcloud+builtin://http-server'
        ? beginHttp(request)
        : beginMessaging(request))
    },
  })
}

const targetHere = (): string => targetOf(process.arch, process.platform)

/** Undefined for an archive that nobody signed. */
function checkClaims({ claims, digest, worldDigest }: UnpackedProvider): ProviderClaims | undefined {
  if (claims === undefined) return undefined
  return checkProviderClaims(claims, { target: targetHere(), executable: digest, world: worldDigest }, Date.now())
}

/** The name in the claims of a signed archive, which nobody checked: to be shown as what it says of itself. */
function nameOf(claims: string | undefined): string | undefined {
  try {
    const body = JSON.parse(Buffer.from(claims?.split('.')[1] ?? '', 'base64url').toString()) as unknown
    // Only read, and only text is taken.
    const { wascap } = body as { readonly wascap?: { readonly name?: unknown } }
    return typeof wascap?.name === 'string' && wascap.name !== '' ? wascap.name.slice(0, 100) : undefined
  } catch {
    // None that can be read.
    return undefined
  }
}
