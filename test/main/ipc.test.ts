// The border on main's side, walking the contract's table: whatever comes, the answer is an outcome. Electron's own channel
// is a stand-in here; `desktop/shell.test.ts` has the real one.

import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type CallName, calls, channels, type Outcome } from '../../preload/contract.js'

type Answer = (event: unknown, ...args: unknown[]) => Promise<Outcome<unknown>>
const electron = vi.hoisted(() => ({ handlers: new Map<string, unknown>() }))
vi.mock('electron', () => ({
  ipcMain: {
    handle(channel: string, listener: unknown) {
      if (electron.handlers.has(channel)) throw new Error('a second handler')
      electron.handlers.set(channel, listener)
    },
    removeHandler: (channel: string) => electron.handlers.delete(channel),
  },
}))

const { serveContract } = await import('../../main/ipc.js')
const { TlosError } = await import('../../main/failure.js')
type Options = Parameters<typeof serveContract>[0]

const names = Object.keys(calls) as CallName[]
const hostId = 'N'.padEnd(56, 'A')

/** A value that the schema takes, made from the schema itself, so that new calls are covered unasked. */
function exampleOf(schema: v.GenericSchema): unknown {
  const any = schema as unknown as {
    type: string
    items?: v.GenericSchema[]
    entries?: Record<string, v.GenericSchema>
    wrapped?: v.GenericSchema
    options?: unknown[]
    class?: unknown
  }
  switch (any.type) {
    case 'string':
      return v.is(schema, hostId) ? hostId : 'counter'
    case 'number':
      return 1
    case 'boolean':
      return true
    case 'undefined':
      return undefined
    case 'unknown':
      return { anything: 1 }
    case 'array':
      return []
    case 'record':
      return {}
    case 'tuple':
      return any.items?.map(exampleOf)
    case 'object':
      return Object.fromEntries(Object.entries(any.entries ?? {}).map(([key, entry]) => [key, exampleOf(entry)]))
    case 'optional':
      return undefined
    case 'nullable':
      return null
    case 'picklist':
      return any.options?.[0]
    case 'literal':
      return (any as { literal?: unknown }).literal
    case 'instance':
      return new Uint8Array([0, 97, 115, 109])
    case 'variant':
    case 'union':
      return exampleOf(any.options?.[0] as v.GenericSchema)
    default:
      throw new Error(`this test does not know how to make a ${any.type}`)
  }
}

const exampleArgs = (name: CallName): unknown[] => exampleOf(calls[name].args) as unknown[]

const reached: [CallName, unknown[]][] = []
function serve(options: Partial<Options> = {}, behave: (name: CallName) => unknown = () => undefined) {
  const handlers = Object.fromEntries(
    names.map((name) => [
      name,
      (...args: unknown[]) => {
        reached.push([name, args])
        return behave(name)
      },
    ]),
  ) as unknown as Options['handlers']
  const served = serveContract({ handlers, isTrusted: () => true, windows: () => [], ...options })
  const answer = electron.handlers.get(channels.call) as Answer
  return {
    served,
    ask: (...args: unknown[]) => answer({ senderFrame: { url: 'tlos-app://shell/index.html' } }, ...args),
  }
}

beforeEach(() => {
  electron.handlers.clear()
  reached.length = 0
})

describe.each(names)('%s', (name) => {
  const args = exampleArgs(name)

  it('reaches its handler with the arguments the contract wants', async () => {
    const { ask } = serve({}, () => 'done')
    expect(await ask(name, args)).toEqual({ ok: true, value: 'done' })
    expect(reached).toEqual([[name, args]])
  })

  it('refuses any other number of arguments', async () => {
    const { ask } = serve()
    for (const wrong of [[...args, undefined], [...args, 'more'], ...(args.length > 0 ? [args.slice(1), []] : [])]) {
      expect(await ask(name, wrong)).toMatchObject({ ok: false, failure: { code: 'invalid' } })
    }
    for (const none of [undefined, null, 'text', { length: args.length }]) {
      expect(await ask(name, none)).toMatchObject({ ok: false, failure: { code: 'invalid' } })
    }
    expect(reached).toEqual([])
  })

  it('refuses each argument of another type, and names it', async () => {
    const { ask } = serve()
    for (const [at, schema] of (calls[name].args.items as readonly v.GenericSchema[]).entries()) {
      for (const wrong of [null, undefined, 1.5, Number.NaN, {}, [], new Map(), true, 10n]) {
        if (v.is(schema, wrong)) continue
        const outcome = await ask(name, [...args.slice(0, at), wrong, ...args.slice(at + 1)])
        expect(outcome).toMatchObject({ ok: false, failure: { code: 'invalid' } })
        expect(!outcome.ok && outcome.failure.message).toContain(`${name}, argument ${at + 1}`)
      }
    }
    expect(reached).toEqual([])
  })

  it('refuses a sender that is not ours, whatever it sends', async () => {
    const { ask } = serve({ isTrusted: () => false })
    for (const sent of [args, [], undefined]) {
      expect(await ask(name, sent)).toMatchObject({ ok: false, failure: { code: 'refused' } })
    }
    expect(reached).toEqual([])
  })

  it('answers what its handler throws as a failure, and silence with a time-out', async () => {
    const thrown = new TlosError('not-found', 'no such thing', { about: 'x', cause: new Error('really') })
    const failing = serve({}, () => Promise.reject(thrown))
    expect(await failing.ask(name, args)).toEqual({
      ok: false,
      failure: { code: 'not-found', message: 'no such thing: really', about: 'x' },
    })
    failing.served.close()
    const silent = serve({ limits: { [name]: 20 } }, () => new Promise(() => undefined))
    expect(await silent.ask(name, args)).toMatchObject({ ok: false, failure: { code: 'timed-out' } })
  })
})

describe('the contract', () => {
  const hostile: unknown[] = [
    'lattice.unwatch', '', '__proto__', 'constructor', 'toString', undefined, null, 1, 1n, {}, [], ['lattice.watch'],
    { toString: 1, valueOf: 1 }, 'x'.repeat(1_000_000),
  ] // prettier-ignore

  it('answers names that are none, and keeps the answer short', async () => {
    const { ask } = serve()
    for (const name of hostile) {
      const outcome = await ask(name, [])
      expect(outcome).toMatchObject({ ok: false, failure: { code: 'invalid' } })
      expect(JSON.stringify(outcome).length).toBeLessThan(300)
    }
    expect(reached).toEqual([])
  })

  it('tells a bug of ours from an expected failure, and logs it', async () => {
    const logged: string[] = []
    const { ask } = serve({ log: (level, text) => logged.push(`${level}: ${text}`) }, () => {
      throw new TypeError('x is not a function')
    })
    expect(await ask('lattice.retry', [])).toEqual({
      ok: false,
      failure: { code: 'internal', message: 'x is not a function' },
    })
    expect(logged).toEqual(['error: lattice.retry failed: x is not a function'])
  })

  it('drops fields the contract does not know before a handler sees them', async () => {
    const { ask } = serve()
    const extra = { url: 'ws://a', lattice: 'b', admin: true }
    await ask('lattice.connect', [extra])
    expect(reached).toEqual([['lattice.connect', [{ url: 'ws://a', lattice: 'b' }]]])
  })

  it('checks results in development only', async () => {
    const developing = serve({ checkOutput: true }, () => 'not a list')
    expect(await developing.ask('notice.list', [])).toMatchObject({ ok: false, failure: { code: 'internal' } })
    developing.served.close()
    expect(await serve({}, () => 'not a list').ask('notice.list', [])).toEqual({ ok: true, value: 'not a list' })
  })

  it('publishes to windows that live, and to the next one when sending to one fails', () => {
    const sent: unknown[] = []
    const window = (state: 'live' | 'gone' | 'crashed') => ({
      isDestroyed: () => state === 'gone',
      isCrashed: () => state === 'crashed',
      send: (...message: unknown[]) => sent.push(message),
    })
    const windows = [window('gone'), window('crashed'), window('live')] as unknown as Electron.WebContents[]
    const { served } = serve({ windows: () => windows })
    const payload = { moveId: randomUUID(), componentId: 'counter' as never, phase: 'saving' }
    served.publish('move.progressed', payload)
    expect(sent).toEqual([[channels.event, 'move.progressed', payload]])
  })

  it('takes no calls once closed, and closes twice', () => {
    const { served } = serve()
    served.close()
    served.close()
    expect(electron.handlers.size).toBe(0)
  })
})
