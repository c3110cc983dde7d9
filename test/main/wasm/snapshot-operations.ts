// Random operations on the components of the tests of copies, the same for the same random numbers.

import type { Instance } from '../../../main/wasm/types.js'

export type Operate = (instance: Instance) => Promise<unknown>

const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
const upTo = (random: () => number, end: number): number => Math.floor(random() * end)

export function plainOperation(random: () => number): Operate {
  const [name, args] = pick<[string, unknown[]]>(random, [
    ['write', [upTo(random, 2 ** 32), upTo(random, 2 ** 32)]],
    ['write', [upTo(random, 2 ** 32), upTo(random, 2 ** 32)]],
    ['grow', []],
    ['apply', [upTo(random, 9), upTo(random, 1_000)]],
    ['apply', [upTo(random, 9), upTo(random, 1_000)]],
    ['swap', [upTo(random, 9), upTo(random, 9)]],
    ['numbers', []],
    ['digest', []],
  ])
  return (instance) => instance.call('', name, args)
}

const operations = ['put', 'put', 'get', 'remove', 'grow', 'add', 'next', 'big', 'random', 'fill']
const letters = ['a', 'ß', '漢', '🚀', 'key', '__proto__', 'constructor']

export function scriptOperation(random: () => number): Operate {
  const args = [pick(random, operations), pick(random, letters) + String(upTo(random, 20)), upTo(random, 100_000)]
  return (instance) => instance.call('demo:script/script@0.1.0', 'run', args)
}

/** On what every family of guests has (`test/fixtures/families/families.wit`): memory that is counted up, allocated and freed. */
export function familyOperation(random: () => number): Operate {
  const [name, args] = pick<[string, unknown[]]>(random, [
    ['next', []],
    ['next', []],
    ['add', [upTo(random, 2 ** 31), upTo(random, 2 ** 31)]],
    ['shout', [letters.filter((text) => /^[a-z]+$/.test(text))[upTo(random, 2)]?.repeat(1 + upTo(random, 4_000))]],
    ['root', [upTo(random, 1_000) - 300]],
  ])
  return (instance) => instance.call('demo:families/ops@0.1.0', name, args)
}

export const repeat = (count: number, make: () => Operate): Operate[] => Array.from({ length: count }, make)

export async function runAll(instance: Instance, operations: readonly Operate[]): Promise<unknown[]> {
  const replies: unknown[] = []
  for (const operate of operations) replies.push(await operate(instance))
  return replies
}
