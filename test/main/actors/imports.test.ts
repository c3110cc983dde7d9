import { describe, expect, it } from 'vitest'
import { createImports, type ImportParts } from '../../../main/actors/imports.js'
import type { Link } from '../../../preload/records.js'
import type { Rpc, RpcCall } from '../../../main/lattice/rpc-types.js'
import type { Provider, ProviderCall } from '../../../main/providers/types.js'

const link = (over: Partial<Link> = {}): Link => ({
  sourceId: 'notes',
  target: 'keyvalue',
  name: 'default',
  witNamespace: 'wasi',
  witPackage: 'keyvalue',
  interfaces: ['store'],
  sourceConfig: [],
  targetConfig: [],
  ...over,
})

const world = {
  imports: [
    { name: 'demo:pong/pong@0.1.0', functions: [{ name: 'ping', params: [], result: { kind: 'u32' as const } }] },
  ],
  exports: [],
}

/** Where each call ended up. */
function record(parts: Partial<ImportParts>): { parts: ImportParts; went: string[] } {
  const went: string[] = []
  const provider: Provider = {
    id: 'keyvalue',
    imageRef: 'tlos-keyvalue',
    name: 'Key-value store',
    exports: [],
    handle: (call: ProviderCall) => {
      went.push(`provider ${call.instance} ${call.functionName} for ${call.sourceId}`)
      return Promise.resolve({ tag: 'ok', val: undefined })
    },
  }
  const rpc: Rpc = {
    call: (call: RpcCall) => {
      went.push(`lattice ${call.prefix} ${call.instance} ${call.fn.name} ${JSON.stringify(call.headers)}`)
      return Promise.resolve(7)
    },
    serve: () => {
      throw new Error('nothing is served here')
    },
    close: () => undefined,
  }
  return {
    went,
    parts: {
      lattice: 'default',
      rpc,
      links: () => [link()],
      provider: (id) => (id === 'keyvalue' ? provider : undefined),
      callLocal: () => undefined,
      now: () => 0,
      ...parts,
    },
  }
}

describe('where a call of an import goes', () => {
  it('goes to the provider of this node along the link, which knows the interface by its WASI name and no version', async () => {
    const { parts, went } = record({})
    await createImports(parts).call('notes', world, 'wrpc:keyvalue/store@0.2.0-draft', 'get', ['default', 'k'])
    expect(went).toEqual(['provider wrpc:keyvalue/store@0.2.0-draft get for notes'])
  })

  it('goes to an actor of this node without leaving the process', async () => {
    const { parts, went } = record({
      links: () => [link({ target: 'pong', witNamespace: 'demo', witPackage: 'pong', interfaces: ['pong'] })],
      callLocal: (id, instance, fn) => {
        went.push(`local ${id} ${instance} ${fn}`)
        return Promise.resolve(1)
      },
    })
    expect(await createImports(parts).call('notes', world, 'demo:pong/pong@0.1.0', 'ping', [])).toBe(1)
    expect(went).toEqual(['local pong demo:pong/pong@0.1.0 ping'])
  })

  it('goes over the lattice to anything else, with the headers by which providers know the caller', async () => {
    const { parts, went } = record({
      links: () => [link({ target: 'pong', witNamespace: 'demo', witPackage: 'pong', interfaces: ['pong'] })],
    })
    expect(await createImports(parts).call('notes', world, 'demo:pong/pong@0.1.0', 'ping', [])).toBe(7)
    expect(went).toEqual(['lattice default.pong demo:pong/pong@0.1.0 ping {"source-id":"notes","link-name":"default"}'])
  })

  it('finds the types of key-value calls although the component imports them under another name', async () => {
    const { parts, went } = record({ provider: () => undefined })
    await createImports(parts).call('notes', world, 'wrpc:keyvalue/store@0.2.0-draft', 'get', ['default', 'k'])
    expect(went[0]).toMatch(/^lattice default\.keyvalue wrpc:keyvalue\/store@0\.2\.0-draft get/)
  })

  it.each<[string, readonly Link[]]>([
    ['no link at all', []],
    ['a link for another interface', [link({ interfaces: ['atomics'] })]],
    ['a link of another package', [link({ witPackage: 'blobstore' })]],
    ['a link under another name', [link({ name: 'second' })]],
  ])('refuses with %s: a cable is the grant', async (_what, links) => {
    const { parts, went } = record({ links: () => links })
    await expect(
      createImports(parts).call('notes', world, 'wrpc:keyvalue/store@0.2.0-draft', 'get', []),
    ).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('no link for wasi:keyvalue/store') })
    expect(went).toEqual([])
  })

  it('takes the link of the name that the component chose, and no other', async () => {
    const { parts, went } = record({
      links: () => [link(), link({ name: 'second', target: 'cache' })],
      provider: () => undefined,
    })
    const imports = createImports(parts)
    await imports.call('notes', world, 'wrpc:keyvalue/store@0.2.0-draft', 'get', ['b', 'k'], 'second')
    await imports.call('notes', world, 'wrpc:keyvalue/store@0.2.0-draft', 'get', ['b', 'k'])
    expect(went).toEqual([
      'lattice default.cache wrpc:keyvalue/store@0.2.0-draft get {"source-id":"notes","link-name":"second"}',
      'lattice default.keyvalue wrpc:keyvalue/store@0.2.0-draft get {"source-id":"notes","link-name":"default"}',
    ])
    await expect(
      imports.call('notes', world, 'wrpc:keyvalue/store@0.2.0-draft', 'get', ['b', 'k'], 'third'),
    ).rejects.toMatchObject({ code: 'refused', message: 'notes has no link named third for wasi:keyvalue/store' })
  })

  it('counts calls and errors by link', async () => {
    const { parts } = record({
      provider: () => ({ handle: () => Promise.reject(new Error('no')) }) as unknown as Provider,
    })
    const imports = createImports(parts)
    await imports.call('notes', world, 'wrpc:keyvalue/store@0.2.0-draft', 'get', []).catch(() => undefined)
    const [meter] = imports.meters()
    expect([meter?.sourceId, meter?.target, meter?.interface]).toEqual(['notes', 'keyvalue', 'wasi:keyvalue/store'])
    expect(meter?.meter.read(0)).toMatchObject({ perSecond: 0.1, errorsPerSecond: 0.1 })
  })
})
