// Resources that a component exports, and several versions of one interface: described in full; called as far as handles allow.

import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { componentizeSource } from '../../../build/componentize.mjs'
import { decodeComponent } from '../../../main/wasm/decode-component.js'
import type { WitType } from '../../../preload/wit.js'
import { failureOf, openTestRuntime } from './open-test-runtime.js'
import { parseWat } from './wat.js'

const folder = fileURLToPath(new URL('../../fixtures/resources/', import.meta.url))
const shapes = 'demo:resources/shapes@0.1.0'
const user = 'demo:resources/shapes-user@0.1.0'

let bytes: Uint8Array

beforeAll(async () => {
  const wit = mkdtempSync(join(tmpdir(), 'tlos-resources-'))
  try {
    copyFileSync(join(folder, 'resources.wit'), join(wit, 'resources.wit'))
    bytes = await componentizeSource(wit, 'resources', readFileSync(join(folder, 'guest.js'), 'utf8'))
  } finally {
    rmSync(wit, { recursive: true, force: true })
  }
})

function worldOf(component: Uint8Array) {
  const decoded = decodeComponent(component)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.value.world
}

const canvas: WitType = { kind: 'own', resource: 'canvas' }
const borrowed: WitType = { kind: 'borrow', resource: 'canvas' }
const point: WitType = {
  kind: 'record',
  name: 'point',
  fields: [
    { name: 'x', type: { kind: 's32' } },
    { name: 'y', type: { kind: 's32' } },
  ],
}

describe('A component that exports a resource', () => {
  it('is described with its constructor, methods, statics and handles, also where another interface uses them', () => {
    const world = worldOf(bytes)
    expect(world.exports).toEqual([
      {
        name: shapes,
        functions: [
          { name: '[constructor]canvas', params: [{ name: 'title', type: { kind: 'string' } }], result: canvas },
          {
            name: '[method]canvas.draw',
            params: [
              { name: 'self', type: borrowed },
              { name: 'at', type: point },
            ],
            result: { kind: 'result', ok: { kind: 'u32' }, err: { kind: 'string' } },
          },
          { name: '[method]canvas.size', params: [{ name: 'self', type: borrowed }], result: { kind: 'u32' } },
          {
            name: '[static]canvas.merge',
            params: [
              { name: 'a', type: canvas },
              { name: 'b', type: borrowed },
            ],
            result: canvas,
          },
          {
            name: 'open-all',
            params: [{ name: 'titles', type: { kind: 'list', element: { kind: 'string' } } }],
            result: { kind: 'list', element: canvas },
          },
          {
            name: 'first',
            params: [{ name: 'of', type: { kind: 'list', element: borrowed } }],
            result: { kind: 'option', inner: { kind: 'string' } },
          },
        ],
      },
      {
        name: user,
        functions: [
          { name: 'count', params: [{ name: 'c', type: borrowed }], result: { kind: 'u32' } },
          { name: 'origin', params: [], result: point },
        ],
      },
    ])
  })

  it('answers what needs no handle, and says of the rest why it was not called', async () => {
    const runtime = await openTestRuntime({ withPrepared: false })
    const instance = await runtime.run(bytes)
    expect(await instance.call(user, 'origin', [])).toEqual({ x: 0, y: 0 })
    const handle = new Uint8Array(8)
    for (const [name, args] of [
      ['[constructor]canvas', ['a title']],
      ['[method]canvas.size', [handle]],
      ['[static]canvas.merge', [handle, handle]],
      ['open-all', [['a']]],
      ['first', [[]]],
    ] as const) {
      const failure = await failureOf(instance.call(shapes, name, args))
      expect(failure.code).toBe('refused')
      expect(failure.message).toContain('a resource, stream or future, which cannot leave its component yet')
    }
    expect(await instance.call(user, 'origin', [])).toEqual({ x: 0, y: 0 })
    await runtime.dispose()
  })
})

describe('Several versions of one interface', () => {
  it('are described each with its own types', async () => {
    const record = (field: string) => `(type $r (record (field "${field}" u32))) (export "reading" (type $x (eq $r)))`
    const world = worldOf(
      await parseWat(`(component
        (import "demo:far/gauge@1.0.0" (instance ${record('celsius')} (export "read" (func (result $x)))))
        (import "demo:far/gauge@2.0.0-rc.1" (instance ${record('kelvin')} (export "read" (func (result $x))))))`),
    )
    const fieldsOf = (type: WitType | undefined): readonly string[] =>
      type?.kind === 'record' ? type.fields.map(({ name }) => name) : []
    expect(world.imports.map(({ name, functions: [read] }) => [name, fieldsOf(read?.result)])).toEqual([
      ['demo:far/gauge@1.0.0', ['celsius']],
      ['demo:far/gauge@2.0.0-rc.1', ['kelvin']],
    ])
  })
})
