// The face of the folder: checks and prepares components, starts instances in a pool of processes, and ends them all. It
// runs no guest code and no transpiler in its own process. Nothing is started before the first instance is.

import { webcrypto } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TlosError } from '../failure.js'
import { decodeComponent } from './decode-component.js'
import { currentOf } from './told-config.js'
import { startInstance } from './instance.js'
import { openPoolMembers } from './pool-members.js'
import { forkPool, type SpawnPool } from './pool-process.js'
import { openPreparedCache, type Prepared, type PreparedCache } from './prepared-cache.js'
import { createSharedWork, createTurns } from './shared-work.js'
import { transpile } from './transpile.js'
import {
  defaultLimits,
  type Instance,
  type InstanceLimits,
  type PreparedComponent,
  type PrepareOptions,
  type Runtime,
  type StartOptions,
} from './types.js'
import { builtinImports } from './builtin-imports.js'
import { noGrants } from './grants.js'

export type { SpawnPool } from './pool-process.js'
export { carriedInterfaces } from './carried.js'
export { busInterface } from './link-names.js'
export { linkedName } from './wit-names.js'
export { secretsStore } from './secrets-name.js'
export { isCommandRun, runCommand } from './command.js'
export { createHandleReader, type HandleReader } from './resources/reader.js'
export { decide } from './grants.js'
export {
  askHttp,
  type CallExport,
  handleHttp,
  type HttpAnswer,
  type HttpBody,
  type HttpHeader,
  type HttpOutcome,
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  incomingHandlerOf,
} from './http-handler.js'
export {
  fromWireRequest,
  fromWireResponse,
  handleIncoming,
  incomingExport,
  incomingInstance,
  outgoingExport,
  toWireRequest,
  toWireResponse,
} from './wrpc-http.js'

export interface RuntimeOptions {
  /** Where prepared components are kept; made if it is not there. */
  readonly cacheDir: string
  /** Prepared components that came with the app; only read. */
  readonly extraCacheDirs?: readonly string[] | undefined
  /** Most that prepared components take in `cacheDir`; the least recently used go first. Default 1 GiB. */
  readonly cacheBytes?: number | undefined
  /** What was used within this time stays in the cache; for tests. */
  readonly cacheGraceMs?: number | undefined
  /** Paths of the bundles of pool.ts, worker.ts and transpile-child.ts. */
  readonly entries: { readonly pool: string; readonly worker: string; readonly transpile: string }
  /** Pool processes to spread instances over before one gets many. */
  readonly spread?: number | undefined
  /** Absent: a forked process of the same binary. */
  readonly spawnPool?: SpawnPool | undefined
}

/** Largest component, bytes. */
const maxComponentBytes = 100 * 1024 * 1024
const maxTranspilers = 2
const defaultCacheBytes = 1024 * 1024 * 1024
/** An instance with more memories than this shares the limit of so many among them. Toolchains make one to three. */
const fullMemories = 4

export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const inUse = new Map<string, number>()
  const cache = await openPreparedCache({
    folder: options.cacheDir,
    extraFolders: options.extraCacheDirs ?? [],
    mostBytes: options.cacheBytes ?? defaultCacheBytes,
    isInUse: (digest) => inUse.has(digest),
    graceMs: options.cacheGraceMs,
  })
  const preparing = createSharedWork<Prepared>('preparing the component')
  const members = openPoolMembers({
    spawn: options.spawnPool ?? forkPool,
    entry: options.entries.pool,
    workerEntry: options.entries.worker,
    spread: options.spread,
  })
  const takeTurn = createTurns(maxTranspilers)
  let lastId = 0
  let isClosed = false

  const assertOpen = (): void => {
    if (isClosed) throw new TlosError('unavailable', 'the component runtime was closed')
  }

  async function prepare(bytes: Uint8Array, request: PrepareOptions = {}): Promise<PreparedComponent> {
    const { signal, onProgress } = request
    assertOpen()
    if (bytes.length > maxComponentBytes) {
      const size = (bytes.length / 1024 / 1024).toFixed(1)
      throw new TlosError(
        'too-large',
        `This component has ${size} MiB, and ${maxComponentBytes / 1024 / 1024} are allowed`,
      )
    }
    const decoded = decodeComponent(bytes)
    if (!decoded.ok) throw new TlosError('invalid', `${capital(decoded.reason)}.`)
    const [asyncName] = decoded.value.asyncExports
    if (asyncName !== undefined) {
      throw new TlosError('invalid', `Its function ${asyncName} is asynchronous (WASI 0.3), which cannot run here yet.`)
    }
    const digest = await sha256(bytes)
    const found = await cache.find(digest)
    if (found !== undefined) return describePrepared(found)

    onProgress?.('Preparing the component')
    const prepared = await preparing.join(
      digest,
      (ended) => takeTurn(() => build(cache, options.entries.transpile, bytes, digest, ended), ended),
      signal,
    )
    return describePrepared(prepared)
  }

  /** It stays in the cache until the function is called. */
  function use(digest: string): () => void {
    inUse.set(digest, (inUse.get(digest) ?? 0) + 1)
    return () => {
      const left = (inUse.get(digest) ?? 1) - 1
      if (left === 0) inUse.delete(digest)
      else inUse.set(digest, left)
    }
  }

  async function startPrepared(digest: string, start: StartOptions): Promise<Instance> {
    const { componentId, limits, host, config, grants, image } = start
    const prepared = await cache.find(digest)
    if (prepared === undefined) {
      throw new TlosError('not-found', `${componentId} is not prepared on this machine`, { about: componentId })
    }
    assertOpen()
    const { world, glue, modules, memories, snapshot } = prepared.manifest
    lastId += 1
    const message = {
      kind: 'start' as const,
      id: lastId,
      componentId,
      digest,
      folder: prepared.folder,
      glue,
      modules,
      world,
      limits: shareMemory({ ...defaultLimits, ...withoutUndefined(limits ?? {}) }, memories),
      snapshot,
      config: currentOf(config),
      grants: grants ?? noGrants,
    }
    try {
      const instance = await members.place(digest, memories, (member) =>
        startInstance(member, message, { host, memories, config }),
      )
      // A failure ends it.
      if (image !== undefined) await instance.restore(image)
      return instance
    } catch (error) {
      // Damaged on disk: away with it, so that preparing it again helps.
      if (error instanceof TlosError && error.code === 'not-found') await cache.drop(prepared)
      throw error
    }
  }

  return {
    builtinImports,
    prepare,
    async describe(digest) {
      const found = await cache.find(digest)
      return found === undefined ? undefined : describePrepared(found)
    },
    async start(digest, start) {
      assertOpen()
      const release = use(digest)
      try {
        const instance = await startPrepared(digest, start)
        instance.onGone(release)
        return instance
      } catch (error) {
        release()
        throw error
      }
    },
    processes: () =>
      members
        .list()
        .flatMap((member) => (member.pid === undefined ? [] : [{ pid: member.pid, instances: member.instanceCount }])),
    close() {
      isClosed = true
      members.close()
      return Promise.resolve()
    },
  }
}

async function build(
  cache: PreparedCache,
  entry: string,
  bytes: Uint8Array,
  digest: string,
  signal: AbortSignal,
): Promise<Prepared> {
  const draft = await cache.draft()
  const aside = await cache.draft()
  try {
    const input = join(aside, 'component.wasm')
    await writeFile(input, bytes)
    await transpile(entry, { input, folder: draft, digest }, { signal })
    return await cache.publish(draft, digest)
  } finally {
    await cache.discard(draft)
    await cache.discard(aside)
  }
}

/** Each memory has the limit, but many of them not many times of it. */
function shareMemory(limits: InstanceLimits, memories: number): InstanceLimits {
  const memoryBytes = Math.floor((limits.memoryBytes * fullMemories) / Math.max(fullMemories, memories))
  return { ...limits, memoryBytes }
}

function describePrepared({ manifest }: Prepared): PreparedComponent {
  const { digest, sizeBytes, world, name, version, snapshot } = manifest
  return { digest, sizeBytes, world, name, version, snapshot }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await webcrypto.subtle.digest('SHA-256', bytes)
  return Buffer.from(digest).toString('hex')
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function withoutUndefined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // Only defined values are left, which is what the type says.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
