import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createNames } from '../../../main/wasm/granted/names.js'
import { decodeGrants, type Grants } from '../../../main/wasm/grants.js'
import type { Instance } from '../../../main/wasm/types.js'
import { openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildGuest } from './wasi-guest.js'

const grant = (...hosts: readonly object[]): Grants => {
  const decoded = decodeGrants({ hosts })
  if (!decoded.ok) throw new Error(decoded.why)
  return decoded.value
}

const portOf = (server: Server | TcpServer): number => (server.address() as AddressInfo).port
const listen = (server: Server | TcpServer): Promise<void> =>
  new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve))

describe('A granted host', () => {
  let runtime: TestRuntime
  let digest: string
  let instance: Instance | undefined
  const seen: {
    method: string | undefined
    url: string | undefined
    headers: IncomingMessage['headers']
    body: string
  }[] = []
  const sockets = new Set<Socket>()
  /** Answers with what it was told, in capitals, when the other side has ended. */
  const echo = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString('utf8')))
    socket.on('end', () => socket.end(text.toUpperCase()))
  })
  const web = createHttpServer((request, response) => void serve(request, response))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { method, url, headers } = request
    seen.push({ method, url, headers, body })
    if (url === '/redirect') response.writeHead(302, { location: '/elsewhere' }).end()
    else if (url === '/silent') return
    else if (url === '/broken') request.socket.destroy()
    else if (url === '/large') response.end('x'.repeat(300_000))
    else if (url === '/endless') {
      response.writeHead(200)
      response.write('beginning')
      setTimeout(() => request.socket.destroy(), 100)
    } else response.writeHead(200, { 'x-answer': 'yes', 'set-cookie': ['a=1'] }).end(`${method ?? ''} ${body}`)
  }

  const start = async (grants: Grants): Promise<void> => {
    instance = await runtime.start(digest, { componentId: 'net', host: recordingHost(), grants })
  }
  const act = async (...what: readonly unknown[]): Promise<unknown> =>
    JSON.parse(String(await instance?.call('', 'act', [JSON.stringify(what)], { timeoutMs: 60_000 })))

  beforeAll(async () => {
    await listen(echo)
    await listen(web)
    runtime = await openTestRuntime({ withPrepared: false })
    digest = (await runtime.prepare(await buildGuest('net'))).digest
  }, 400_000)
  afterEach(async () => {
    await instance?.stop()
    instance = undefined
    seen.length = 0
  })
  afterAll(async () => {
    await runtime.dispose()
    for (const socket of sockets) socket.destroy()
    echo.close()
    web.closeAllConnections()
    web.close()
  })

  describe('by TCP', () => {
    it('can be talked to, by address and by name', async () => {
      const port = portOf(echo)
      await start(grant({ host: '127.0.0.1', port }, { host: 'localhost', port }))
      expect(await act('talk', '127.0.0.1', port, 'hello')).toEqual({ got: ['HELLO', 'closed'] })
      expect(await act('talkTo', 'localhost', port, 'hello again')).toEqual({ got: ['HELLO AGAIN', 'closed'] })
    })

    it('is that host at that port and no other', async () => {
      const port = portOf(echo)
      await start(grant({ host: '127.0.0.1', port }))
      expect(await act('talk', '127.0.0.1', portOf(web), 'x')).toEqual({ err: 'access-denied' })
      expect(await act('talk', '127.0.0.2', port, 'x')).toEqual({ err: 'access-denied' })
      expect(await act('resolve', 'localhost')).toEqual({ err: 'access-denied' })
      expect(await act('resolve', 'example.com')).toEqual({ err: 'access-denied' })
    })

    it('does not include the address of a name that was not looked up', async () => {
      const port = portOf(echo)
      await start(grant({ host: 'localhost', port }))
      expect(await act('talk', '127.0.0.1', port, 'x')).toEqual({ err: 'access-denied' })
      await act('resolve', 'localhost')
      expect(await act('talk', '127.0.0.1', port, 'x')).toEqual({ got: ['X', 'closed'] })
    })

    it('that does not answer is an error, and nothing listens or binds', async () => {
      const server = createServer()
      await listen(server)
      const port = portOf(server)
      await new Promise((resolve) => server.close(resolve))
      await start(grant({ host: '127.0.0.1', port }))
      expect(await act('talk', '127.0.0.1', port, 'x')).toEqual({ err: 'connection-refused' })
      expect(await act('bind', '127.0.0.1', 0)).toEqual({ err: 'access-denied' })
      expect(await act('bind', '127.0.0.1', port)).toEqual({ err: 'access-denied' })
      expect(await act('listen')).toEqual({ err: 'invalid-state' })
    })

    it('can be waited for beside a timer', async () => {
      const port = portOf(echo)
      await start(grant({ host: '127.0.0.1', port }))
      expect(await act('race', '127.0.0.1', port, 50)).toEqual({ got: [1] })
    })

    it('has so many connections and no more, all closed when the instance goes', async () => {
      const port = portOf(echo)
      await start(grant({ host: '127.0.0.1', port }))
      expect(await act('hoard', '127.0.0.1', port, 100)).toEqual({ got: [64, 'new-socket-limit'] })
      await expect.poll(() => sockets.size, { timeout: 20_000 }).toBeGreaterThanOrEqual(64)
      await instance?.stop()
      await expect.poll(() => sockets.size, { timeout: 20_000 }).toBe(0)
    })
  })

  describe('by HTTP', () => {
    const here = (): string => `127.0.0.1:${portOf(web)}`
    const startHere = (): Promise<void> => start(grant({ host: '127.0.0.1', port: portOf(web) }))

    it('answers with status, headers and body', async () => {
      await startHere()
      expect(await act('fetch', { authority: here(), path: '/a?b=c', headers: [['X-Asked', 'yes']] })).toMatchObject({
        got: { status: 200, headers: { 'x-answer': 'yes' }, body: ['GET ', 'closed'] },
      })
      expect(seen).toMatchObject([{ method: 'GET', url: '/a?b=c', headers: { host: here(), 'x-asked': 'yes' } }])
    })

    it('takes a body, and gives a long one', async () => {
      await startHere()
      const body = 'y'.repeat(10_000)
      const posted = await act('fetch', { method: 'post', authority: here(), body })
      expect(posted).toMatchObject({ got: { status: 200, body: [`POST ${body}`, 'closed'] } })
      expect(seen[0]?.headers['content-length']).toBe('10000')
      const large = (await act('fetch', { authority: here(), path: '/large' })) as { got: { body: [string, string] } }
      expect(large.got.body[0].length).toBe(300_000)
    })

    it('is not followed to where it redirects', async () => {
      await startHere()
      expect(await act('fetch', { authority: here(), path: '/redirect' })).toMatchObject({
        got: { status: 302, headers: { location: '/elsewhere' } },
      })
      expect(seen.map((each) => each.url)).toEqual(['/redirect'])
    })

    it('that breaks off or keeps silent is an error', async () => {
      await startHere()
      expect(await act('fetch', { authority: here(), path: '/broken' })).toEqual({
        got: { error: { tag: 'connection-terminated' } },
      })
      expect(await act('fetch', { authority: here(), path: '/silent', waitMs: 200 })).toEqual({
        got: { error: { tag: 'connection-read-timeout' } },
      })
      expect(await act('fetch', { authority: here(), path: '/endless' })).toMatchObject({
        got: { body: ['beginning', 'last-operation-failed'] },
      })
    })

    it.each([
      ['another port', { authority: '127.0.0.1:1' }],
      ['another address', { authority: '127.0.0.2' }],
      ['another spelling of an address', { authority: '2130706433' }],
      ['a name', { authority: 'localhost' }],
      ['no port, which means 80', { authority: '127.0.0.1' }],
    ])('is not %s', async (_, what) => {
      await startHere()
      expect(await act('fetch', what)).toEqual({ err: { tag: 'HTTP-request-denied' } })
      expect(seen).toEqual([])
    })

    it('is not asked for what ends a connection or begins another one', async () => {
      await startHere()
      for (const header of ['Connection', 'Host', 'Upgrade', 'Transfer-Encoding']) {
        expect(await act('fetch', { authority: here(), headers: [[header, 'x']] })).toEqual({
          err: { tag: 'forbidden' },
        })
      }
      expect(await act('fetch', { authority: here(), headers: [['x', 'a\r\nhost: b']] })).toEqual({
        err: { tag: 'invalid-syntax' },
      })
      expect(await act('fetch', { method: 'connect', authority: here() })).toEqual({
        err: { tag: 'HTTP-request-method-invalid' },
      })
    })
  })
})

describe('The addresses of a granted name', () => {
  const resolve = (grants: Grants, addresses: readonly string[], port?: number) =>
    createNames(
      grants,
      () => undefined,
      () => Promise.resolve(addresses),
    ).resolve('api.example.com', port)
  const granted = grant({ host: 'api.example.com', port: 443 })

  it.each(['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0', 'fd00::1'])(
    'never are %s',
    async (address) => {
      expect(await resolve(granted, [address])).toEqual({ kind: 'prohibited' })
      expect(await resolve(granted, [address], 443)).toEqual({ kind: 'prohibited' })
      expect(await resolve(granted, [address, '8.8.8.8'], 443)).toEqual({ kind: 'addresses', addresses: ['8.8.8.8'] })
    },
  )

  it('are not looked up for a name or port that was not granted', async () => {
    let asked = 0
    const names = createNames(
      granted,
      () => undefined,
      () => {
        asked += 1
        return Promise.resolve(['8.8.8.8'])
      },
    )
    expect(await names.resolve('example.com')).toEqual({ kind: 'not-granted' })
    expect(await names.resolve('api.example.com', 80)).toEqual({ kind: 'not-granted' })
    expect(asked).toBe(0)
  })

  it('are remembered only where they may be connected to', async () => {
    const names = createNames(
      granted,
      () => undefined,
      () => Promise.resolve(['8.8.8.8', '127.0.0.1']),
    )
    await names.resolve('api.example.com')
    expect(names.namesOf('8.8.8.8')).toEqual(['api.example.com'])
    expect(names.namesOf('127.0.0.1')).toEqual([])
  })

  it('are none when nobody knows it', async () => {
    const names = createNames(
      granted,
      () => undefined,
      () => Promise.reject(new Error('ENOTFOUND')),
    )
    expect(await names.resolve('api.example.com')).toEqual({ kind: 'unknown' })
  })
})
