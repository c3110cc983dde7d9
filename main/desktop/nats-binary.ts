// Where the nats-server program is: named by the person, packed with the shell, or installed.

import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'
import { TlosError } from '../failure.js'

export interface FindServerOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** `process.resourcesPath` of a packaged shell. */
  readonly resourcesPath?: string | undefined
  /** Where Debian and others put it, often not on a person's PATH. */
  readonly systemFolders?: readonly string[] | undefined
}

const usualFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']
const program = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server'

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    // Not there, or not for us.
    return false
  }
}

/** Absolute path. Rejects with `unavailable` and what to do about it. */
export async function findNatsServer(options: FindServerOptions): Promise<string> {
  const named = options.env['TLOS_NATS_SERVER']
  if (named !== undefined && named !== '') {
    // Said on purpose, so another one would be a surprise.
    if (await isProgram(named)) return path.resolve(named)
    throw new TlosError('unavailable', `TLOS_NATS_SERVER names ${named}, which is no program that can be run`, {
      about: named,
    })
  }
  const folders = [
    ...(options.resourcesPath === undefined ? [] : [options.resourcesPath]),
    ...(options.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)),
    ...(options.systemFolders ?? usualFolders),
  ]
  for (const folder of folders) {
    const file = path.join(folder, program)
    if (await isProgram(file)) return file
  }
  throw new TlosError(
    'unavailable',
    'nats-server was not found, so there is no lattice of one’s own. Install it (`sudo apt-get install nats-server`), ' +
      'name it (`TLOS_NATS_SERVER=/path/to/nats-server`), or join a lattice (`--nats URL`)',
  )
}
