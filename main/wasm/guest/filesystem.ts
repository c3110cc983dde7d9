// wasi:filesystem for one guest: resources here, everything they do asked of the pool process, where the granted directories
// are open (granted/files.ts). Without a granted directory nothing is ever asked.

import type { Ask } from '../host-call.js'
import { GuestError } from '../import-error.js'
import type { Lacked } from '../lacks.js'
import { Shared } from './shared.js'
import { disposeSymbol, type StreamMaker } from './streams.js'

type Interfaces = Record<string, Record<string, unknown>>

/** Bytes of a file that are fetched at a time for a stream. */
const maxPiece = 256 * 1024

/** `lacked` hears of a guest that looks for directories and has none. */
export function createFilesystem(hasDirectories: boolean, ask: Ask, make: StreamMaker, lacked: Lacked): Interfaces {
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

  function input(file: Shared, from: bigint): object {
    let at = from
    const read = (length: bigint): Uint8Array => {
      const wanted = length < BigInt(maxPiece) ? length : BigInt(maxPiece)
      // The service's own shape.
      const [bytes, isEnd] = onStream(() => ask('file.read', file.id, wanted, at)) as [Uint8Array, boolean]
      if (isEnd) throw new GuestError({ tag: 'closed' })
      at += BigInt(bytes.length)
      return bytes
    }
    return make.input({ read, blockingRead: read, drop: () => file.drop() })
  }

  function output(file: Shared, write: (bytes: Uint8Array) => void): object {
    return make.output({
      write: (bytes) => onStream(() => write(bytes)),
      blockingFlush() {},
      drop: () => file.drop(),
    })
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

    constructor(file: Shared) {
      this.#file = file
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
      return input(this.#file.take(), offset)
    }

    #writer(write: (file: Shared, bytes: Uint8Array) => void): object {
      if (this.#flags().write !== true) throw new GuestError('bad-descriptor')
      const file = this.#file.take()
      return output(file, (bytes) => write(file, bytes))
    }

    writeViaStream(offset: bigint): object {
      let at = offset
      return this.#writer((file, bytes) => {
        ask('file.write', file.id, bytes, at)
        at += BigInt(bytes.length)
      })
    }

    appendViaStream(): object {
      return this.#writer((file, bytes) => ask('file.append', file.id, bytes))
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

    openAt(how: PathFlags, path: string, openFlags: object, flags: object): Descriptor {
      return wrap(this.#ask('open', how.symlinkFollow, path, openFlags, flags))
    }

    [disposeSymbol](): void {
      this.#file.drop()
    }
  }

  // The service gives numbers for what it opened.
  const wrap = (id: unknown): Descriptor => new Descriptor(new Shared(id as number, 'file.close', ask))

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
        // Opened once and kept. The service's own shape.
        roots ??= (ask('file.preopens') as [number, string][]).map(([id, guest]) => [
          new Shared(id, 'file.close', ask),
          guest,
        ])
        return roots.map(([root, guest]) => [new Descriptor(root.take()), guest])
      },
    },
  }
}

interface PathFlags {
  readonly symlinkFollow?: boolean
}
