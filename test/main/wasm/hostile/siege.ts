// A runtime under attack, with an instance beside the attackers in the same process that must never notice.

import { expect } from 'vitest'
import type { Instance, StartOptions } from '../../../../main/wasm/types.js'
import { failureOf, openTestRuntime, type TestRuntime } from '../open-test-runtime.js'
import { parseWat, readWat } from '../wat.js'

export interface Failure {
  readonly code: unknown
  readonly message: string
}

export interface Siege {
  readonly runtime: TestRuntime
  /** Starts an attacker, from text or bytes. */
  attack(component: string | Uint8Array, options?: Partial<StartOptions>): Promise<Instance>
  /** The call fails so, and the instance is gone and takes no other. */
  lastCall(instance: Instance, name: string, args?: readonly unknown[], timeoutMs?: number): Promise<Failure>
  /** Preparing or starting it fails so. */
  refusal(component: string | Uint8Array, options?: Partial<StartOptions>): Promise<Failure>
  /** The bystander answers as if nothing had been, from the process it was in. */
  expectUnharmed(): Promise<void>
  /** After all attacks: still good for a start, and closes. */
  end(): Promise<void>
}

export async function openSiege(): Promise<Siege> {
  const runtime = await openTestRuntime({ withPrepared: false })
  const bytes = await readWat('hostile')
  const bystander = await runtime.run(bytes, { componentId: 'bystander' })
  const [home] = runtime.processes()
  let calls = 0

  const attack: Siege['attack'] = async (component, options) =>
    await runtime.run(typeof component === 'string' ? await parseWat(component) : component, {
      componentId: 'attacker',
      ...options,
    })

  return {
    runtime,
    attack,
    async lastCall(instance, name, args = [], timeoutMs = 20_000) {
      const gone = new Promise((resolve) => instance.onGone(resolve))
      const failure = await failureOf(instance.call('', name, args, { timeoutMs }))
      expect(failure.code, failure.message).toBeDefined()
      await gone
      expect(await failureOf(instance.call('', name, args))).toMatchObject({ code: 'unavailable' })
      return failure
    },
    refusal: (component, options) => failureOf(attack(component, options)),
    async expectUnharmed() {
      calls += 1
      expect(await bystander.call('', 'count', [])).toBe(calls)
      expect(runtime.processes().map(({ pid }) => pid)).toContain(home?.pid)
    },
    async end() {
      const next = await runtime.run(bytes)
      expect(await next.call('', 'count', [])).toBe(1)
      await runtime.dispose()
      expect(runtime.processes()).toEqual([])
    },
  }
}

/** A component whose core module has one function `f`, lifted without parameters under each of `names`. */
export const exporting = (...names: readonly string[]): string => `(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  ${names.map((name) => `(export "${name}" (func $f))`).join('\n')})`
