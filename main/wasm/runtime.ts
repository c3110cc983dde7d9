// The face of the folder: checks and prepares components, starts instances in a pool of processes, and ends them all. It
// runs no guest code and no transpiler in its own process. Nothing is started before the first instance is.

import { webcrypto } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TlosError } from '../failure.js'
import { decodeComponent } from './decode-component.js'
import { startInstance } from './instance.js'
import { PoolMember } from './pool-member.js'
import { forkPool, type SpawnPool } from './pool-process.js'
import { openPreparedCache, type Prepared, type PreparedCache } from './prepared-cache.js'
import { transpile } from './transpile.js'
import {
  defaultLimits,
  type InstanceLimits,
  type PreparedComponent,
  type PrepareOptions,
  type Runtime,
} from './types.js'
import { builtinImports } from './builtin-imports.js'
import { noGrants } from './grants.js'

export type { SpawnPool } from './pool-process.js'
export { carriedInterfaces } from './carried.js'
export { isCommandRun, runCommand } from './command.js'
export { decide } from './grants.js'
export { handleHttp, incomingHandlerOf, type HttpHeader, type HttpRequest, type HttpResponse } from './http-handler.js'

export interface RuntimeOptions {
  /** Where prepared components are kept; made if it is not there. */
  readonly cacheDir: string
  /** Prepared components that came with the app; only read. */
  readonly extraCacheDirs?: readonly string[] | undefined
  /** Paths of the bundles of pool.ts, worker.ts and transpile-child.ts. */
  readonly entries: { readonly pool: string; readonly worker: string; readonly transpile: string }
  /** Absent: a forked process of the same binary. */
  readonly spawnPool?: SpawnPool | undefined
}

/** Largest component, bytes. */
const maxComponentBytes = 100 * 1024 * 1024
/** Electron stalls at 250 Wasm memories in a process, and one of QuickJS has three; and a process that dies takes all. */
const maxInstances = 16
const maxMemories = 150
const maxTranspilers = 2
/** An instance with more memories than this shares the limit of so many among them. Toolchains make one to three. */
const fullMemories = 4

export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const cache = await openPreparedCache(options.cacheDir, options.extraCacheDirs ?? [])
  const preparing = new Map<string, Promise<Prepared>>()
  const members = new Set<PoolMember>()
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
    let running = preparing.get(digest)
    if (running === undefined) {
      running = takeTurn(() => build(cache, options.entries.transpile, bytes, digest, signal)).finally(() =>
        preparing.delete(digest),
      )
      preparing.set(digest, running)
    }
    const prepared = await running.catch((error: unknown) => {
      // Cancelled by somebody else who wanted the same: then once more for us.
      const isOurs = signal?.aborted === true || !(error instanceof TlosError && error.code === 'cancelled')
      if (isOurs) throw error
      return undefined
    })
    return prepared === undefined ? await prepare(bytes, request) : describePrepared(prepared)
  }

  function pickMember(memories: number): PoolMember {
    for (const member of members) {
      const hasRoom = member.instanceCount < maxInstances && member.memoryCount + memories <= maxMemories
      if (!member.isOver && hasRoom) return member
    }
    const { pool, worker } = options.entries
    const member: PoolMember = new PoolMember(options.spawnPool ?? forkPool, pool, worker, () => members.delete(member))
    members.add(member)
    return member
  }

  return {
    builtinImports,
    prepare,
    async describe(digest) {
      const found = await cache.find(digest)
      return found === undefined ? undefined : describePrepared(found)
    },
    async start(digest, { componentId, limits, host, config, grants }) {
      assertOpen()
      const prepared = await cache.find(digest)
      if (prepared === undefined) {
        throw new TlosError('not-found', `${componentId} is not prepared on this machine`, { about: componentId })
      }
      assertOpen()
      const { world, glue, modules, memories } = prepared.manifest
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
        config: config ?? {},
        grants: grants ?? noGrants,
      }
      try {
        return await startInstance(pickMember(memories), message, { host, memories })
      } catch (error) {
        // Damaged on disk: away with it, so that preparing it again helps.
        if (error instanceof TlosError && error.code === 'not-found') await cache.drop(prepared)
        throw error
      }
    },
    processes: () =>
      [...members].flatMap((member) =>
        member.pid === undefined ? [] : [{ pid: member.pid, instances: member.instanceCount }],
      ),
    close() {
      isClosed = true
      for (const member of [...members]) member.close()
      return Promise.resolve()
    },
  }
}

async function build(
  cache: PreparedCache,
  entry: string,
  bytes: Uint8Array,
  digest: string,
  signal: AbortSignal | undefined,
): Promise<Prepared> {
  const draft = await cache.draft()
  const aside = await cache.draft()
  try {
    const input = join(aside, 'component.wasm')
    await writeFile(input, bytes)
    await transpile(entry, { input, folder: draft, digest }, signal)
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
  const { digest, sizeBytes, world, name, version } = manifest
  return { digest, sizeBytes, world, name, version }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await webcrypto.subtle.digest('SHA-256', bytes)
  return Buffer.from(digest).toString('hex')
}

/** Lets so many tasks run at a time, in order of arrival. */
function createTurns(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function withoutUndefined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // Only defined values are left, which is what the type says.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
