// Which versions of the interfaces outside WASI 0.2 a component can import: each that is listed works, any other is
// refused with what is offered instead.

import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { offeredVersions } from '../../../main/wasm/offered-versions.js'
import type { Instance } from '../../../main/wasm/types.js'
import { failureOf, openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildServices, handsInterface } from './services.js'
import { importOf } from './wat.js'

const limit = 60_000

let runtime: TestRuntime
let instance: Instance
const host = recordingHost((_instance, functionName, args) => {
  if (functionName === 'container-exists') return Promise.resolve({ tag: 'ok', val: true })
  if (functionName === 'get') return Promise.resolve({ tag: 'ok', val: Uint8Array.of(1, 2) })
  if (functionName === 'increment') return Promise.resolve({ tag: 'ok', val: 7n })
  if (functionName === 'get-many') return Promise.resolve({ tag: 'ok', val: [undefined, ['b', Uint8Array.of(3)]] })
  if (functionName === 'find-missing') return Promise.resolve(undefined)
  if (functionName === 'request') {
    return Promise.resolve({ tag: 'ok', val: { subject: 's', body: args[1], replyTo: undefined } })
  }
  return Promise.reject(new Error(`nobody answers ${functionName}`))
})

async function act(...what: unknown[]): Promise<unknown> {
  const { tag, val } = (await instance.call(handsInterface, 'act', [JSON.stringify(what)])) as {
    tag: string
    val: string
  }
  return tag === 'ok' ? (JSON.parse(val) as unknown) : { err: val }
}

beforeAll(async () => {
  runtime = await openTestRuntime({ withPrepared: false })
  instance = await runtime.run(await buildServices(), { host, config: { greeting: 'hello' } })
}, limit)

afterAll(async () => {
  await runtime.dispose()
})

describe('a component that imports a version that is listed', () => {
  it('[wasi:config/store@0.2.0-draft, wasi:config/runtime@0.2.0-draft] reads its configuration', async () => {
    const all = [['greeting', 'hello']]
    expect(await act('config', 'greeting')).toEqual(['hello', 'hello', all, all])
  })

  it('[wasi:logging/logging@0.1.0-draft, wasi:logging/logging] writes into its log', async () => {
    host.lines.length = 0
    await act('log', 'words')
    expect(host.lines).toEqual([
      { level: 'warn', text: 'versioned: words' },
      { level: 'info', text: 'plain: words' },
    ])
  })

  it('[wasi:keyvalue/store,atomics,batch@0.2.0-draft] reaches the store of its link', async () => {
    host.asked.length = 0
    expect(await act('kv-get', 'default', 'a')).toEqual([1, 2])
    expect(await act('kv-increment', 'default', 'a', 2)).toBe('7')
    expect(await act('kv-get-many', 'default', ['a', 'b'])).toEqual([null, ['b', [3]]])
    expect(host.asked.map((each) => each.instance)).toEqual([
      'wrpc:keyvalue/store@0.2.0-draft',
      'wrpc:keyvalue/atomics@0.2.0-draft',
      'wrpc:keyvalue/batch@0.2.0-draft',
    ])
  })

  it('[wasi:blobstore/blobstore,container,types@0.2.0-draft] reaches the blob store of its link', async () => {
    host.asked.length = 0
    expect(await act('blob-exists', 'box')).toBe(true)
    expect(await act('blob-drop', 'box')).toEqual({ err: 'nobody answers delete-container' })
    expect(host.asked.map((each) => each.instance)).toEqual([
      'wrpc:blobstore/blobstore@0.2.0',
      'wrpc:blobstore/blobstore@0.2.0',
    ])
  })

  it('[wasmcloud:messaging/consumer@0.2.0] reaches the broker of its link', async () => {
    host.asked.length = 0
    expect(await act('request', 'a.b', [5], 100)).toEqual([[5], null])
    expect(host.asked.map((each) => each.instance)).toEqual(['wasmcloud:messaging/consumer@0.2.0'])
    expect(await act('publish', 'a.b', [5])).toEqual({ err: 'nobody answers publish' })
  })

  it('[wasmcloud:bus/lattice@2.0.1, @1.0.0] chooses its links by name', async () => {
    for (const verb of ['link-name', 'link-name-1']) {
      host.asked.length = 0
      const get = ['kv-get', 'default', 'a']
      await act('all', [verb, 'other', 'wasi:keyvalue/store'], get)
      const { linkName } = host.asked.at(-1) ?? {}
      expect([verb, linkName]).toEqual([verb, 'other'])
    }
  })
})

describe('the table of docs/wasi.md', () => {
  const rows = readFileSync('docs/wasi.md', 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .filter(([, name = '']) => offeredVersions[name.split('/')[0] ?? ''] !== undefined)
    // Rows about versions: other tables of the page have no such column.
    .filter((cells) => cells.length === 7)

  it('says of each interface the versions that are offered, and names tests that are there', () => {
    expect(new Set(rows.map(([, name = '']) => name.split('/')[0]))).toEqual(new Set(Object.keys(offeredVersions)))
    for (const [, name = '', versions = '', , , test = ''] of rows) {
      const offered = offeredVersions[name.split('/')[0] ?? ''] ?? []
      expect([name, versions]).toEqual([name, offered.map((each) => (each === '' ? 'none' : each)).join(', ')])
      if (test !== '') expect([test, existsSync(test)]).toEqual([test, true])
    }
  })
})

const unknown = [
  'wasi:blobstore/blobstore@0.2.0-rc.1',
  'wasi:blobstore/blobstore',
  'wasi:config/store@0.2.0-rc.1',
  'wasi:config/runtime@0.1.0',
  'wasi:keyvalue/store@0.2.0-draft2',
  'wasi:keyvalue/atomics@0.1.0',
  'wasi:logging/logging@0.2.0',
  'wasmcloud:messaging/consumer@0.3.0',
  'wasmcloud:bus/lattice@3.0.0',
]

describe('a component that imports a version that is not listed', () => {
  it.each(unknown)(
    'is refused, with what is offered [%s]',
    async (name) => {
      const failure = await failureOf(runtime.run(await importOf(name)))
      expect(failure.code).toBe('unavailable')
      expect(failure.message).toContain(name)
      const packageName = name.split('/')[0] ?? ''
      expect(failure.message).toContain(`${packageName} is offered here as `)
      for (const version of offeredVersions[packageName] ?? []) expect(failure.message).toContain(version)
    },
    limit,
  )
})
