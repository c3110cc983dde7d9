// wasi:filesystem for one guest: resources here, everything they do asked of the pool process, where the granted directories
// are open (granted/files.ts). Without a granted directory nothing is ever asked.

import type { Ask } from '../host-call.js'
import { GuestError } from '../import-error.js'
import type { Lacked } from '../lacks.js'
import type { Recipe, Recipes } from '../snapshot/recipes.js'
import {
  addFileMakers,
  type FileFlags,
  type Origin,
  originBelow,
  recipeOf,
  rootOrigin,
  streamRecipe,
} from './file-recipes.js'
import { Shared } from './shared.js'
import { disposeSymbol, type StreamMaker } from './streams.js'

type Interfaces = Record<string, Record<string, unknown>>

/** Bytes of a file that are fetched at a time for a stream. */
const maxPiece = 256 * 1024

/** `lacked` hears of a guest that looks for directories and has none. */
export function createFilesystem(
  hasDirectories: boolean,
  ask: Ask,
  make: StreamMaker,
  lacked: Lacked,
  recipes: Recipes,
): Interfaces {
  const codes = new WeakMap<object, unknown>()
  let roots: [Shared, string][] | undefined

  /** Does it, with an error as one of the stream's own. */
  function onStream<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof GuestError)) throw error
      const said = make.error(`file system: ${String(error.payload)}`)
      codes.set(said, error.payload)
      throw new GuestError({ tag: 'last-operation-failed', val: said })
    }
  }

  function input(file: Shared, from: bigint, origin: Origin): object {
    let at = from
    const read = (length: bigint): Uint8Array => {
      const wanted = length < BigInt(maxPiece) ? length : BigInt(maxPiece)
      // The service's own shape.
      const [bytes, isEnd] = onStream(() => ask('file.read', file.id, wanted, at)) as [Uint8Array, boolean]
      if (isEnd) throw new GuestError({ tag: 'closed' })
      at += BigInt(bytes.length)
      return bytes
    }
    const stream = make.input({ read, blockingRead: read, drop: () => file.drop() })
    recipes.addLoose(stream, () => streamRecipe('reads', origin, at))
    return stream
  }

  /** Takes over one use of `file`. */
  function output(file: Shared, kind: 'writes' | 'appends', from: bigint, origin: Origin): object {
    let at = from
    const write = (bytes: Uint8Array): void => {
      if (kind === 'appends') return void ask('file.append', file.id, bytes)
      ask('file.write', file.id, bytes, at)
      at += BigInt(bytes.length)
    }
    const stream = make.output({
      write: (bytes) => onStream(() => write(bytes)),
      blockingFlush() {},
      drop: () => file.drop(),
    })
    recipes.addLoose(stream, () => streamRecipe(kind, origin, at))
    return stream
  }

  class DirectoryEntryStream {
    readonly #entries: object[]

    constructor(entries: object[]) {
      this.#entries = entries
    }

    readDirectoryEntry(): object | undefined {
      return this.#entries.shift()
    }
  }

  class Descriptor {
    readonly #file: Shared
    readonly #origin: Origin

    constructor(file: Shared, origin: Origin) {
      this.#file = file
      this.#origin = origin
      const recipe = (): Recipe => ['file', ...recipeOf(origin)]
      // What was granted is there for as long as it is granted, and then everything is started again.
      if (origin.path === '') recipes.add(this, recipe)
      else recipes.addLoose(this, recipe)
    }

    static idOf(descriptor: Descriptor): number {
      return descriptor.#file.id
    }

    #ask(operation: string, ...args: readonly unknown[]): unknown {
      return ask(`file.${operation}`, this.#file.id, ...args)
    }

    #flags(): { read?: boolean; write?: boolean } {
      // The service's own shape.
      return this.#ask('flags') as { read?: boolean; write?: boolean }
    }

    readViaStream(offset: bigint): object {
      if (this.#flags().read !== true) throw new GuestError('bad-descriptor')
      return input(this.#file.take(), offset, this.#origin)
    }

    #writer(kind: 'writes' | 'appends', offset: bigint): object {
      if (this.#flags().write !== true) throw new GuestError('bad-descriptor')
      return output(this.#file.take(), kind, offset, this.#origin)
    }

    writeViaStream(offset: bigint): object {
      return this.#writer('writes', offset)
    }

    appendViaStream(): object {
      return this.#writer('appends', 0n)
    }

    advise(): void {}

    syncData(): unknown {
      return this.#ask('sync-data')
    }

    getFlags(): unknown {
      return this.#ask('flags')
    }

    getType(): unknown {
      return this.#ask('type')
    }

    setSize(size: bigint): unknown {
      return this.#ask('set-size', size)
    }

    setTimes(access: unknown, modification: unknown): unknown {
      return this.#ask('set-times', access, modification)
    }

    read(length: bigint, offset: bigint): unknown {
      return this.#ask('read', length, offset)
    }

    write(bytes: Uint8Array, offset: bigint): unknown {
      return this.#ask('write', bytes, offset)
    }

    sync(): unknown {
      return this.#ask('sync')
    }

    createDirectoryAt(path: string): unknown {
      return this.#ask('make-directory', path)
    }

    stat(): unknown {
      return this.#ask('stat')
    }

    statAt(how: PathFlags, path: string): unknown {
      return this.#ask('stat-at', how.symlinkFollow, path)
    }

    readlinkAt(path: string): unknown {
      return this.#ask('readlink', path)
    }

    removeDirectoryAt(path: string): unknown {
      return this.#ask('remove-directory', path)
    }

    symlinkAt(target: string, path: string): unknown {
      return this.#ask('symlink', target, path)
    }

    unlinkFileAt(path: string): unknown {
      return this.#ask('unlink', path)
    }

    isSameObject(other: Descriptor): unknown {
      return this.#ask('same', Descriptor.idOf(other))
    }

    metadataHash(): unknown {
      return this.#ask('hash')
    }

    metadataHashAt(how: PathFlags, path: string): unknown {
      return this.#ask('hash-at', how.symlinkFollow, path)
    }

    readDirectory(): DirectoryEntryStream {
      // The service's own shape.
      return new DirectoryEntryStream(this.#ask('list') as object[])
    }

    setTimesAt(how: PathFlags, path: string, access: unknown, modification: unknown): unknown {
      return this.#ask('set-times-at', how.symlinkFollow, path, access, modification)
    }

    linkAt(how: PathFlags, path: string, to: Descriptor, toPath: string): unknown {
      return this.#ask('link', how.symlinkFollow, path, Descriptor.idOf(to), toPath)
    }

    renameAt(path: string, to: Descriptor, toPath: string): unknown {
      return this.#ask('rename', path, Descriptor.idOf(to), toPath)
    }

    openAt(how: PathFlags, path: string, openFlags: object, flags: FileFlags): Descriptor {
      const follow = how.symlinkFollow === true
      // The service gives numbers for what it opened.
      const id = this.#ask('open', follow, path, openFlags, flags) as number
      return new Descriptor(share(id), originBelow(this.#origin, path, follow, flags))
    }

    [disposeSymbol](): void {
      this.#file.drop()
    }
  }

  const share = (id: number): Shared => new Shared(id, 'file.close', ask)

  /** Opened once and kept. */
  function openRoots(): [Shared, string][] {
    if (!hasDirectories) return []
    // The service's own shape.
    roots ??= (ask('file.preopens') as [number, string][]).map(([id, guest]) => [share(id), guest])
    return roots
  }
  const findRoot = (name: string): Shared | undefined => openRoots().find(([, guest]) => guest === name)?.[0]

  addFileMakers(recipes, ask, {
    rootId: (name) => findRoot(name)?.id,
    descriptor(id, origin) {
      const file = id === undefined ? findRoot(origin.root)?.take() : share(id)
      return file === undefined ? undefined : new Descriptor(file, origin)
    },
    stream: (kind, id, origin, at) =>
      kind === 'reads' ? input(share(id), at, origin) : output(share(id), kind, at, origin),
  })

  return {
    'wasi:filesystem/types': {
      Descriptor,
      DirectoryEntryStream,
      filesystemErrorCode: (error: object) => codes.get(error),
    },
    'wasi:filesystem/preopens': {
      getDirectories(): [Descriptor, string][] {
        if (!hasDirectories) {
          lacked({ kind: 'directory' })
          return []
        }
        return openRoots().map(([root, guest]) => [new Descriptor(root.take(), rootOrigin(guest)), guest])
      },
    },
  }
}

interface PathFlags {
  readonly symlinkFollow?: boolean
}
