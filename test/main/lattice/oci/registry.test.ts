// Pulling over HTTP from a registry that is played here, so that it can ask for tokens, lead elsewhere, lie and stall. The
// real one is in `pull.test.ts`.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createPuller, type Puller } from '../../../../main/lattice/oci/puller.js'
import { createRegistries } from '../../../../main/lattice/oci/registries.js'

const image = new TextEncoder().encode('bytes of a component')
const digestOf = (bytes: Uint8Array | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const manifest = (size = image.length): string =>
  JSON.stringify({ layers: [{ mediaType: 'application/wasm', digest: digestOf(image), size }] })

type Answer = (request: IncomingMessage, response: ServerResponse) => void
const servers: Server[] = []
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }),
  )
})

async function serve(answer: Answer): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `127.0.0.1:${address.port}`
}

interface PullerOptions {
  readonly login?: { readonly username: string; readonly password: string }
  readonly idleMs?: number
  readonly totalMs?: number
  readonly maxBytes?: number
}

function pullerFor(registry: string, options: PullerOptions = {}): Puller {
  const credentials = options.login === undefined ? {} : { [registry]: options.login }
  return createPuller({
    registries: createRegistries({ allowLatest: false, insecure: [registry], credentials }),
    maxBytes: options.maxBytes ?? 1_000,
    limits: { idleMs: options.idleMs ?? 10_000, totalMs: options.totalMs ?? 20_000 },
  })
}

const send = (response: ServerResponse, status: number, body = '', headers: Record<string, string> = {}): void => {
  response.writeHead(status, headers).end(body)
}

/** Manifest `x/y:1` with its one layer. */
const honest: Answer = (request, response) => {
  if (request.url === '/v2/x/y/manifests/1') send(response, 200, manifest())
  else if (request.url === `/v2/x/y/blobs/${digestOf(image)}`) response.writeHead(200).end(image)
  else send(response, 404)
}

const pull = async (puller: Puller, ref: string): Promise<Uint8Array> => (await puller.find(ref, 'component')).fetch()

describe('pulling from a registry', () => {
  it('brings the bytes of the layer', async () => {
    const name = await serve(honest)
    expect(await pull(pullerFor(name), `${name}/x/y:1`)).toEqual(image)
    await expect(pull(pullerFor(name), `${name}/x/y:2`)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('asks for a token where the registry says, for this repository and to read only', async () => {
    const asked: string[] = []
    const realm = await serve((request, response) => {
      asked.push(`${request.url ?? ''} ${request.headers.authorization ?? '-'}`)
      send(response, 200, JSON.stringify({ token: 'abc' }))
    })
    const name = await serve((request, response) => {
      if (request.headers.authorization === 'Bearer abc') return honest(request, response)
      const scope = 'repository:x/y:pull,push repository:secret:*'
      send(response, 401, '', {
        'www-authenticate': `Bearer realm="http://${realm}/token",service="s",scope="${scope}"`,
      })
    })
    expect(await pull(pullerFor(name), `${name}/x/y:1`)).toEqual(image)
    const withLogin = pullerFor(name, { login: { username: 'ann', password: 'pw' } })
    expect(await pull(withLogin, `${name}/x/y:1`)).toEqual(image)
    const query = '/token?service=s&scope=repository%3Ax%2Fy%3Apull'
    expect(asked).toEqual([`${query} -`, `${query} Basic ${Buffer.from('ann:pw').toString('base64')}`])
  })

  it('says who was refused: a wrong password, a token that does not help, no login at all', async () => {
    const basic = await serve((request, response) => {
      if (request.headers.authorization === `Basic ${Buffer.from('ann:right').toString('base64')}`)
        honest(request, response)
      else send(response, 401, '', { 'www-authenticate': 'Basic realm="r"' })
    })
    const as = (password: string): Puller => pullerFor(basic, { login: { username: 'ann', password } })
    expect(await pull(as('right'), `${basic}/x/y:1`)).toEqual(image)
    const refused = { code: 'refused', message: expect.stringContaining('x/y as ann') as string }
    await expect(pull(as('wrong'), `${basic}/x/y:1`)).rejects.toMatchObject(refused)
    await expect(pull(pullerFor(basic), `${basic}/x/y:1`)).rejects.toThrow(/without credentials/)
    for (const header of [
      'Negotiate',
      '',
      'Bearer service="s"',
      'Bearer realm="::::"',
      'Bearer realm="file:///etc/passwd"',
    ]) {
      const odd = await serve((_request, response) => send(response, 401, '', { 'www-authenticate': header }))
      await expect(pull(pullerFor(odd), `${odd}/x/y:1`)).rejects.toMatchObject({ name: 'TlosError' })
    }
    for (const reply of ['', '{}', '[]', '{"token":""}', '{"token":"a\\r\\nb"}', '{"token":5}']) {
      const realm = await serve((_request, response) => send(response, 200, reply))
      const odd = await serve((_request, response) =>
        send(response, 401, '', { 'www-authenticate': `Bearer realm="http://${realm}/"` }),
      )
      await expect(pull(pullerFor(odd), `${odd}/x/y:1`)).rejects.toThrow(/without a token/)
    }
  })

  it('follows to where the blobs are, and leaves the credentials behind', async () => {
    const seen: (string | undefined)[] = []
    const store = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(200).end(image)
    })
    const name = await serve((request, response) => {
      if (request.headers.authorization === undefined) send(response, 401, '', { 'www-authenticate': 'Basic' })
      else if (request.url?.includes('/blobs/') === true) send(response, 307, '', { location: `http://${store}/b` })
      else honest(request, response)
    })
    const puller = pullerFor(name, { login: { username: 'ann', password: 'pw' } })
    expect(await pull(puller, `${name}/x/y:1`)).toEqual(image)
    expect(seen).toEqual([undefined])
  })

  it('ends where redirects go round, or lead away from HTTP', async () => {
    const round = await serve((_request, response) => send(response, 302, '', { location: '/again' }))
    await expect(pull(pullerFor(round), `${round}/x/y:1`)).rejects.toThrow(/without an end/)
    const away = await serve((_request, response) => send(response, 302, '', { location: 'file:///etc/passwd' }))
    await expect(pull(pullerFor(away), `${away}/x/y:1`)).rejects.toMatchObject({ code: 'refused' })
  })

  it('asks over HTTPS unless plain HTTP is allowed for this registry', async () => {
    let requests = 0
    const name = await serve((_request, response) => {
      requests += 1
      send(response, 200, manifest())
    })
    const strict = createPuller({ registries: createRegistries(), maxBytes: 1_000 })
    await expect(pull(strict, `http://${name}/x/y:1`)).rejects.toMatchObject({ code: 'unreachable' })
    expect(requests).toBe(0)
  })

  it('takes no bytes that are not those of the digest, in manifests and in layers', async () => {
    const name = await serve((request, response) => {
      if (request.url?.includes('/manifests/') === true) send(response, 200, manifest())
      else response.writeHead(200).end(image.map((byte, index) => (index === 3 ? byte ^ 1 : byte)))
    })
    await expect(pull(pullerFor(name), `${name}/x/y:1`)).rejects.toThrow(/not those of the digest/)
    const other = `${name}/x/y@sha256:${'0'.repeat(64)}`
    await expect(pull(pullerFor(name), other)).rejects.toThrow(/not those of the digest/)
    const right = `${name}/x/y@${digestOf(manifest())}`
    expect((await pullerFor(name).find(right, 'component')).digest).toBe(digestOf(image))
  })

  it('reads no more than it should: a large image, a layer longer than said, an endless manifest', async () => {
    const large = await serve((_request, response) => send(response, 200, manifest(2_000)))
    await expect(pull(pullerFor(large), `${large}/x/y:1`)).rejects.toMatchObject({ code: 'too-large' })
    const longer = await serve((request, response) => {
      if (request.url?.includes('/manifests/') === true) send(response, 200, manifest())
      else response.writeHead(200).end(new Uint8Array(100_000))
    })
    await expect(pull(pullerFor(longer), `${longer}/x/y:1`)).rejects.toMatchObject({ code: 'too-large' })
    const endless = await serve((_request, response) => {
      response.writeHead(200)
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', more)
      }
      more()
    })
    await expect(pull(pullerFor(endless), `${endless}/x/y:1`)).rejects.toMatchObject({ code: 'too-large' })
  })

  it('waits no longer than its limits: for the first byte, between two, and altogether', async () => {
    const silent = await serve(() => undefined)
    const late = { code: 'timed-out' }
    await expect(pull(pullerFor(silent, { idleMs: 100 }), `${silent}/x/y:1`)).rejects.toMatchObject(late)
    const stalls = await serve((_request, response) => {
      response.writeHead(200)
      response.write('{')
    })
    await expect(pull(pullerFor(stalls, { idleMs: 300 }), `${stalls}/x/y:1`)).rejects.toMatchObject(late)
    const drips = await serve((_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(' '), 20)
      response.once('close', () => clearInterval(timer))
    })
    const puller = pullerFor(drips, { idleMs: 5_000, totalMs: 300 })
    await expect(pull(puller, `${drips}/x/y:1`)).rejects.toMatchObject(late)
  })

  it('says what is wrong: too many questions, a broken registry, nobody there, an index of indexes', async () => {
    for (const [status, code] of [
      [429, 'unavailable'],
      [500, 'unavailable'],
      [403, 'refused'],
      [204, 'unavailable'],
    ] as const) {
      const name = await serve((_request, response) => send(response, status))
      await expect(pull(pullerFor(name), `${name}/x/y:1`)).rejects.toMatchObject({ code })
    }
    const gone = await serve(honest)
    servers.splice(0).forEach((server) => server.close())
    await expect(pull(pullerFor(gone), `${gone}/x/y:1`)).rejects.toMatchObject({ code: 'unreachable' })
    const index = JSON.stringify({ manifests: [{ digest: `sha256:${'1'.repeat(64)}` }] })
    const self = JSON.stringify({ manifests: [{ digest: digestOf(index) }] })
    const deep = await serve((request, response) =>
      send(response, 200, request.url?.endsWith('/1') === true ? self : index),
    )
    await expect(pull(pullerFor(deep), `${deep}/x/y:1`)).rejects.toThrow(/index of indexes/)
  })

  it('refuses latest unless that is allowed, and what is no reference, before asking anybody', async () => {
    const puller = createPuller({
      registries: createRegistries(),
      maxBytes: 1_000,
      fetch: () => Promise.reject(new Error('asked')),
    })
    for (const ref of ['ghcr.io/x/y', 'ghcr.io/x/y:latest']) {
      await expect(puller.find(ref, 'component')).rejects.toMatchObject({ code: 'refused' })
    }
    await expect(puller.find('not a reference', 'component')).rejects.toMatchObject({ code: 'invalid' })
    const open = createPuller({
      registries: createRegistries({ allowLatest: true, insecure: [], credentials: {} }),
      maxBytes: 1_000,
      fetch: () => Promise.reject(new Error('asked')),
    })
    await expect(open.find('ghcr.io/x/y', 'component')).rejects.toMatchObject({ code: 'unreachable' })
  })
})
