import { createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Pace } from '../../../main/actors/http-pace.js'
import { type HttpServer, serveHttp } from '../../../main/actors/http-server.js'
import { decodeGrants } from '../../../main/wasm/grants.js'
import {
  gatherBody,
  handleHttp,
  type HttpBody,
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
  incomingHandlerOf,
} from '../../../main/wasm/http-handler.js'
import type { Instance, PreparedComponent } from '../../../main/wasm/types.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildGuest } from './wasi-guest.js'

const mebibyte = 1024 * 1024
const long = 64 * mebibyte
/** Most of a body that may be on its way inside: windows on both sides of the component, and what each border holds. */
const mostInside = 2 * mebibyte

/** As the guest makes it (flow.js): every kilobyte says where it is. */
const isPiece = (bytes: Uint8Array, at: number): boolean => {
  for (let offset = (1024 - (at % 1024)) % 1024; offset + 2 < bytes.length; offset += 1024) {
    const where = at + offset
    if (bytes[offset] !== ((where >> 24) & 255) || bytes[offset + 2] !== ((where >> 8) & 255)) return false
  }
  return true
}

function pieceAt(at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let offset = 0; offset < length; offset += 1024) {
    bytes.set([(at + offset) >> 24, (at + offset) >> 16, (at + offset) >> 8], offset)
  }
  return bytes
}

describe('A long body', () => {
  let runtime: TestRuntime
  let prepared: PreparedComponent
  let instance: Instance
  let server: HttpServer | undefined

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    prepared = await runtime.prepare(await buildGuest('flow'))
  }, 400_000)
  afterAll(() => runtime.dispose())
  const start = async (hosts: readonly object[] = [], callMs = 60_000): Promise<void> => {
    const grants = decodeGrants({ hosts })
    if (!grants.ok) throw new Error(grants.why)
    const limits = { callMs }
    instance = await runtime.start(prepared.digest, {
      componentId: 'flow',
      host: recordingHost(),
      grants: grants.value,
      limits,
    })
  }
  afterEach(async () => {
    await server?.close()
    server = undefined
    await instance.stop()
  })

  describe('of a request that is served', () => {
    const handle = (path: string, body: HttpBody = new Uint8Array(0)): Promise<HttpResponse> => {
      const request: HttpRequest = { method: 'POST', scheme: 'http', authority: 'here', path, headers: [], body }
      return handleHttp(instance.call, incomingHandlerOf(prepared.world) ?? '', request)
    }
    const flowing = (body: HttpBody): HttpStream => {
      if (body instanceof Uint8Array) throw new Error('it did not flow')
      return body
    }
    const said = async (response: HttpResponse): Promise<unknown> =>
      JSON.parse(new TextDecoder().decode(await gatherBody(response.body, mebibyte)))
    /** Counts what was taken from it, and whether it was left. */
    function source(bytes: number, more: Partial<HttpStream> = {}) {
      const state = { taken: 0, isLeft: false }
      async function* pieces(): AsyncGenerator<Uint8Array> {
        try {
          for (; state.taken < bytes; state.taken += 60_000) {
            await Promise.resolve()
            yield pieceAt(state.taken - (state.taken % 1024), Math.min(60_000, bytes - state.taken))
          }
        } finally {
          state.isLeft = true
        }
      }
      return { state, body: { [Symbol.asyncIterator]: pieces, trailers: [], ...more } satisfies HttpStream }
    }

    it('goes in and out with no more than some windows of it inside', async () => {
      await start()
      const { state, body } = source(long)
      const response = await handle('/echo', body)
      let got = 0
      let most = 0
      for await (const piece of flowing(response.body)) {
        got += piece.length
        most = Math.max(most, state.taken - got)
      }
      expect(got).toBe(long)
      expect(most).toBeLessThan(mostInside)
      expect(instance.memoryBytes).toBeLessThan(16 * mebibyte)
    })

    it('is read to its end before a short answer', async () => {
      await start()
      expect(await said(await handle('/count', source(3 * mebibyte).body))).toEqual([3 * mebibyte, 'closed'])
    })

    it('has trailers, both ways', async () => {
      await start()
      const trailers: HttpStream['trailers'] = [['x-sum', new TextEncoder().encode('42')]]
      const answer = flowing((await handle('/echo', source(mebibyte, { trailers }).body)).body)
      for await (const piece of answer) expect(piece.length).toBeGreaterThan(0)
      expect(answer.trailers.map(([name, value]) => [name, new TextDecoder().decode(value)])).toEqual([['x-sum', '42']])
    })

    it('that the component does not read is left', async () => {
      await start()
      const { state, body } = source(long)
      expect(await said(await handle('/first', body))).toBe(10)
      await expect.poll(() => state.isLeft, { timeout: 20_000 }).toBe(true)
      expect(state.taken).toBeLessThan(mostInside)
    })

    it('that breaks off is told to the component', async () => {
      await start()
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(new Uint8Array(100_000))
        throw new Error('on purpose')
      }
      const body = { [Symbol.asyncIterator]: pieces, trailers: [] }
      expect(await said(await handle('/count', body))).toEqual([100_000, 'last-operation-failed'])
    })

    it('stops the component when whoever reads it goes', async () => {
      await start()
      for await (const piece of flowing((await handle('/endless')).body)) {
        expect(isPiece(piece, 0)).toBe(true)
        break
      }
      expect(await said(await handle('/last'))).toBe('closed')
    })

    it.each([
      ['half', /did not finish/],
      ['trap', /on purpose|unreachable|did not finish/],
      ['short', /did not finish/],
    ])('that the component leaves unfinished (%s) is never taken for whole', async (path, words) => {
      await start()
      const response = await handle(`/${path}`)
      expect(response.status).toBe(200)
      expect((await failureOf(gatherBody(response.body, mebibyte))).message).toMatch(words)
    })

    it('may go on for longer than a call, as long as it goes on, and not when it stands still', async () => {
      await start([], 3_000)
      const startedAt = Date.now()
      const answer = flowing((await handle('/endless')).body)
      let isLate = false
      for await (const piece of answer) {
        if (piece.length > 0) await new Promise((resolve) => setTimeout(resolve, 300))
        isLate = Date.now() - startedAt > 8_000
        if (isLate) break
      }
      expect(isLate).toBe(true)
      expect(await said(await handle('/last'))).toBe('closed')
      const stands = flowing((await handle('/endless')).body)[Symbol.asyncIterator]()
      await stands.next()
      await new Promise<void>((resolve) => void instance.onGone(() => resolve()))
      const rest = async (): Promise<void> => {
        while ((await stands.next()).done !== true);
      }
      expect((await failureOf(rest())).message).toMatch(/took longer than 3000 ms/)
    })
  })

  const open = async (pace?: Partial<Pace>): Promise<void> => {
    await start()
    const handler = incomingHandlerOf(prepared.world) ?? ''
    server = await serveHttp({ port: 0, pace, handle: (request) => handleHttp(instance.call, handler, request) })
  }
  const ask = (path: string, headers: Record<string, string> = {}) =>
    httpRequest({ host: '127.0.0.1', port: server?.port, agent: false, method: 'POST', path, headers })
  const answerTo = async (request: ReturnType<typeof ask>): Promise<IncomingMessage> => {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return response
  }
  const read = async (response: IncomingMessage): Promise<{ count: number; isWhole: boolean; text: string }> => {
    let count = 0
    let isWhole = true
    let text = ''
    try {
      for await (const piece of response) {
        const bytes = piece as Buffer
        isWhole &&= isPiece(bytes, count)
        count += bytes.length
        if (text.length < 100) text += bytes.toString('utf8', 0, 100)
      }
    } catch {
      return { count, isWhole: false, text }
    }
    return { count, isWhole, text }
  }
  async function upload(request: ReturnType<typeof ask>, bytes: number): Promise<void> {
    for (let at = 0; at < bytes && !request.destroyed; at += 65_536) {
      await new Promise((resolve) => request.write(pieceAt(at, 65_536), resolve))
    }
  }

  describe('at a loopback port', () => {
    it('goes in and out, with trailers', async () => {
      await open()
      const request = ask('/echo', { trailer: 'x-sum' })
      const sending = upload(request, long).then(() => {
        request.addTrailers({ 'x-sum': '42' })
        request.end()
      })
      const response = await answerTo(request)
      expect(await read(response)).toMatchObject({ count: long, isWhole: true })
      await sending
      expect(response.trailers).toEqual({ 'x-sum': '42' })
    })

    it('has the length that the component says', async () => {
      await open()
      const response = await answerTo(ask('/exact').end())
      expect(response.headers['content-length']).toBe('200000')
      expect(await read(response)).toMatchObject({ count: 200_000, isWhole: true })
    })

    it('begins to arrive before it has ended: one side waits for the other', async () => {
      await open()
      const request = ask('/echo', { 'transfer-encoding': 'chunked' })
      request.write('one')
      const response = await answerTo(request)
      expect(String((await once(response, 'data'))[0])).toBe('one')
      request.end('two')
      expect(String((await once(response, 'data'))[0])).toBe('two')
    })

    it('stops the component when the client goes, and the next one is served', async () => {
      await open()
      const request = ask('/endless').end()
      request.on('error', () => undefined)
      const response = await answerTo(request)
      await once(response, 'data')
      response.destroy()
      expect(await read(await answerTo(ask('/last').end()))).toMatchObject({ text: '"closed"' })
    })

    it('of a client that keeps silent is given up', async () => {
      await open({ stallMs: 300 })
      const request = ask('/count', { 'content-length': String(long) })
      request.on('error', () => undefined)
      request.write(new Uint8Array(100_000))
      expect((await read(await answerTo(request))).text).toBe('[100000,"last-operation-failed"]')
    })

    it('to a client that takes nothing is given up', async () => {
      await open({ stallMs: 300 })
      const request = ask('/endless').end()
      request.on('error', () => undefined)
      const response = await answerTo(request)
      response.pause()
      expect(await read(await answerTo(ask('/last').end()))).toMatchObject({ text: '"closed"' })
      request.destroy()
    })
  })

  describe('at a loopback port, of a client that sends or takes a little now and then', () => {
    // It is never silent for long enough to be given up for that.
    const pace = { stallMs: 600_000, graceMs: 500, bytesPerS: 1_024 }

    it('is given up while it sends, and those who wait for the instance are served', async () => {
      await open({ ...pace })
      const request = ask('/echo', { 'transfer-encoding': 'chunked' })
      request.on('error', () => undefined)
      const trickle = setInterval(() => request.write('x'), 20)
      const slow = await answerTo(request)
      slow.on('error', () => undefined)
      // It has the instance now.
      await once(slow, 'data')
      const isCut = new Promise((resolve) => slow.once('close', resolve))
      const other = await answerTo(ask('/last').end()).then(read)
      await isCut
      clearInterval(trickle)
      request.destroy()
      expect(slow.complete).toBe(false)
      expect(other.text).toBe('"nothing yet"')
    })

    it('is told so when the component was not asked yet', async () => {
      await open({ ...pace })
      const request = ask('/count', { 'content-length': '60000' })
      request.on('error', () => undefined)
      const trickle = setInterval(() => request.write('x'), 20)
      const response = await answerTo(request).finally(() => clearInterval(trickle))
      expect([response.statusCode, (await read(response)).text]).toEqual([
        408,
        'the client sent fewer than 1024 bytes a second\n',
      ])
      request.destroy()
    })

    it('is given up while it takes, and the component is stopped', async () => {
      // A reader of a few bytes at a time frees the sender's buffers by large pieces: what it took is much, and still too little.
      await open({ ...pace, bytesPerS: 1024 * mebibyte })
      const request = ask('/endless').end()
      request.on('error', () => undefined)
      const response = await answerTo(request)
      response.on('error', () => undefined)
      response.pause()
      const sips = setInterval(() => response.read(1_000), 20)
      const last = await answerTo(ask('/last').end())
        .then(read)
        .finally(() => clearInterval(sips))
      expect(last.text).toBe('"closed"')
      request.destroy()
    })

    it('is served as long as it keeps the pace', async () => {
      await open({ ...pace, bytesPerS: 1 })
      const request = ask('/count', { 'transfer-encoding': 'chunked' })
      // So much at once is worth a long wait; what follows takes longer than everybody is given.
      request.write('x'.repeat(1_000))
      for (let count = 0; count < 100; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        request.write('x')
      }
      request.end()
      expect((await read(await answerTo(request))).text).toBe('[1100,"closed"]')
    })
  })

  describe('of a request that it makes', () => {
    let port: number
    let hear: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
    const web: Server = createServer((request, response) => {
      request.on('error', () => undefined)
      response.on('error', () => undefined)
      hear?.(request, response)
    })
    const act = async (name: string, what: object): Promise<unknown> => {
      const asked = JSON.stringify([name, { authority: `127.0.0.1:${port}`, ...what }])
      return (JSON.parse(String(await instance.call('', 'act', [asked], { timeoutMs: 60_000 }))) as { got: unknown })
        .got
    }
    beforeAll(async () => {
      web.listen(0, '127.0.0.1')
      await once(web, 'listening')
      port = (web.address() as AddressInfo).port
    })
    afterEach(() => {
      hear = undefined
      web.closeAllConnections()
    })
    afterAll(() => {
      web.close()
    })

    it('goes out in pieces, with trailers, and what it is answered comes in', async () => {
      await start([{ host: '127.0.0.1', port }])
      const heard: unknown[] = []
      hear = (request, response) => {
        let count = 0
        let isWhole = true
        request.on('data', (piece: Buffer) => {
          isWhole &&= isPiece(piece, count)
          count += piece.length
        })
        request.on('end', () => {
          heard.push(count, isWhole, request.headers['transfer-encoding'], request.trailers)
          response.end('thanks')
        })
      }
      expect(await act('upload', { bytes: long, trailers: [['x-sum', '42']] })).toMatchObject({
        sent: long,
        answer: { status: 200, text: 'thanks', how: 'closed' },
      })
      expect(heard).toEqual([long, true, 'chunked', { 'x-sum': '42' }])
      expect(instance.memoryBytes).toBeLessThan(16 * mebibyte)
    })

    it('comes in as it is read, with trailers', async () => {
      await start([{ host: '127.0.0.1', port }])
      hear = (_request, response) => {
        response.writeHead(200, { trailer: 'x-sum' })
        void (async () => {
          for (let at = 0; at < long; at += mebibyte) {
            if (!response.write(Buffer.alloc(mebibyte, at >> 20))) await once(response, 'drain')
          }
          response.addTrailers({ 'x-sum': '42' })
          response.end()
        })()
      }
      expect(await act('download', {})).toMatchObject({ count: long, how: 'closed', trailers: [['x-sum', '42']] })
      expect(instance.memoryBytes).toBeLessThan(16 * mebibyte)
    })

    it('that is short goes with its head, as one message', async () => {
      await start([{ host: '127.0.0.1', port }])
      let length: string | undefined
      hear = (request, response) => {
        length = request.headers['content-length']
        request.resume().on('end', () => response.end('thanks'))
      }
      expect(await act('upload', { bytes: 1_024 })).toMatchObject({ answer: { text: 'thanks' } })
      expect(length).toBe('1024')
    })

    it('is a conversation: what was said goes when the component waits', async () => {
      await start([{ host: '127.0.0.1', port }])
      hear = (request, response) => {
        request.on('data', (piece: Buffer) => response.write(piece.toString('utf8').toUpperCase()))
        request.on('end', () => response.end())
      }
      expect(await act('converse', {})).toEqual(['ONE', 'TWO', 'closed'])
    })

    it('has the length that it says, and no other', async () => {
      await start([{ host: '127.0.0.1', port }])
      let length: string | undefined
      hear = (request, response) => {
        length = request.headers['content-length']
        request.resume().on('end', () => response.end())
      }
      const headers = [['content-length', '200000']]
      expect(await act('upload', { bytes: 200_000, headers })).toMatchObject({ answer: { status: 200 } })
      expect(length).toBe('200000')
      expect(await act('upload', { bytes: 199_999, headers })).toMatchObject({ failed: 'internal-error' })
      expect(await act('upload', { bytes: 300_000, headers })).toMatchObject({ failed: 'last-operation-failed' })
    })

    it('goes with headers whatever they are called', async () => {
      await start([{ host: '127.0.0.1', port }])
      let raw: readonly string[] = []
      hear = (request, response) => {
        raw = request.rawHeaders
        request.resume().on('end', () => response.end())
      }
      const headers = ['constructor', '__proto__', 'hasOwnProperty'].map((name) => [name, `of ${name}`])
      expect(await act('upload', { bytes: 16, headers })).toMatchObject({ answer: { status: 200 } })
      expect(raw.filter((each) => each.startsWith('of '))).toEqual(headers.map(([, value]) => value))
    })

    it('to a server that takes nothing is given up, with little of it sent', async () => {
      await start([{ host: '127.0.0.1', port }])
      hear = (request) => void request.pause()
      const { sent, failed, answer } = (await act('upload', { bytes: long, silenceMs: 500 })) as Record<string, unknown>
      expect(failed).toBe('closed')
      // The system's own buffers between the two.
      expect(sent).toBeLessThan(long / 2)
      expect(answer).toEqual({ error: { tag: 'connection-write-timeout' } })
    })

    it('of a server that falls silent is given up', async () => {
      await start([{ host: '127.0.0.1', port }])
      hear = (_request, response) => void response.writeHead(200).write(Buffer.alloc(100_000))
      expect(await act('download', { silenceMs: 500 })).toMatchObject({ count: 100_000, how: 'last-operation-failed' })
    })

    it('is cut when the component lets go of it', async () => {
      await start([{ host: '127.0.0.1', port }])
      const cut = new Promise<string>((resolve) => {
        hear = (_request, response) => {
          response.on('close', () => resolve('cut'))
          const more = (): void => {
            while (!response.destroyed && response.write(Buffer.alloc(65_536)));
            if (!response.destroyed) response.once('drain', more)
          }
          more()
        }
      })
      expect(await act('taste', {})).toBe(1_000)
      expect(await cut).toBe('cut')
    })

    it('that the component does not finish never looks whole to the server', async () => {
      await start([{ host: '127.0.0.1', port }])
      const ended = new Promise<string>((resolve) => {
        hear = (request) => {
          request.resume()
          request.on('end', () => resolve('whole'))
          request.on('close', () => resolve('cut'))
        }
      })
      expect(await act('abandon', {})).toHaveProperty('error')
      expect(await ended).toBe('cut')
    })
  })
})
