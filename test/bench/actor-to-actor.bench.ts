// One actor that calls another one on the same node, along a link: out of its worker, through the gate of the other one and
// into that one's worker. Beside a bare message to a worker of another process and back, which such a call makes twice.

import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parse } from '@bytecodealliance/jco'
import { Actor } from '../../main/actors/actor.js'
import { createImports } from '../../main/actors/imports.js'
import { enterAndRun } from '../../main/actors/serving.js'
import type { Rpc } from '../../main/lattice/rpc-types.js'
import { noGrants } from '../../main/wasm/grants.js'
import { openRuntime } from '../../main/wasm/runtime.js'
import type { Link } from '../../preload/records.js'
import type { BenchContext } from './support/open-app.js'
import { type Row, rowOf, timeByTurns } from './support/statistics.js'

export const name = 'actor to actor: a call along a link on one node, beside bare messages'

const interfaceName = 'demo:far/numbers@1.2.0'
/** Calls that the caller makes in one call of its own, so that the way to it weighs little. */
const calls = 50

const far = `(component
  (core module $m (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
  (core instance $i (instantiate $m))
  (func $double (param "n" u32) (result u32) (canon lift (core func $i "double")))
  (instance $out (export "double" (func $double)))
  (export "${interfaceName}" (instance $out)))`

const near = `(component
  (import "${interfaceName}" (instance $far (export "double" (func (param "n" u32) (result u32)))))
  (core func $double (canon lower (func $far "double")))
  (core module $m
    (import "far" "double" (func $double (param i32) (result i32)))
    (func (export "many") (param $left i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (call $double (local.get $left))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (local.get $sum)))
  (core instance $i (instantiate $m (with "far" (instance (export "double" (func $double))))))
  (func (export "many") (param "n" u32) (result u32) (canon lift (core func $i "many"))))`

const link: Link = {
  sourceId: 'near',
  target: 'far',
  name: 'default',
  witNamespace: 'demo',
  witPackage: 'far',
  interfaces: ['numbers'],
  sourceConfig: [],
  targetConfig: [],
}

/** Both are on this node: nothing goes over the lattice. */
const rpc: Rpc = {
  call: () => Promise.reject(new Error('it went over the lattice')),
  serve: () => {
    throw new Error('nothing is served')
  },
  close: () => undefined,
}

export async function run({ root }: BenchContext): Promise<Row[]> {
  const out = (file: string): string => path.join(root, 'out', file)
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-bench-link-'))
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'support', 'echo-worker.mjs'), {
    serialization: 'advanced',
  })
  const runtime = await openRuntime({
    cacheDir: folder,
    entries: { pool: out('main/pool.cjs'), worker: out('main/worker.cjs'), transpile: out('main/transpile.cjs') },
  })
  const actors = new Map<string, Actor>()
  const imports = createImports({
    lattice: 'default',
    rpc,
    links: (sourceId) => (sourceId === link.sourceId ? [link] : []),
    provider: () => undefined,
    callLocal(id, instance, functionName, params) {
      const actor = actors.get(id)
      return actor === undefined ? undefined : enterAndRun(rpc, actor, instance, functionName, params)
    },
    now: () => performance.now(),
  })
  const open = async (componentId: string, text: string): Promise<Actor> => {
    const bytes = await parse(text)
    const prepared = await runtime.prepare(bytes)
    const actor = new Actor({ componentId, imageRef: '', annotations: {}, maxInstances: 1, config: [] }, prepared, {
      runtime,
      prepareAgain: () => runtime.prepare(bytes),
      callImport: (...call) => imports.call(componentId, prepared.world, ...call),
      config: () => ({}),
      grants: () => noGrants,
      now: () => performance.now(),
      onChanged: () => undefined,
      lastSaved: () => Promise.resolve(undefined),
      onFailed: () => undefined,
    })
    await actor.start()
    actors.set(componentId, actor)
    return actor
  }
  try {
    await open('far', far)
    const caller = await open('near', near)
    const expected = calls * (calls + 1)
    const { many, bare } = await timeByTurns(
      {
        async many() {
          const sum = await caller.run('', 'many', [calls])
          if (sum !== expected) throw new Error(`the calls gave ${String(sum)}, not ${expected}`)
        },
        async bare() {
          for (let left = calls; left > 0; left -= 1) {
            await new Promise((resolve) => {
              child.once('message', resolve)
              child.send({ id: 1, name: 'double', args: [left] })
            })
          }
        },
      },
      { rounds: 10, times: 10 },
    )
    const each = (samples: readonly number[]): number[] => samples.map((ms) => (ms * 1_000) / calls)
    return [
      rowOf(
        'a call from actor to actor on one node, median, beside a message to a worker of another process',
        'µs',
        each(many),
        {
          baseline: each(bare),
          aim: 2.5,
        },
      ),
    ]
  } finally {
    await runtime.close()
    child.disconnect()
    await rm(folder, { recursive: true, force: true })
  }
}
