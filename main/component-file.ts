// Reads a component that a person named on the command line: what cannot be one is said before it is read. Knows the file
// system and nothing of components but how large they may be.

import { open } from 'node:fs/promises'
import { TlosError } from './failure.js'
import { maxImageBytes } from './lattice/images.js'

const words: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file',
  EACCES: 'You are not allowed to read it',
  EPERM: 'You are not allowed to read it',
}

/** The bytes of a file. Rejects with a sentence about it: absent, not readable, a folder, empty or larger than `most`. */
export async function readComponentFile(file: string, most = maxImageBytes): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    const said = words[(error as NodeJS.ErrnoException).code ?? '']
    throw new TlosError('not-found', `${said ?? 'It cannot be read'}: ${file}`, {
      about: file,
      cause: said === undefined ? error : undefined,
    })
  })
  try {
    const about = await handle.stat()
    if (!about.isFile()) throw new TlosError('invalid', `This is not a file: ${file}`, { about: file })
    if (about.size === 0) throw new TlosError('invalid', `This file is empty: ${file}`, { about: file })
    if (about.size > most) {
      const mebi = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`
      const text = `This file has ${mebi(about.size)}, and at most ${mebi(most)} can be installed`
      throw new TlosError('too-large', text, { about: file })
    }
    return new Uint8Array(await handle.readFile())
  } finally {
    await handle.close()
  }
}
