// What a guest holds of its host when it is copied, kind by kind: made again by another runtime in another process, or refused by
// its name. `docs/snapshots.md` is the table of it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { type AddressInfo, createServer, type Server as TcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeGrants, type Grants } from '../../../main/wasm/grants.js'
import type { Instance, SnapshotOptions } from '../../../main/wasm/types.js'
import { failureOf, openTestRuntime, type RecordingHost, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildServices, handsInterface } from './services.js'
import { buildGuest } from './wasi-guest.js'

const grants = (value: object): Grants => {
  const decoded = decodeGrants(value)
  if (!decoded.ok) throw new Error(decoded.why)
  return decoded.value
}
const portOf = (server: Server | TcpServer): number => (server.address() as AddressInfo).port
const listen = (server: Server | TcpServer): Promise<void> =>
  new Promise((resolve) => void server.listen(0, '127.0.0.1', resolve))

let here: TestRuntime
let there: TestRuntime
let digest: string
let folder: string
let folderThere: string
let port: number
let web: string
let isSlow: () => void = () => undefined
const connections = new Set<Socket>()
const accept = (socket: Socket): void => {
  connections.add(socket)
  socket.on('error', () => socket.destroy())
}
const echo = createServer(accept)
const pages = createHttpServer((request, response) => {
  // What is asked for while a copy is taken has not answered by then.
  if (request.url === '/' && isWaiting) isSlow = () => response.end('late')
  else response.writeHead(200, { 'x-answer': 'yes' }).end('page')
})
let isWaiting = false

const act = async (instance: Instance, ...what: readonly unknown[]): Promise<unknown> =>
  JSON.parse(String(await instance.call('', 'act', [JSON.stringify(what)], { timeoutMs: 60_000 })))
const start = (runtime: TestRuntime, given: Grants, host = recordingHost()): Promise<Instance> =>
  runtime.start(digest, { componentId: 'keeper', host, grants: given })
const hosts = (): Grants =>
  grants({
    hosts: [
      { host: '127.0.0.1', port, private: true },
      { host: 'localhost', port, private: true },
      { host: '127.0.0.1', port: Number(web.split(':')[1]), private: true },
    ],
  })
const directories = (host: string, access: 'read' | 'read-write' = 'read-write', more: object = {}): Grants =>
  grants({ directories: [{ host, guest: '/data', access }], ...more })

/** A guest after these calls, copied, and going on in the other process. */
async function carry(
  before: readonly (readonly unknown[])[],
  given: Grants,
  givenThere: Grants = given,
  options: SnapshotOptions = {},
): Promise<Instance> {
  const a = await start(here, given)
  for (const what of before) expect(await act(a, ...what)).toHaveProperty('got')
  const image = await a.snapshot({ isWhole: true, ...options })
  await a.stop()
  const b = await start(there, givenThere)
  await b.restore(image)
  return b
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tlos-held-'))
  folderThere = join(folder, 'there')
  folder = join(folder, 'here')
  for (const each of [folder, folderThere]) {
    mkdirSync(join(each, 'sub'), { recursive: true })
    writeFileSync(join(each, 'hello'), `hello, ${each === folder ? 'here' : 'there'}`)
    writeFileSync(join(each, 'sub/deep'), 'deep')
  }
  await Promise.all([listen(echo), listen(pages)])
  port = portOf(echo)
  web = `127.0.0.1:${portOf(pages)}`
  here = await openTestRuntime({ withPrepared: false })
  there = await openTestRuntime({ withPrepared: false })
  const bytes = await buildGuest('keeper')
  ;({ digest } = await here.prepare(bytes))
  await there.prepare(bytes)
}, 400_000)

afterAll(async () => {
  isSlow()
  for (const socket of connections) socket.destroy()
  echo.close()
  pages.close()
  pages.closeAllConnections()
  await Promise.all([here.dispose(), there.dispose()])
  rmSync(join(folder, '..'), { recursive: true, force: true })
}, 60_000)

const got = (value: unknown) => ({ got: value })

describe.skipIf(process.platform !== 'linux')(
  'A guest that is copied has again elsewhere',
  { timeout: 120_000 },
  () => {
    it('a granted directory, which is that of the node where it goes on', async () => {
      const b = await carry([['directory']], directories(folder), directories(folderThere))
      expect(await act(b, 'below', 'hello')).toEqual(got('hello, there'))
      await b.stop()
    })

    it('a directory below it, with its rights', async () => {
      const b = await carry([['subdirectory', 'sub']], directories(folder), directories(folderThere))
      expect(await act(b, 'below', 'deep')).toEqual(got('deep'))
      await b.stop()
    })

    it('an open file, with its rights and no others, not emptied and not made anew', async () => {
      writeFileSync(join(folder, 'note'), 'abc')
      const b = await carry(
        [
          ['file', 'note', { read: true, write: true }, 0, { create: true, truncate: true }],
          ['write', 'abcdef', 0],
        ],
        directories(folder),
      )
      expect(await act(b, 'read', 0)).toEqual(got('abcdef'))
      expect(await act(b, 'write', 'X', 1)).toEqual(got(1))
      expect(readFileSync(join(folder, 'note'), 'utf8')).toBe('aXcdef')
      await b.stop()
      const c = await carry([['file', 'hello', { read: true }]], directories(folder))
      expect(await act(c, 'flags')).toMatchObject(got({ read: true, write: false }))
      expect(await act(c, 'write', 'X', 0)).toEqual({ err: 'bad-descriptor' })
      await c.stop()
    })

    it('streams of files, where they were', async () => {
      writeFileSync(join(folder, 'long'), '0123456789')
      writeFileSync(join(folder, 'log'), 'one\n')
      const reader = await carry(
        [
          ['reader', 'long', 2],
          ['piece', 3],
        ],
        directories(folder),
      )
      expect(await act(reader, 'piece', 3)).toEqual(got('567'))
      await reader.stop()
      const writer = await carry(
        [
          ['writer', 'long', 1],
          ['put', 'ab'],
        ],
        directories(folder),
      )
      expect(await act(writer, 'put', 'cd')).toEqual(got(true))
      expect(readFileSync(join(folder, 'long'), 'utf8')).toBe('0abcd56789')
      await writer.stop()
      const appender = await carry(
        [
          ['appender', 'log'],
          ['put', 'two\n'],
        ],
        directories(folder),
      )
      writeFileSync(join(folder, 'log'), 'one\ntwo\nother\n')
      expect(await act(appender, 'put', 'three\n')).toEqual(got(true))
      expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('one\ntwo\nother\nthree\n')
      await appender.stop()
    })

    it('nothing that is not granted there, or is not there: it does not go on, and says what', async () => {
      const refused = async (before: readonly (readonly unknown[])[], givenThere: Grants): Promise<string> => {
        const failure = await failureOf(carry(before, directories(folder), givenThere))
        expect(failure.code).toBe('refused')
        return failure.message
      }
      const file = [['file', 'hello', { read: true }]]
      expect(await refused(file, grants({}))).toContain(
        'it has /data/hello open, which cannot be opened here: the directory /data is not granted',
      )
      expect(await refused([['directory']], grants({}))).toContain('it has /data open, which cannot be opened here')
      writeFileSync(join(folder, 'only-here'), 'x')
      expect(await refused([['file', 'only-here', { read: true }]], directories(folderThere))).toContain(
        'it has /data/only-here open, which cannot be opened here: no-entry',
      )
      expect(await refused([['file', 'hello', { write: true }]], directories(folderThere, 'read'))).toContain(
        'read-only',
      )
      expect(await refused([['appender', 'hello']], directories(folderThere, 'read'))).toContain('read-only')
    })

    it('standard streams, with what is left of the input', async () => {
      const given = grants({ stdin: 'abcdef' })
      const host = recordingHost()
      const a = await start(here, given)
      await act(a, 'streams')
      expect(await act(a, 'say', 'here')).toEqual(got('abc'))
      const image = await a.snapshot({ isWhole: true })
      await a.stop()
      const b = await start(there, given, host)
      await b.restore(image)
      expect(await act(b, 'say', 'there')).toEqual(got('def'))
      await expect
        .poll(() => host.lines.map(({ level, text }) => `${level} ${text}`))
        .toEqual(['info there', 'error there!'])
      await b.stop()
    })

    it('a timer, a wait for what is ready, and the name of the network', async () => {
      const b = await carry([['timer', 3_600_000], ['ready'], ['network']], hosts())
      expect(await act(b, 'due')).toEqual(got(false))
      expect(await act(b, 'isReady')).toEqual(got(true))
      expect(await act(b, 'resolve')).toEqual(got(true))
      await b.stop()
      const due = await carry([['timer', 1]], hosts())
      await expect.poll(() => act(due, 'due')).toEqual(got(true))
      await due.stop()
    })

    it('headers, which it can change if it could before', async () => {
      const b = await carry([['fields', 'x-mine', 'ä']], hosts())
      expect(await act(b, 'headers')).toEqual(got([['x-mine', 'ä']]))
      expect(await act(b, 'append', 'x-more', '1')).toEqual(got(true))
      await b.stop()
      const received = await carry([['received', web]], hosts())
      expect(await act(received, 'headers')).toEqual(got(expect.arrayContaining([['x-answer', 'yes']])))
      expect(await act(received, 'append', 'x-more', '1')).toEqual({ err: { tag: 'immutable' } })
      await received.stop()
    })
  },
)

describe('A guest stays where it is, with the name of it, while it holds', { timeout: 120_000 }, () => {
  it.each([
    ['socket', (): unknown => port, 'a TCP socket'],
    ['input', (): unknown => port, 'a stream of a connection'],
    ['output', (): unknown => port, 'a stream of a connection'],
    ['wait', (): unknown => port, 'a wait for a connection'],
    ['resolve', (): unknown => 0, 'the look-up of a name'],
    ['request', (): unknown => 0, 'an HTTP request'],
    ['options', (): unknown => 0, 'limits of an HTTP request'],
    ['requestBody', (): unknown => 0, 'the body of an HTTP message'],
    ['requestStream', (): unknown => 0, 'the body of an HTTP message'],
    ['response', (): unknown => 0, 'an HTTP response'],
    ['answer', (): unknown => web, 'an HTTP response'],
    ['body', (): unknown => web, 'the body of an HTTP message'],
    ['bodyStream', (): unknown => web, 'a stream of a connection'],
    ['trailers', (): unknown => web, 'the end of an HTTP message'],
  ] as const)('%s', async (operation, argument, words) => {
    const instance = await start(here, hosts())
    expect(await act(instance, operation, argument())).toEqual(got(true))
    const failure = await failureOf(instance.snapshot())
    expect(failure.code).toBe('refused')
    expect(failure.message).toBe(
      `the component cannot be copied: it holds ${words}, which cannot be made again elsewhere`,
    )
    expect(await act(instance, 'fields', 'x', 'y')).toEqual(got(true))
    await instance.stop()
  })

  it('a request that is under way, and can go when it has let go of the answer', async () => {
    isWaiting = true
    const instance = await start(here, hosts())
    expect(await act(instance, 'underWay', web)).toEqual(got(true))
    expect((await failureOf(instance.snapshot())).message).toContain('it holds an HTTP request under way')
    isWaiting = false
    isSlow()
    await instance.stop()
  })

  it.skipIf(process.platform !== 'linux')('the listing of a directory', async () => {
    const instance = await start(here, directories(folder))
    expect(await act(instance, 'listing')).toEqual(got(true))
    expect((await failureOf(instance.snapshot())).message).toContain('it holds the listing of a directory')
    await instance.stop()
  })
})

describe.skipIf(process.platform !== 'linux')('A rest', { timeout: 120_000 }, () => {
  it('is for a guest with a granted directory, and not for one with an open file, which may be gone when it wakes', async () => {
    const b = await carry([['directory']], directories(folder), directories(folder), { isFirm: true })
    expect(await act(b, 'below', 'hello')).toEqual(got('hello, here'))
    await b.stop()
    const instance = await start(here, directories(folder))
    await act(instance, 'file', 'hello', { read: true })
    expect((await failureOf(instance.snapshot({ isFirm: true }))).message).toContain(
      'it holds a file or directory, which may be gone later',
    )
    expect((await instance.snapshot()).length).toBeGreaterThan(0)
    await instance.stop()
  })
})

describe('A guest of a blob store', { timeout: 120_000 }, () => {
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
  const names = Array.from({ length: 5 }, (_, n) => `object-${n}`)
  /** As the other end of its link. */
  const store = (): RecordingHost =>
    recordingHost((_instance, functionName, args) => {
      const ok = (val: unknown): Promise<unknown> => Promise.resolve({ tag: 'ok', val })
      switch (functionName) {
        case 'get-container-info':
          return ok({ createdAt: 1n })
        case 'has-object':
          return ok((args[0] as { object: string }).object === 'object-1')
        case 'list-container-objects':
          return ok([names.slice(Number(args[2])), { tag: 'ok' }])
        case 'get-container-data':
          return ok([bytesOf('0123456789'), { tag: 'ok' }])
        default:
          return Promise.reject(new Error(functionName))
      }
    })
  const tell = async (instance: Instance, ...what: readonly unknown[]): Promise<unknown> => {
    const answer = (await instance.call(handsInterface, 'act', [JSON.stringify(what)])) as { tag: string; val: string }
    return answer.tag === 'ok' ? JSON.parse(answer.val) : answer
  }

  it('has its container and its list of names again, where it was in it; what is half read or written keeps it', async () => {
    const bytes = await buildServices()
    await there.prepare(bytes)
    const a = await here.run(bytes, { host: store() })
    expect(await tell(a, 'keep-container', 'box')).toBe('box')
    expect(await tell(a, 'keep-names', 'box', 2)).toEqual(['object-0', 'object-1'])
    const image = await a.snapshot({ isWhole: true })
    const b = await there.run(bytes, { host: store() })
    await b.restore(image)
    expect(await tell(b, 'kept-has', 'object-1')).toBe(true)
    expect(await tell(b, 'kept-names', 2)).toEqual(['object-2', 'object-3'])
    await b.stop()
    expect(await tell(a, 'keep-writing')).toBe(true)
    expect((await failureOf(a.snapshot())).message).toContain('it holds an object of a blob store that it writes')
    expect(await tell(a, 'keep-reading', 'box', 'object-1')).toBe(true)
    expect((await failureOf(a.snapshot())).message).toContain('it holds an object of a blob store that it reads')
    await a.stop()
  })
})
