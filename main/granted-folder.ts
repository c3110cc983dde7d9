// Whether a folder may be granted in the window: it is there, and it is not one that holds what this shell keeps. Who could
// read that has the node's key, who could change it could grant himself anything.

import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { TlosError } from './failure.js'

/** The folder's real path. `own`: the shell's folder. Rejects with `invalid`, `not-found`, `refused` or `unavailable`. */
export async function checkFolder(folder: string, own: string): Promise<string> {
  if (process.platform !== 'linux') {
    throw new TlosError('unavailable', 'Folders can be granted on Linux only')
  }
  if (!path.isAbsolute(folder)) throw new TlosError('invalid', `${folder} is no absolute path`, { about: folder })
  let real: string
  try {
    real = await realpath(folder)
  } catch (cause) {
    throw new TlosError('not-found', `${folder} is not there or cannot be read`, { about: folder, cause })
  }
  if (!(await stat(real)).isDirectory()) throw new TlosError('invalid', `${folder} is no folder`, { about: folder })
  const shells = await realpath(own)
  if (isIn(real, shells) || isIn(shells, real)) {
    const message = `${folder} is not granted: it holds, or is in, the folder where this shell keeps its keys and grants (${shells}); choose one beside it`
    throw new TlosError('refused', message, { about: folder })
  }
  return real
}

const isIn = (inner: string, outer: string): boolean => {
  const from = path.relative(outer, inner)
  return from === '' || (from !== '..' && !from.startsWith(`..${path.sep}`) && !path.isAbsolute(from))
}
