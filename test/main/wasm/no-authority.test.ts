import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import type { Instance } from '../../../main/wasm/types.js'
import type { WitFunction, WitType, WitWorld } from '../../../preload/wit.js'
import { TlosError } from '../../../main/failure.js'
import { openTestRuntime, recordingHost, type RecordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildGuest } from './wasi-guest.js'

/** What every function that a component without a grant can reach does for it. Called in the guest by `walk.js`. */
const answers: Readonly<Record<string, unknown>> = {
  'wasi:cli/environment.get-environment': { got: [] },
  'wasi:cli/environment.get-arguments': { got: [] },
  'wasi:cli/environment.initial-cwd': { got: '/' },
  'wasi:cli/stdin.get-stdin': { err: { tag: 'closed' } },
  'wasi:cli/terminal-stdin.get-terminal-stdin': { got: false },
  'wasi:cli/terminal-stdout.get-terminal-stdout': { got: false },
  'wasi:cli/terminal-stderr.get-terminal-stderr': { got: false },
  'wasi:filesystem/preopens.get-directories': { got: 0 },
  'wasi:sockets/tcp-create-socket.create-tcp-socket': { err: 'access-denied' },
  'wasi:sockets/udp-create-socket.create-udp-socket': { err: 'access-denied' },
  'wasi:sockets/ip-name-lookup.resolve-addresses': { err: 'access-denied' },
  'wasi:http/outgoing-handler.handle': { err: { tag: 'HTTP-request-denied' } },
  'wasi:config/store.get': { got: null },
  'wasi:config/store.get-all': { got: [] },
  'wasi:config/runtime.get': { got: null },
  'wasi:config/runtime.get-all': { got: [] },
  'wasi:logging/logging.log': { got: 'written' },
  'wasi:keyvalue/store.[method]bucket.get': { err: { tag: 'other', val: 'no link' } },
  'wasi:keyvalue/store.[method]bucket.set': { err: { tag: 'other', val: 'no link' } },
  'wasi:keyvalue/store.[method]bucket.delete': { err: { tag: 'other', val: 'no link' } },
  'wasi:keyvalue/store.[method]bucket.exists': { err: { tag: 'other', val: 'no link' } },
  'wasi:keyvalue/store.[method]bucket.list-keys': { err: { tag: 'other', val: 'no link' } },
  'demo:far/answers.ask': { err: { tag: 'other', val: 'no link' } },
  'wasi:cli/stdout.get-stdout': { got: 'written' },
  'wasi:cli/stderr.get-stderr': { got: 'written' },
}

/** What a component may do without anybody's leave: its own memory, time and chance, and to end. By interface or function. */
const plain: readonly string[] = [
  'wasi:cli/exit.exit',
  'wasi:io/error.',
  'wasi:io/poll.',
  'wasi:io/streams.',
  'wasi:clocks/monotonic-clock.',
  'wasi:clocks/wall-clock.',
  'wasi:random/random.',
  'wasi:random/insecure.',
  'wasi:random/insecure-seed.',
  // A name for the network, with which every further step is refused, and the code of an error.
  'wasi:sockets/instance-network.instance-network',
  'wasi:sockets/network.network-error-code',
  'wasi:filesystem/types.filesystem-error-code',
  'wasi:http/types.http-error-code',
  // Values to be sent, if something sends them.
  ...['fields', 'outgoing-request', 'request-options', 'outgoing-response', 'outgoing-body'].flatMap((resource) => [
    `wasi:http/types.[constructor]${resource}`,
    `wasi:http/types.[method]${resource}.`,
    `wasi:http/types.[static]${resource}.`,
  ]),
  // The name of a bucket, which is asked for with every call.
  'wasi:keyvalue/store.open',
]

interface Reachable {
  readonly name: string
  readonly function: WitFunction
}

const withoutVersion = (name: string): string => name.split('@')[0] ?? name

const functionsOf = (world: WitWorld): Reachable[] =>
  world.imports.flatMap((each) =>
    each.functions.map((fn) => ({ name: `${withoutVersion(each.name)}.${fn.name}`, function: fn })),
  )

/** Names of resources in a type; `own` only, or borrowed ones too. */
function handlesIn(type: WitType | undefined): string[] {
  if (type === undefined) return []
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return [type.resource]
    case 'list':
      return handlesIn(type.element)
    case 'option':
      return handlesIn(type.inner)
    case 'result':
      return [...handlesIn(type.ok), ...handlesIn(type.err)]
    case 'tuple':
      return type.elements.flatMap(handlesIn)
    case 'record':
      return type.fields.flatMap((field) => handlesIn(field.type))
    case 'variant':
      return type.cases.flatMap((each) => handlesIn(each.type))
    default:
      return []
  }
}

const isPlain = (name: string): boolean =>
  plain.some((each) => (each.endsWith('.') ? name.startsWith(each) : name === each))
/** Gives the guest nothing: its answer is an error or empty. */
const isBarren = (name: string): boolean => {
  const answer = answers[name]
  return (
    answer !== undefined && !name.endsWith('get-stdout') && !name.endsWith('get-stderr') && !name.endsWith('get-stdin')
  )
}

/** Resources that can be had when barren functions give none. */
function obtainable(functions: readonly Reachable[]): ReadonlySet<string> {
  const got = new Set<string>()
  for (let before = -1; before !== got.size;) {
    before = got.size
    for (const { name, function: fn } of functions) {
      const canCall = fn.params.every((param) => neededHandles(param.type).every((resource) => got.has(resource)))
      if (canCall && !isBarren(name)) for (const resource of handlesIn(fn.result)) got.add(resource)
    }
  }
  return got
}

/** Handles without which a value of the type cannot be made. */
const neededHandles = (type: WitType): string[] =>
  type.kind === 'own' || type.kind === 'borrow' ? [type.resource] : []

const noLink = (): RecordingHost => recordingHost(() => Promise.reject(new TlosError('refused', 'no link')))

describe('A component without a grant', () => {
  let runtime: TestRuntime
  let bytes: Uint8Array
  let world: WitWorld
  let instance: Instance
  const host = noLink()
  const look = async (what: string, target = instance): Promise<unknown> =>
    JSON.parse(String(await target.call('', 'look', [what.replace(/^wasi:/, '')])))

  beforeAll(async () => {
    process.env['TLOS_TEST_SECRET'] = 'not for guests'
    bytes = await buildGuest('walk')
    const decoded = decodeComponent(bytes)
    if (!decoded.ok) throw new Error(decoded.reason)
    world = decoded.value.world
    runtime = await openTestRuntime({ withPrepared: false })
    instance = await runtime.run(bytes, { host })
  }, 400_000)

  afterAll(async () => {
    await runtime.dispose()
  })

  it('can import everything of WASI 0.2.10 that is served, and imports it here', () => {
    const imported = world.imports.map((each) => withoutVersion(each.name))
    // Those of wasmCloud give what the lattice gives: link-names.test.ts and actors/secrets.test.ts show what without it.
    const ofWasi = runtime.builtinImports.filter((name) => !name.startsWith('wasmcloud:'))
    expect(ofWasi.filter((name) => !imported.includes(name))).toEqual([])
  })

  it('reaches only functions that are refused, empty, or its own: each is listed', async () => {
    const functions = functionsOf(world)
    const resources = obtainable(functions)
    const reachable = functions.filter(({ function: fn }) =>
      fn.params.every((param) => neededHandles(param.type).every((resource) => resources.has(resource))),
    )
    const unlisted = reachable.map(({ name }) => name).filter((name) => !isPlain(name) && !(name in answers))
    expect(unlisted).toEqual([])
    expect(((await look('list')) as { got: string[] }).got.sort()).toEqual(
      Object.keys(answers)
        .map((name) => name.replace(/^wasi:/, ''))
        .sort(),
    )
    expect(Object.keys(answers).filter((name) => !functions.some((each) => each.name === name))).toEqual([])
    for (const never of ['descriptor', 'tcp-socket', 'udp-socket', 'future-incoming-response', 'incoming-response']) {
      expect([...resources].filter((each) => each === never || each.endsWith(`.${never}`))).toEqual([])
    }
  })

  it.each(Object.entries(answers))('gets nothing from %s', async (name, answer) => {
    expect(await look(name)).toEqual(answer)
  })

  it('asks its host for links only', () => {
    expect(new Set(host.asked.map((each) => withoutVersion(each.instance)))).toEqual(
      new Set(['wrpc:keyvalue/store', 'demo:far/answers', 'wrpc:http/outgoing-handler']),
    )
  })

  it('writes into its own log, and not more than that holds', async () => {
    host.lines.length = 0
    expect(await look('flood')).toEqual({ got: 'flooded' })
    const size = host.lines.reduce((sum, line) => sum + line.text.length, 0)
    expect(size).toBeGreaterThan(1_000)
    expect(host.lines.some((line) => /left out/.test(line.text))).toBe(true)
    // A megabyte was written; how many seconds' worth of it is let through depends on the machine.
    expect(size).toBeLessThan(1_000_000)
  })

  it('shares nothing with another instance of the same bytes', async () => {
    const otherHost = noLink()
    const other = await runtime.run(bytes, { host: otherHost, config: { PATH: 'of the other' } })
    await look('keep me')
    host.lines.length = 0
    expect(await look('recall')).toEqual({ got: ['me', 0] })
    expect(await look('recall', other)).toEqual({ got: [null, 0] })
    expect(await look('wasi:config/store.get', other)).toEqual({ got: 'of the other' })
    expect(await look('wasi:config/store.get')).toEqual({ got: null })
    await look('wasi:cli/stdout.get-stdout', other)
    expect(otherHost.lines.map((line) => line.text)).toEqual(['out'])
    expect(host.lines).toEqual([])
    await other.stop()
    expect(await look('recall')).toEqual({ got: ['me', 0] })
  })

  it('shares nothing with an instance that was granted something', async () => {
    const granted = await runtime.run(bytes, {
      host: noLink(),
      grants: {
        directories: [],
        hosts: [],
        listen: [],
        environment: { GREETING: 'hello' },
        arguments: ['program', '--fast'],
        stdin: 'a line\n',
      },
    })
    expect(await look('wasi:cli/environment.get-environment', granted)).toEqual({ got: [['GREETING', 'hello']] })
    expect(await look('wasi:cli/environment.get-arguments', granted)).toEqual({ got: ['program', '--fast'] })
    expect(await look('wasi:cli/stdin.get-stdin', granted)).toEqual({ got: [...Buffer.from('a line\n')] })
    for (const name of ['get-environment', 'get-arguments'].map((each) => `wasi:cli/environment.${each}`)) {
      expect(await look(name)).toEqual({ got: [] })
    }
    await granted.stop()
  })
})
