// What one instance has open of its granted directories: numbers for handles, their rights, and an end to how many. A number
// means nothing in another instance.

import type { FileHandle } from 'node:fs/promises'
import { OperationError } from './answers.js'

/** Files and directories that one instance may have open. */
export const maxOpenFiles = 256

export interface OpenFile {
  readonly handle: FileHandle
  readonly isDirectory: boolean
  readonly canRead: boolean
  readonly canWrite: boolean
  /** Of a directory: may what is below it be changed? */
  readonly canChange: boolean
}

export interface OpenFiles {
  /** Throws `quota` when there is no room; ask before opening. */
  assertRoom(): void
  add(file: OpenFile): number
  /** Throws `bad-descriptor`. */
  get(id: unknown): OpenFile
  directory(id: unknown): OpenFile
  /** A directory in which something may be changed; throws `read-only`. */
  changeable(id: unknown): OpenFile
  close(id: unknown): Promise<void>
  closeAll(): Promise<void>
}

export function createOpenFiles(): OpenFiles {
  const files = new Map<number, OpenFile>()
  let lastId = 0
  const get = (id: unknown): OpenFile => {
    const file = files.get(id as number) // a key of another type finds nothing
    if (file === undefined) throw new OperationError('bad-descriptor')
    return file
  }
  const directory = (id: unknown): OpenFile => {
    const file = get(id)
    if (!file.isDirectory) throw new OperationError('not-directory')
    return file
  }
  return {
    assertRoom() {
      if (files.size >= maxOpenFiles) throw new OperationError('quota')
    },
    add(file) {
      lastId += 1
      files.set(lastId, file)
      return lastId
    },
    get,
    directory,
    changeable(id) {
      const file = directory(id)
      if (!file.canChange) throw new OperationError('read-only')
      return file
    },
    async close(id) {
      const file = files.get(id as number) // as above
      files.delete(id as number)
      await file?.handle.close()
    },
    async closeAll() {
      const all = [...files.values()]
      files.clear()
      await Promise.allSettled(all.map(({ handle }) => handle.close()))
    },
  }
}
