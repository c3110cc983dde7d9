// What a component without a grant can reach: everything that the runtime offers, called function by function. The lists of what
// is offered are the runtime's own, so that a new interface fails here until it is walked.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerSecret } from '../../../main/actors/actor-secrets.js'
import { createImports } from '../../../main/actors/imports.js'
import { noSecrets } from '../../../main/lattice/protocol/secret.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import { openProviders } from '../../../main/providers/providers.js'
import { builtinImports, linkedImports } from '../../../main/wasm/builtin-imports.js'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import { busInterface } from '../../../main/wasm/link-names.js'
import { offeredVersions } from '../../../main/wasm/offered-versions.js'
import { secretsStore } from '../../../main/wasm/secrets-name.js'
import type { Instance } from '../../../main/wasm/types.js'
import { outgoingInstance } from '../../../main/wasm/wrpc-http.js'
import type { WitFunction, WitType, WitWorld } from '../../../preload/wit.js'
import { openMemoryTransport } from '../../support/memory-transport.js'
import { failureOf, openTestRuntime, recordingHost, type RecordingHost, type TestRuntime } from './open-test-runtime.js'
import { answers, noOther, plain } from './walk-answers.js'
import { buildGuest } from './wasi-guest.js'
import { importOf } from './wat.js'

const wasiDeps = fileURLToPath(new URL('../../fixtures/wasi-0.2.10/deps', import.meta.url))

interface Reachable {
  readonly name: string
  readonly function: WitFunction
}

/** WASI 0.2 in all its versions is one; of drafts and own interfaces each version is an interface of its own. */
const wasiName = (name: string): string => (name.startsWith('wasi:') ? name.replace(/@0\.2\.\d+$/, '') : name)

const functionsOf = (world: WitWorld): Reachable[] =>
  world.imports.flatMap((each) =>
    each.functions.map((fn) => ({ name: `${wasiName(each.name)}.${fn.name}`, function: fn })),
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

const packageOf = (name: string): string => name.split('/')[0] ?? name

/** All that the runtime's own tables offer, at each version that they name. */
const offered = [...builtinImports, ...linkedImports].flatMap((name) =>
  (offeredVersions[packageOf(name)] ?? ['0.2.10']).map((version) => (version === '' ? name : `${name}@${version}`)),
)

/** Tools make one import of versions that differ in their last number, so the older takes the place of the newer in the bytes. */
const olderBus = 'wasmcloud:bus/lattice@2.0.0'
const withOlderBus = (bytes: Uint8Array): Uint8Array => {
  // But for the names that the guest's engine knows by their hashes.
  const text = Buffer.from(bytes).toString('latin1')
  return Buffer.from(text.replaceAll(/wasmcloud:bus\/lattice@2\.0\.1(?!\.set)/g, olderBus), 'latin1')
}

function worldOf(bytes: Uint8Array): WitWorld {
  const decoded = decodeComponent(bytes)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.value.world
}

/** The interfaces of WASI 0.2.10 as its own WIT has them. */
const interfacesOfWasi = readdirSync(wasiDeps).flatMap((folder) => {
  const text = readFileSync(`${wasiDeps}/${folder}/package.wit`, 'utf8')
  const name = /^package ([\w:-]+)@/m.exec(text)?.[1] ?? folder
  return [...text.matchAll(/^interface ([\w-]+)/gm)].map(([, each]) => `${name}/${each ?? ''}`)
})
/** Only exported: by commands, and by what serves HTTP. */
const notImported = ['wasi:cli/run', 'wasi:http/incoming-handler']

/** A node's own answers for a component that nothing was linked to, and that was started without secrets. */
function bareHost(): RecordingHost {
  const imports = createImports({
    lattice: 'default',
    rpc: openRpc(openMemoryTransport()),
    links: () => [],
    provider: () => undefined,
    callLocal: () => undefined,
    now: () => 0,
  })
  return recordingHost(async (name, functionName, args, linkName) =>
    name === secretsStore
      ? answerSecret(noSecrets, functionName, args[0])
      : await imports.call('walk', { imports: [], exports: [] }, name, functionName, args, linkName),
  )
}

describe('A component without a grant', () => {
  let runtime: TestRuntime
  let bytes: Uint8Array
  let world: WitWorld
  let instance: Instance
  const host = bareHost()
  const look = async (what: string, target = instance): Promise<unknown> =>
    JSON.parse(String(await target.call('', 'look', [what.replace(/^wasi:/, '')])))

  beforeAll(async () => {
    process.env['TLOS_TEST_SECRET'] = 'not for guests'
    bytes = await buildGuest('walk')
    world = worldOf(bytes)
    runtime = await openTestRuntime({ withPrepared: false })
    instance = await runtime.run(bytes, { host })
  }, 400_000)

  afterAll(async () => {
    await runtime.dispose()
  })

  it('imports here all that the runtime offers, in every version', () => {
    const imported = [world, worldOf(withOlderBus(bytes))].flatMap(({ imports }) => imports.map((each) => each.name))
    expect(offered.filter((name) => !imported.includes(name))).toEqual([])
    const packages = new Set(imported.map((name) => packageOf(name)))
    expect(Object.keys(offeredVersions).filter((name) => !packages.has(name))).toEqual([])
  })

  it('imports here all of WASI 0.2.10 that can be imported', () => {
    expect(interfacesOfWasi.filter((name) => !builtinImports.includes(name))).toEqual(notImported)
  })

  it.each([...notImported, 'wasi:keyvalue/watcher', 'wasi:nowhere/nothing', 'wasmcloud:bus/error'])(
    'is refused at its start when it imports what nothing offers [%s]',
    async (name) => {
      const version = offeredVersions[packageOf(name)]?.[0] ?? '0.2.10'
      const failure = await failureOf(runtime.run(await importOf(`${name}@${version}`)))
      expect(failure.code).toBe('unavailable')
      expect(failure.message).toMatch(/imports .*, which cannot be had: nothing here offers it/)
      expect(failure.message).toContain(name)
    },
  )

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

  it(`gets nothing from ${olderBus} either`, async () => {
    const older = await runtime.run(withOlderBus(bytes), { host: bareHost() })
    expect(await look('wasmcloud:bus/lattice@2.0.1.set-link-name', older)).toEqual(noOther)
    await older.stop()
  })

  it('asks its host for what a link or a secret of its own gives, and for all of that', async () => {
    const providers = await openProviders({
      transport: openMemoryTransport(),
      lattice: 'default',
      call: () => Promise.reject(new Error('nobody is linked')),
      log: () => undefined,
    })
    const ofProviders = providers.flatMap((each) => each.exports.map(({ name }) => name))
    for (const each of providers) each.close?.()
    expect(ofProviders.length).toBeGreaterThan(4)
    expect(new Set(host.asked.map((each) => each.instance))).toEqual(
      new Set([...ofProviders, outgoingInstance, busInterface, secretsStore, 'demo:far/answers@0.1.0']),
    )
  })

  it('has random numbers of every kind: no two are alike, and the seed is another in each instance', async () => {
    const other = await runtime.run(bytes, { host: bareHost() })
    const said = [await look('insecure'), await look('insecure'), await look('insecure', other)] as {
      got: [number[], string, string[]]
    }[]
    const kinds = said.map(({ got: [random, number] }) => [random.join(), number])
    expect(said[0]?.got[0]).toHaveLength(8)
    expect(new Set(kinds.flat()).size).toBe(6)
    const [first, again, ofOther] = said.map(({ got: [, , seed] }) => seed.join())
    expect(again).toBe(first)
    expect(ofOther).not.toBe(first)
    await other.stop()
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
    const otherHost = bareHost()
    const other = await runtime.run(bytes, { host: otherHost, config: { PATH: 'of the other' } })
    await look('keep me')
    host.lines.length = 0
    expect(await look('recall')).toEqual({ got: ['me', 0] })
    expect(await look('recall', other)).toEqual({ got: [null, 0] })
    expect(await look('wasi:config/store@0.2.0-draft.get', other)).toEqual({ got: 'of the other' })
    expect(await look('wasi:config/store@0.2.0-draft.get')).toEqual({ got: null })
    await look('wasi:cli/stdout.get-stdout', other)
    expect(otherHost.lines.map((line) => line.text)).toEqual(['out'])
    expect(host.lines).toEqual([])
    await other.stop()
    expect(await look('recall')).toEqual({ got: ['me', 0] })
  })

  it('shares nothing with an instance that was granted something', async () => {
    const granted = await runtime.run(bytes, {
      host: bareHost(),
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
