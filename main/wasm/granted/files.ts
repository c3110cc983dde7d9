// The granted directories of one instance: every operation of wasi:filesystem on files and directories that it has open.
// What a path means is decided in paths.ts, what may be done in grants.ts and by the rights of what is open.

import { constants, type BigIntStats } from 'node:fs'
import * as fs from 'node:fs/promises'
import { decide, type Grants } from '../grants.js'
import { OperationError, type Operations, systemCode } from './answers.js'
import { fileErrorCode } from './file-errors.js'
import { describeStat, hashStat, isSame, kindOf, newTime } from './file-stat.js'
import { createOpenFiles, type OpenFile } from './open-files.js'
import { canWalk, pathIn, pathOf, type Place, walk } from './paths.js'

/** Most bytes of one read or write. */
const maxPiece = 1024 * 1024
/** Most entries of one directory that are listed. */
const maxEntries = 65_536

const safely = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

interface Flags {
  readonly [name: string]: boolean | undefined
}

const fail = (code: string): never => {
  throw new OperationError(code)
}

function offsetOf(value: unknown): number {
  const number = Number(value)
  return Number.isSafeInteger(number) && number >= 0 ? number : fail('file-too-large')
}

export interface Files {
  readonly operations: Operations
  close(): Promise<void>
}

/** `warn`: words for the log when a granted directory cannot be had. */
export function openFiles(grants: Grants, warn: (text: string) => void): Files {
  const files = createOpenFiles()

  async function at<T>(base: OpenFile, follow: boolean, path: unknown, act: (place: Place) => Promise<T>): Promise<T> {
    const place = await walk(base.handle, String(path), follow)
    try {
      return await act(place)
    } finally {
      await place.release()
    }
  }

  async function statAt(base: OpenFile, follow: unknown, path: unknown): Promise<BigIntStats> {
    return await at(base, follow === true, path, async ({ parent, name, mustBeDirectory }) => {
      const stats = await fs.lstat(pathIn(parent, name), { bigint: true })
      if (mustBeDirectory && !stats.isDirectory()) fail('not-directory')
      return stats
    })
  }

  async function preopens(): Promise<[number, string][]> {
    const opened: [number, string][] = []
    for (const [index, { host, guest }] of grants.directories.entries()) {
      if (!canWalk) {
        warn(`the directory ${host} is not given: that is possible on Linux only`)
        continue
      }
      if (!decide(grants, { kind: 'directory', index }).ok) continue
      try {
        const handle = await fs.open(host, constants.O_RDONLY | constants.O_DIRECTORY)
        const canChange = decide(grants, { kind: 'change-directory', index }).ok
        opened.push([files.add({ handle, isDirectory: true, canRead: true, canWrite: false, canChange }), guest])
      } catch (error) {
        warn(`the granted directory ${host} cannot be opened: ${systemCode(error) ?? String(error)}`)
      }
    }
    return opened
  }

  async function openIn(place: Place, base: OpenFile, how: Flags, flags: Flags): Promise<number> {
    const { parent, name, mustBeDirectory } = place
    const before = await fs.lstat(pathIn(parent, name), { bigint: true }).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    })
    const wantsDirectory = how['directory'] === true || mustBeDirectory
    if (before === undefined) {
      if (how['create'] !== true) fail('no-entry')
      if (wantsDirectory) fail('invalid')
    } else {
      if (how['create'] === true && how['exclusive'] === true) fail('exist')
      if (before.isSymbolicLink()) fail('loop')
      if (before.isDirectory() && (flags['write'] === true || how['truncate'] === true)) fail('is-directory')
      if (wantsDirectory && !before.isDirectory()) fail('not-directory')
      // Opening a pipe or a device can do something by itself.
      if (!before.isDirectory() && !before.isFile()) fail('not-permitted')
    }
    const isDirectory = before?.isDirectory() === true
    const mode =
      flags['write'] !== true ? constants.O_RDONLY : flags['read'] === true ? constants.O_RDWR : constants.O_WRONLY
    const create =
      how['create'] === true && !isDirectory ? constants.O_CREAT | (before === undefined ? constants.O_EXCL : 0) : 0
    const truncates = how['truncate'] === true
    const access = truncates && mode === constants.O_RDONLY ? constants.O_RDWR : mode
    const handle = await fs.open(
      pathIn(parent, name),
      access | create | safely | (isDirectory ? constants.O_DIRECTORY : 0),
    )
    try {
      const stats = await handle.stat({ bigint: true })
      if (!stats.isDirectory() && !stats.isFile()) fail('not-permitted')
      if (truncates) await handle.truncate(0)
      return files.add({
        handle,
        isDirectory: stats.isDirectory(),
        canRead: flags['read'] === true,
        canWrite: flags['write'] === true,
        canChange: stats.isDirectory() && base.canChange && flags['mutateDirectory'] === true,
      })
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  const readable = (id: unknown): OpenFile => {
    const file = files.get(id)
    if (file.isDirectory) fail('is-directory')
    return file.canRead ? file : fail('bad-descriptor')
  }
  const writable = (id: unknown): OpenFile => {
    const file = files.get(id)
    if (file.isDirectory) fail('is-directory')
    return file.canWrite ? file : fail('bad-descriptor')
  }

  async function write(handle: fs.FileHandle, bytes: Uint8Array, position: number | null): Promise<bigint> {
    let done = 0
    while (done < bytes.length) {
      const at = position === null ? null : position + done
      const { bytesWritten } = await handle.write(bytes, done, Math.min(maxPiece, bytes.length - done), at)
      done += bytesWritten
    }
    return BigInt(done)
  }

  const all: Operations = {
    'file.preopens': preopens,
    'file.close': (id) => files.close(id),
    'file.open': async (id, follow, path, how, flags) => {
      // The glue made both from WIT flags.
      const [openFlags, wanted] = [how as Flags, flags as Flags]
      const base = files.directory(id)
      const changes = [openFlags['create'], openFlags['truncate'], wanted['write'], wanted['mutateDirectory']]
      if (changes.includes(true) && !base.canChange) fail('read-only')
      files.assertRoom()
      return await at(base, follow === true, path, (place) => openIn(place, base, openFlags, wanted))
    },
    'file.flags': (id) => {
      const { canRead, canWrite, canChange } = files.get(id)
      return { read: canRead, write: canWrite, mutateDirectory: canChange }
    },
    'file.stat': async (id) => describeStat(await files.get(id).handle.stat({ bigint: true })),
    'file.stat-at': async (id, follow, path) => describeStat(await statAt(files.directory(id), follow, path)),
    'file.type': async (id) => kindOf(await files.get(id).handle.stat({ bigint: true })),
    'file.hash': async (id) => hashStat(await files.get(id).handle.stat({ bigint: true })),
    'file.hash-at': async (id, follow, path) => hashStat(await statAt(files.directory(id), follow, path)),
    'file.same': async (id, other) => {
      const [a, b] = await Promise.all([id, other].map((each) => files.get(each).handle.stat({ bigint: true })))
      return a !== undefined && b !== undefined && isSame(a, b)
    },
    'file.read': async (id, length, offset) => {
      const { handle } = readable(id)
      const wanted = Math.min(maxPiece, Number(length))
      const buffer = Buffer.allocUnsafeSlow(wanted)
      const { bytesRead } = await handle.read(buffer, 0, wanted, offsetOf(offset))
      return [new Uint8Array(buffer.subarray(0, bytesRead)), wanted > 0 && bytesRead === 0]
    },
    'file.write': async (id, bytes, offset) => await write(writable(id).handle, bytes as Uint8Array, offsetOf(offset)),
    'file.append': async (id, bytes) => {
      // Opened once more, so that the system appends: another writer may do so at the same time.
      const again = await fs.open(pathOf(writable(id).handle), constants.O_WRONLY | constants.O_APPEND)
      try {
        return await write(again, bytes as Uint8Array, null)
      } finally {
        await again.close()
      }
    },
    'file.set-size': async (id, size) => await writable(id).handle.truncate(offsetOf(size)),
    'file.sync': async (id) => await files.get(id).handle.sync(),
    'file.sync-data': async (id) => await files.get(id).handle.datasync(),
    'file.set-times': async (id, access, modification) => {
      const file = files.get(id)
      if (!(file.isDirectory ? file.canChange : file.canWrite)) fail('read-only')
      const { atimeNs, mtimeNs } = await file.handle.stat({ bigint: true })
      const now = Date.now()
      await file.handle.utimes(newTime(access, atimeNs, now), newTime(modification, mtimeNs, now))
    },
    'file.set-times-at': async (id, follow, path, access, modification) => {
      const base = files.changeable(id)
      await at(base, follow === true, path, async ({ parent, name }) => {
        const { atimeNs, mtimeNs } = await fs.lstat(pathIn(parent, name), { bigint: true })
        const now = Date.now()
        await fs.lutimes(pathIn(parent, name), newTime(access, atimeNs, now), newTime(modification, mtimeNs, now))
      })
    },
    'file.list': async (id) => {
      const { handle } = files.directory(id)
      const entries: { type: string; name: string }[] = []
      for await (const entry of await fs.opendir(`${pathOf(handle)}/.`)) {
        if (entries.length >= maxEntries) fail('insufficient-memory')
        entries.push({ type: kindOf(entry), name: entry.name })
      }
      return entries
    },
    'file.make-directory': async (id, path) =>
      await at(files.changeable(id), false, path, ({ parent, name }) => fs.mkdir(pathIn(parent, name))),
    'file.remove-directory': async (id, path) =>
      await at(files.changeable(id), false, path, ({ parent, name }) => fs.rmdir(pathIn(parent, name))),
    'file.unlink': async (id, path) =>
      await at(files.changeable(id), false, path, async ({ parent, name, mustBeDirectory }) => {
        const stats = await fs.lstat(pathIn(parent, name), { bigint: true })
        if (stats.isDirectory() || mustBeDirectory) fail('is-directory')
        await fs.unlink(pathIn(parent, name))
      }),
    'file.rename': async (id, path, toId, toPath) =>
      await at(files.changeable(id), false, path, (from) =>
        at(files.changeable(toId), false, toPath, (to) =>
          fs.rename(pathIn(from.parent, from.name), pathIn(to.parent, to.name)),
        ),
      ),
    // Both ends must be changeable: a second name in a directory for writing would make a file for reading writable.
    'file.link': async (id, follow, path, toId, toPath) => {
      if (follow === true) fail('invalid')
      await at(files.changeable(id), false, path, (from) =>
        at(files.changeable(toId), false, toPath, (to) =>
          fs.link(pathIn(from.parent, from.name), pathIn(to.parent, to.name)),
        ),
      )
    },
    'file.symlink': async (id, target, path) => {
      const base = files.changeable(id)
      const text = String(target)
      if (text.includes('\0') || text === '') fail('invalid')
      // For whoever follows it outside of here, it must not lead further than the directory.
      if (text.startsWith('/') || text.split('/').includes('..')) fail('not-permitted')
      await at(base, false, path, ({ parent, name }) => fs.symlink(text, pathIn(parent, name)))
    },
    'file.readlink': async (id, path) =>
      await at(files.directory(id), false, path, async ({ parent, name }) => {
        const target = await fs.readlink(pathIn(parent, name))
        return target.startsWith('/') ? fail('not-permitted') : target
      }),
  }

  return {
    operations: Object.fromEntries(Object.entries(all).map(([name, act]) => [name, withFileErrors(act)])),
    close: () => files.closeAll(),
  }
}

/** Errors of the system become the error code that the guest knows. */
const withFileErrors =
  (act: Operations[string]): Operations[string] =>
  async (...args) => {
    try {
      return await act(...args)
    } catch (error) {
      const code = fileErrorCode(systemCode(error))
      throw code === undefined ? error : new OperationError(code)
    }
  }
