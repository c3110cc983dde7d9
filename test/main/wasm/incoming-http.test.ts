import { request as httpRequest } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type HttpServer, serveHttp } from '../../../main/actors/http-server.js'
import {
  gatherBody,
  handleHttp,
  type HttpBody,
  incomingHandlerOf,
  type HttpRequest,
  type HttpResponse,
} from '../../../main/wasm/http-handler.js'
import type { Instance, PreparedComponent } from '../../../main/wasm/types.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildGuest } from './wasi-guest.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const textOf = async (body: HttpBody): Promise<string> => text(await gatherBody(body, 1024 * 1024))

describe('A component that serves HTTP', () => {
  let runtime: TestRuntime
  let prepared: PreparedComponent
  let instance: Instance
  let server: HttpServer | undefined

  const handle = (asked: Partial<HttpRequest>): Promise<HttpResponse> =>
    handleHttp(instance.call, incomingHandlerOf(prepared.world) ?? '', {
      method: 'GET',
      scheme: 'http',
      authority: 'here',
      path: '/',
      headers: [],
      body: new Uint8Array(0),
      ...asked,
    })

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    prepared = await runtime.prepare(await buildGuest('web'))
  }, 400_000)
  afterAll(() => runtime.dispose())
  const start = async (): Promise<void> => {
    instance = await runtime.start(prepared.digest, {
      componentId: 'web',
      host: recordingHost(),
      limits: { callMs: 5_000 },
    })
  }
  afterEach(async () => {
    await server?.close()
    server = undefined
    await instance.stop()
  })

  describe('from memory', () => {
    it('is given the request and gives a response', async () => {
      await start()
      const response = await handle({
        method: 'PUT',
        scheme: 'https',
        authority: 'example.com',
        path: '/a?b=c',
        headers: [['X-Asked', bytes('yes')]],
        body: bytes('z'.repeat(2_500)),
      })
      expect(response.status).toBe(201)
      expect(JSON.parse(await textOf(response.body))).toEqual({
        served: 1,
        method: 'put',
        scheme: 'HTTPS',
        authority: 'example.com',
        path: '/a?b=c',
        asked: ['yes'],
        body: 'z'.repeat(2_500),
      })
      expect(response.headers.map(([name, value]) => [name, text(value)])).toContainEqual(['set-cookie', 'b=2'])
    })

    it('serves many requests, and one after an error', async () => {
      await start()
      const served = await Promise.all(Array.from({ length: 20 }, () => handle({})))
      const bodies = await Promise.all(served.map((each) => textOf(each.body)))
      expect(bodies.map((each) => (JSON.parse(each) as { served: number }).served)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      )
      for (const [path, words] of [
        ['/none', /no response/],
        ['/error', /on purpose/],
        ['/unfinished', /HTTP-response-incomplete/],
      ] as const) {
        const failure = await failureOf(handle({ path }))
        expect(failure.code).toBe('refused')
        expect(failure.message).toMatch(words)
      }
      expect((await handle({ path: '/empty' })).status).toBe(204)
    })

    it('is gone after a trap or a loop, with words', async () => {
      await start()
      expect((await failureOf(handle({ path: '/trap' }))).code).toBe('trapped')
      await start()
      expect((await failureOf(handle({ path: '/loop' }))).code).toBe('timed-out')
    })

    it.each([[[]], [[{}]], [[{ method: 'GET' }]], [['GET', '/']]])('is not given %j', async (args) => {
      await start()
      const name = incomingHandlerOf(prepared.world) ?? ''
      expect((await failureOf(instance.call(name, 'handle', args))).code).toBe('invalid')
      expect((await handle({})).status).toBe(201)
    })
  })

  describe('on a loopback port', () => {
    const open = async (): Promise<void> => {
      await start()
      server = await serveHttp({ port: 0, handle })
    }
    interface Answer {
      readonly status: number | undefined
      readonly headers: Readonly<Record<string, string | string[] | undefined>>
      readonly body: string
    }
    function ask(options: { method?: string; path?: string; headers?: object; body?: Uint8Array }): Promise<Answer> {
      return new Promise((resolve, reject) => {
        const { body, headers, ...rest } = options
        const request = httpRequest(
          { host: '127.0.0.1', port: server?.port, agent: false, headers: { ...headers }, ...rest },
          (response) => {
            let got = ''
            response.on('data', (chunk) => (got += String(chunk)))
            response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: got }))
            response.on('error', reject)
          },
        )
        request.on('error', reject)
        request.end(body)
      })
    }

    it('answers', async () => {
      await open()
      const answer = await ask({ method: 'POST', path: '/x', headers: { 'X-Asked': 'yes' }, body: bytes('hello') })
      expect(answer).toMatchObject({
        status: 201,
        headers: { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] },
      })
      expect(JSON.parse(answer.body)).toMatchObject({ method: 'post', scheme: 'HTTP', asked: ['yes'], body: 'hello' })
      expect(await ask({ path: '/empty' })).toMatchObject({ status: 204, body: '' })
      expect(await ask({ method: 'HEAD' })).toMatchObject({ status: 201, body: '' })
    })

    it('says that the component failed', async () => {
      await open()
      expect(await ask({ path: '/error' })).toMatchObject({ status: 502, body: expect.stringMatching(/on purpose/) })
      expect(await ask({ path: '/loop' })).toMatchObject({ status: 504 })
    })

    it('refuses a body that is too large, and a name that is not of this machine', async () => {
      await open()
      const large = await ask({ method: 'POST', headers: { 'content-length': 2 ** 31 } }).catch(() => undefined)
      // The connection may be closed before all of it was sent.
      expect(large?.status ?? 413).toBe(413)
      expect(await ask({ headers: { host: 'evil.example' } })).toMatchObject({ status: 421 })
      expect(await ask({ headers: { host: 'localhost:1' } })).toMatchObject({ status: 201 })
    })

    it('fails in words when the port is taken', async () => {
      await open()
      const failure = await failureOf(serveHttp({ port: server?.port ?? 0, handle }))
      expect(failure.code).toBe('conflict')
    })

    it('is closed at once, also with a request under way', async () => {
      await open()
      const pending = ask({ path: '/loop' }).then(
        () => 'answered',
        () => 'cut off',
      )
      await server?.close()
      expect(await pending).toBe('cut off')
      await expect(ask({})).rejects.toThrow()
    })
  })
})
