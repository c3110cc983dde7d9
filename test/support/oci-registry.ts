// Debian's docker-registry as a process of a test's own, on a free loopback port, with a login when asked for, and what it
// takes to push an image the way `wash push` and `oras` do: blobs, then a manifest.

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** As `build/setup/registry.mjs` leaves it. */
const unpacked = join(
  import.meta.dirname,
  '..',
  '..',
  'node_modules',
  '.cache',
  'tlos',
  'docker-registry',
  'usr',
  'bin',
)

/** The program, or why there is none. `npm test` gets it from Debian when it can. */
export function findOciRegistry(): { readonly file: string } | { readonly why: string } {
  const named = process.env['TLOS_TEST_REGISTRY'] ?? ''
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), unpacked]
  const places = [...(named === '' ? [] : [named]), ...folders.map((folder) => join(folder, 'docker-registry'))]
  const file = places.find((place) => existsSync(place))
  const why = process.env['TLOS_TEST_NO_REGISTRY'] ?? ''
  return file === undefined ? { why: why === '' ? 'docker-registry is not here; npm test gets it' : why } : { file }
}

export interface PushedLayer {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface OciRegistry {
  /** `127.0.0.1:port`, as in references. */
  readonly name: string
  /** Resolves to the digest of the manifest. */
  push(repository: string, tag: string, layers: readonly PushedLayer[]): Promise<string>
  /** A blob is gone, as after a cleaning. */
  forget(digest: string): Promise<void>
  /** Serves the same images over TLS as well, on the port that it resolves to; both are PEM. */
  serveTls(certificate: string, key: string): Promise<number>
  /** Ends it at once, as a machine that is gone. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** `htpasswd`: a line of that file, with a bcrypt hash, and the login it is for. */
export interface OciLogin {
  readonly htpasswd: string
  readonly username: string
  readonly password: string
}

const startLimitMs = 30_000
const configType = 'application/vnd.wasm.config.v0+json'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export async function startOciRegistry(file: string, login?: OciLogin): Promise<OciRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'tlos-registry-'))
  const port = await freePort()
  const passwords = join(folder, 'htpasswd')
  if (login !== undefined) await writeFile(passwords, `${login.htpasswd}\n`)
  const config = join(folder, 'config.yml')
  const auth = login === undefined ? '' : `auth:\n  htpasswd:\n    realm: test\n    path: ${passwords}\n`
  const storage = `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${join(folder, 'data')}\nhttp:\n`
  await writeFile(config, `${storage}  addr: 127.0.0.1:${port}\n${auth}`)
  const child = spawn(file, ['serve', config], { stdio: 'ignore' })
  const children = [child]
  const name = `127.0.0.1:${port}`
  const headers =
    login === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}` }
  await answers(child, `http://${name}/v2/`)

  async function put(url: string, bytes: Uint8Array, type: string): Promise<void> {
    const reply = await fetch(url, {
      method: 'PUT',
      headers: { ...headers, 'content-type': type },
      body: Buffer.from(bytes),
    })
    if (reply.status !== 201) throw new Error(`${url}: ${reply.status} ${await reply.text()}`)
  }

  async function pushBlob(repository: string, bytes: Uint8Array): Promise<void> {
    const begun = await fetch(`http://${name}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers })
    const place = begun.headers.get('location')
    if (begun.status !== 202 || place === null) throw new Error(`upload: ${begun.status} ${await begun.text()}`)
    const url = new URL(place, `http://${name}`)
    url.searchParams.set('digest', digestOf(bytes))
    await put(url.href, bytes, 'application/octet-stream')
  }

  async function end(): Promise<void> {
    await Promise.all(children.map(endOne))
  }

  async function endOne(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  return {
    name,
    async push(repository, tag, layers) {
      const settings = new TextEncoder().encode('{}')
      for (const bytes of [settings, ...layers.map((layer) => layer.bytes)]) await pushBlob(repository, bytes)
      const describe = (mediaType: string, bytes: Uint8Array): Record<string, unknown> => ({
        mediaType,
        digest: digestOf(bytes),
        size: bytes.length,
      })
      const manifest = new TextEncoder().encode(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: manifestType,
          config: describe(configType, settings),
          layers: layers.map(({ mediaType, bytes }) => describe(mediaType, bytes)),
        }),
      )
      await put(`http://${name}/v2/${repository}/manifests/${tag}`, manifest, manifestType)
      return digestOf(manifest)
    },
    async forget(digest) {
      const hex = digest.replace('sha256:', '')
      const blobs = join(folder, 'data', 'docker', 'registry', 'v2', 'blobs', 'sha256')
      await rm(join(blobs, hex.slice(0, 2), hex), { recursive: true })
    },
    async serveTls(certificate, key) {
      const [secure, tlsPort] = [join(folder, 'tls.yml'), await freePort()]
      await writeFile(join(folder, 'certificate.pem'), certificate)
      await writeFile(join(folder, 'key.pem'), key)
      const tls = `  tls:\n    certificate: ${join(folder, 'certificate.pem')}\n    key: ${join(folder, 'key.pem')}\n`
      await writeFile(secure, `${storage}  addr: 127.0.0.1:${tlsPort}\n${tls}${auth}`)
      const second = spawn(file, ['serve', secure], { stdio: 'ignore' })
      children.push(second)
      // Go says to whoever speaks plain HTTP to it that this is no place for that: an answer.
      await answers(second, `http://127.0.0.1:${tlsPort}/v2/`)
      return tlsPort
    },
    kill: end,
    async close() {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves once it answers anything at all. */
async function answers(child: ChildProcess, url: string): Promise<void> {
  const until = Date.now() + startLimitMs
  let ended: string | undefined
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code) => (ended = `ended with ${code ?? 'a signal'}`))
  for (;;) {
    if (ended !== undefined) throw new Error(`docker-registry: ${ended}`)
    try {
      await fetch(url, { signal: AbortSignal.timeout(1_000) })
      return
    } catch (error) {
      if (Date.now() > until) {
        child.kill('SIGKILL')
        throw new Error('docker-registry was not ready in time', { cause: error })
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
