// A provider archive (`.par`, `.par.gz`: a tar with `claims.jwt` and one executable per machine; lattice.md 2.7): finds the
// executable for this machine and writes it into a folder of its own. Stands on `tar`, which reads both forms as a stream,
// so that a large archive never lies in memory.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdtemp, open, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Parser, type ReadEntry } from 'tar'
import { TlosError } from '../failure.js'
import { findExecutableTrouble, headerBytes } from './executable.js'

/** Most that an archive has, packed and unpacked, with the executables of all machines. */
const mostArchiveBytes = 1024 * 1024 * 1024
const mostUnpackedBytes = 4 * 1024 * 1024 * 1024
const mostClaimsBytes = 64 * 1024
const unpackMs = 120_000

export interface UnpackedProvider {
  /** Folder of this start, with nothing else in it. */
  readonly folder: string
  readonly executable: string
  /** sha256 of the executable, hex. */
  readonly digest: string
  /** Of `world.wasm`, if there is one. */
  readonly worldDigest: string | undefined
  /** The token of a signed provider, as it stands there. */
  readonly claims: string | undefined
  remove(): Promise<void>
}

/** As Rust names machines: `x86_64-linux`. */
export function targetOf(arch: string, platform: string): string {
  const archs: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'x86' }
  const systems: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' }
  return `${archs[arch] ?? arch}-${systems[platform] ?? platform}`
}

/** A file by its `file://` reference. Fails with `not-found` or `invalid`. */
export async function openArchiveFile(ref: string): Promise<Readable> {
  let file: string
  try {
    file = fileURLToPath(ref)
  } catch (error) {
    throw new TlosError('invalid', `${ref} does not name a file of this machine`, { about: ref, cause: error })
  }
  const about = await stat(file).catch((error: unknown) => {
    throw new TlosError('not-found', `${ref} cannot be opened`, { about: ref, cause: error })
  })
  if (!about.isFile()) throw new TlosError('invalid', `${ref} is not a file`, { about: ref })
  if (about.size > mostArchiveBytes) {
    throw new TlosError('too-large', `${ref} has more than ${mostArchiveBytes} bytes`, { about: ref })
  }
  return createReadStream(file)
}

/** Fails with `invalid` when this is no archive, or has nothing for this machine. */
export async function unpackProvider(
  archive: Readable,
  { ref, under, target }: { readonly ref: string; readonly under: string; readonly target: string },
): Promise<UnpackedProvider> {
  const folder = await mkdtemp(path.join(under, 'provider-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const executable = path.join(folder, target.endsWith('-windows') ? 'provider.exe' : 'provider')
  try {
    const found = await readArchive(archive, `${target}.bin`, executable)
    if (found.digest === undefined) {
      const has = found.targets.length === 0 ? 'it has none' : `it has ${found.targets.join(', ')}`
      throw new TlosError('invalid', `target \`${target}\` not found in the provider archive ${ref} (${has})`, {
        about: ref,
      })
    }
    const trouble = findExecutableTrouble(await readHeader(executable), process.arch, process.platform)
    if (trouble !== undefined) {
      throw new TlosError('invalid', `what ${ref} has for ${target} cannot be started on this machine: ${trouble}`, {
        about: ref,
      })
    }
    await chmod(executable, 0o700)
    const { digest, worldDigest, claims } = found
    return { folder, executable, digest, worldDigest, claims, remove }
  } catch (error) {
    await remove()
    if (error instanceof TlosError) throw error
    throw new TlosError('invalid', `${ref} is not a provider archive (a tar, gzipped or not)`, {
      about: ref,
      cause: error,
    })
  }
}

async function readHeader(executable: string): Promise<Uint8Array> {
  const file = await open(executable, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

interface Found {
  readonly digest: string | undefined
  readonly worldDigest: string | undefined
  readonly claims: string | undefined
  readonly targets: readonly string[]
}

async function readArchive(archive: Readable, wanted: string, executable: string): Promise<Found> {
  const targets: string[] = []
  const writing: Promise<void>[] = []
  let digest: string | undefined
  let worldDigest: string | undefined
  let claims: string | undefined
  let unpacked = 0
  let entries = 0

  const take = async (entry: ReadEntry): Promise<void> => {
    const name = entry.path.replace(/^\.\//, '')
    entries += 1
    if (entries > 1_000) throw new Error('it has more than 1,000 entries')
    const isFile = entry.type === 'File' || entry.type === 'OldFile'
    if (isFile && name.endsWith('.bin')) targets.push(name.slice(0, -'.bin'.length))
    if (isFile && name === 'claims.jwt' && entry.size <= mostClaimsBytes) {
      const pieces: Buffer[] = []
      for await (const piece of entry) pieces.push(piece)
      claims = Buffer.concat(pieces).toString('utf8').trim()
      return
    }
    if (isFile && name === 'world.wasm' && worldDigest === undefined) {
      const hash = createHash('sha256')
      worldDigest = ''
      for await (const piece of entry) hash.update(piece)
      worldDigest = hash.digest('hex')
      return
    }
    // The first counts: a second one of the same name would be a trick.
    if (!isFile || name !== wanted || digest !== undefined) {
      entry.resume()
      return
    }
    const hash = createHash('sha256')
    digest = ''
    const file = await open(executable, 'wx', 0o600)
    try {
      for await (const piece of entry) {
        hash.update(piece)
        await file.writeFile(piece)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    digest = hash.digest('hex')
  }

  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error(`it was not unpacked within ${unpackMs / 1000} s`)), unpackMs)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      archive.destroy()
      reject(error)
    }
    const parser = new Parser({
      strict: true,
      onReadEntry(entry) {
        unpacked += entry.size
        if (unpacked > mostUnpackedBytes) {
          fail(new Error(`it has more than ${mostUnpackedBytes} bytes unpacked`))
          return
        }
        const taking = take(entry)
        writing.push(taking)
        taking.catch(fail)
      },
    })
    parser.on('error', fail)
    parser.on('end', () => {
      clearTimeout(timer)
      Promise.all(writing).then(() => resolve(), reject)
    })
    archive.on('error', fail)
    archive.on('data', (chunk: Buffer) => {
      if (!parser.write(chunk)) archive.pause()
    })
    parser.on('drain', () => archive.resume())
    archive.on('end', () => parser.end())
  })
  if (entries === 0) throw new Error('there is nothing in it')
  return { digest, worldDigest, claims, targets }
}
