// Finds what a guest's path means below a directory that is open, one component at a time and without ever leaving it: each
// step is opened relative to the open directory before it, without following links (`openat` by way of /proc). Links are
// read and walked by ourselves. So nothing that is renamed or replaced meanwhile leads outside.

import { constants } from 'node:fs'
import { open, readlink, type FileHandle } from 'node:fs/promises'
import { OperationError, systemCode } from './answers.js'

/** Longest path and most components and links, as on Linux. */
const maxPathBytes = 4_096
const maxComponents = 256
const maxLinks = 40

const openDirectoryFlags =
  constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

/** Can paths be walked this way on this system? */
export const canWalk = process.platform === 'linux'

/** Something by name in an open directory; `name` has no slash and is not `..`. For the directory itself it is `.`. */
export interface Place {
  readonly parent: FileHandle
  readonly name: string
  /** The path ended in a slash or a dot: it means a directory. */
  readonly mustBeDirectory: boolean
  /** Closes the directory if it was opened on the way. */
  release(): Promise<void>
}

/** A path that the system resolves relative to the open directory, whatever has become of its name. */
export const pathIn = (parent: FileHandle, name: string): string => `/proc/self/fd/${parent.fd}/${name}`

export const pathOf = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`

const refuse = (code: string): never => {
  throw new OperationError(code)
}

/** The components of a relative path. Throws for one that is absolute, empty, too long or no path. */
function split(path: string): string[] {
  if (path === '') return refuse('no-entry')
  if (path.includes('\0')) return refuse('invalid')
  if (Buffer.byteLength(path) >= maxPathBytes) return refuse('name-too-long')
  if (path.startsWith('/')) return refuse('not-permitted')
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

/**
 * Walks `path` from `base`. The last component is not opened; when it is a link and `followLast`, the link's target is
 * walked instead.
 */
export async function walk(base: FileHandle, path: string, followLast: boolean): Promise<Place> {
  const waiting = split(path)
  let mustBeDirectory = /(^|\/)\.{0,2}$/.test(path)
  /** Directories from the base to where we are; the base is not ours to close. */
  const trail: FileHandle[] = []
  const here = (): FileHandle => trail.at(-1) ?? base
  let links = 0

  const closeAll = async (except?: FileHandle): Promise<void> => {
    for (const handle of trail.splice(0)) if (handle !== except) await handle.close()
  }
  const arrive = async (name: string): Promise<Place> => {
    const parent = here()
    await closeAll(parent)
    return {
      parent,
      name,
      mustBeDirectory,
      release: async () => {
        if (parent !== base) await parent.close()
      },
    }
  }
  /** Takes the target of the link as further components, if `name` is one. */
  const followLink = async (name: string): Promise<boolean> => {
    const target = await readlink(pathIn(here(), name)).catch((error: unknown) => {
      if (['EINVAL', 'ENOENT'].includes(systemCode(error) ?? '')) return undefined
      throw error
    })
    if (target === undefined) return false
    links += 1
    if (links > maxLinks) refuse('loop')
    if (waiting.length === 0 && target.endsWith('/')) mustBeDirectory = true
    waiting.unshift(...split(target))
    return true
  }

  try {
    for (;;) {
      if (waiting.length > maxComponents || trail.length > maxComponents) refuse('name-too-long')
      const name = waiting.shift()
      if (name === undefined) return await arrive('.')
      if (name === '..') {
        const left = trail.pop()
        if (left === undefined) refuse('not-permitted')
        await left?.close()
        continue
      }
      if (waiting.length === 0) {
        if ((followLast || mustBeDirectory) && (await followLink(name))) continue
        return await arrive(name)
      }
      try {
        trail.push(await open(pathIn(here(), name), openDirectoryFlags))
      } catch (error) {
        // A link where a directory is wanted: Linux says ENOTDIR, others ELOOP.
        const isLink = ['ELOOP', 'ENOTDIR'].includes(systemCode(error) ?? '') && (await followLink(name))
        if (!isLink) throw error
      }
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
