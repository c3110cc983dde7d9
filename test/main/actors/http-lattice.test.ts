// Bodies of HTTP that flow over the lattice: a component on one node, whoever asks it on another or at a port there, a real
// nats-server between them.

import { once } from 'node:events'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callWireHttp } from '../../../main/actors/http-calls.js'
import { type HttpServer, serveHttp } from '../../../main/actors/http-server.js'
import type { LatticeNode } from '../../../main/lattice-node.js'
import {
  gatherBody,
  type HttpBody,
  type HttpRequest,
  type HttpResponse,
  type HttpStream,
} from '../../../main/wasm/http-handler.js'
import { openTestLattice, type TestLattice } from '../../support/test-lattice.js'
import { failureOf } from '../wasm/open-test-runtime.js'
import { buildGuest } from '../wasm/wasi-guest.js'

const mebibyte = 1024 * 1024
const long = 64 * mebibyte
/** Most of a body that may be inside: both windows of the bus, those of the node and its pool process, what each border holds. */
const mostInside = 3 * mebibyte
const soon = { timeout: 30_000 }

let lattice: TestLattice
let far: LatticeNode

beforeAll(async () => {
  lattice = await openTestLattice()
  far = await lattice.addNode('far')
  await lattice.start(far, 'flow', await buildGuest('flow'))
}, 400_000)
afterAll(() => lattice.close(), 60_000)

async function ask(request: HttpRequest): Promise<HttpResponse> {
  const outcome = await callWireHttp(lattice.rpc, 'default.flow', request, { timeoutMs: 60_000 })
  if ('err' in outcome) throw new Error(JSON.stringify(outcome.err))
  return outcome.ok
}

const post = (path: string, body: HttpBody = new Uint8Array(0)): Promise<HttpResponse> =>
  ask({ method: 'POST', scheme: 'http', authority: 'here', path, headers: [], body })

const flowing = (body: HttpBody): HttpStream => {
  if (body instanceof Uint8Array) throw new Error('it did not flow')
  return body
}

const said = async (response: HttpResponse): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await gatherBody(response.body, mebibyte)))

/** Counts what was taken from it, and whether it was left. Every kilobyte says where it is. */
function source(bytes: number, trailers: HttpStream['trailers'] = []) {
  const state = { taken: 0, isLeft: false }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      while (state.taken < bytes) {
        const at = state.taken
        const piece = new Uint8Array(Math.min(64 * 1024, bytes - at))
        for (let offset = 0; offset < piece.length; offset += 1024) piece.set([(at + offset) >> 18], offset)
        state.taken += piece.length
        await Promise.resolve()
        yield piece
      }
    } finally {
      state.isLeft = true
    }
  }
  return { state, body: { [Symbol.asyncIterator]: pieces, trailers } satisfies HttpStream }
}

/** Is this what is at this place of such a body? */
const isPiece = (bytes: Uint8Array, at: number): boolean => {
  for (let offset = (1024 - (at % 1024)) % 1024; offset < bytes.length; offset += 1024) {
    if (bytes[offset] !== (at + offset) >> 18) return false
  }
  return true
}

describe('A body to and from a component of another node', () => {
  it('[W44, W45] goes in and out with no more than some windows of it inside, with its trailers', async () => {
    const { state, body } = source(long, [['x-sum', new TextEncoder().encode('42')]])
    const answer = flowing((await post('/echo', body)).body)
    let got = 0
    let most = 0
    for await (const piece of answer) {
      expect(isPiece(piece, got)).toBe(true)
      got += piece.length
      most = Math.max(most, state.taken - got)
    }
    expect(got).toBe(long)
    expect(most).toBeLessThan(mostInside)
    expect(answer.trailers.map(([name, value]) => [name, new TextDecoder().decode(value)])).toEqual([['x-sum', '42']])
  }, 240_000)

  it('is read to its end before a short answer, which is there as bytes', async () => {
    expect(await said(await post('/count', source(3 * mebibyte).body))).toEqual([3 * mebibyte, 'closed'])
    const short = await post('/count', new Uint8Array(10))
    expect(await said(short)).toEqual([10, 'closed'])
  })

  it('[W46] that the component does not read is left', async () => {
    const { state, body } = source(long)
    expect(await said(await post('/first', body))).toBe(10)
    await expect.poll(() => state.isLeft, soon).toBe(true)
    expect(state.taken).toBeLessThan(mostInside)
  })

  it('[W46] that breaks off is told to the component', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(100_000))
      throw new Error('on purpose')
    }
    const answer = await post('/count', { [Symbol.asyncIterator]: pieces, trailers: [] })
    expect(await said(answer)).toEqual([100_000, 'last-operation-failed'])
  })

  it('[W46] stops the component when whoever reads it goes, and the next one is served', async () => {
    for await (const piece of flowing((await post('/endless')).body)) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    expect(await said(await post('/last'))).toBe('closed')
  })

  it.each(['half', 'trap', 'short'])(
    '[W46] that the component leaves unfinished (%s) is never taken for whole',
    async (path) => {
      const failure = await failureOf(post(`/${path}`).then(async ({ body }) => await gatherBody(body, mebibyte)))
      expect(failure.message).toMatch(/did not finish|on purpose|unreachable/)
    },
  )

  it('ends with the node that makes it', async () => {
    const going = await lattice.addNode('going')
    await lattice.start(going, 'brief', await buildGuest('flow'))
    const outcome = await callWireHttp(
      lattice.rpc,
      'default.brief',
      { method: 'POST', scheme: 'http', authority: 'here', path: '/endless', headers: [], body: new Uint8Array(0) },
      { timeoutMs: 60_000 },
    )
    if (!('ok' in outcome)) throw new Error('it has no answer')
    const reader = flowing(outcome.ok.body)[Symbol.asyncIterator]()
    await reader.next()
    const rest = async (): Promise<void> => {
      while ((await reader.next()).done !== true);
    }
    const ended = failureOf(rest())
    await going.close()
    expect(['cancelled', 'trapped']).toContain((await ended).code)
  }, 60_000)
})

describe('A port of a node whose component is on another', () => {
  let server: HttpServer
  beforeAll(async () => {
    server = await serveHttp({ port: 0, handle: ask })
  })
  afterAll(() => server.close())

  it('passes a long body in and out', async () => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, agent: false, method: 'POST', path: '/echo' })
    const bytes = 16 * mebibyte
    const sending = (async () => {
      for await (const piece of source(bytes).body) {
        await new Promise((resolve) => request.write(piece, resolve))
      }
      request.end()
    })()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    let got = 0
    for await (const piece of response) {
      expect(isPiece(piece as Buffer, got)).toBe(true)
      got += (piece as Buffer).length
    }
    await sending
    expect(got).toBe(bytes)
  }, 120_000)

  it('[W46] stops the component when its client goes', async () => {
    const request = httpRequest({
      host: '127.0.0.1',
      port: server.port,
      agent: false,
      method: 'POST',
      path: '/endless',
    })
    request.on('error', () => undefined)
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.on('error', () => undefined)
    await once(response, 'data')
    response.destroy()
    expect(await said(await post('/last'))).toBe('closed')
  })
})
