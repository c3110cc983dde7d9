// What every family of guests is asked, whatever it was made with. Used by tests under plain Node and inside Electron.

import type { Instance, Runtime } from '../../../../main/wasm/types.js'

export const operations = 'demo:families/ops@0.1.0'

/** Everything that a guest answered, as JSON can say it. */
export interface FamilyReport {
  readonly exports: readonly string[]
  readonly sum: unknown
  readonly shout: unknown
  readonly next: readonly unknown[]
  readonly root: unknown
  readonly noRoot: unknown
  /** A second instance has a state of its own. */
  readonly otherNext: unknown
  readonly log: readonly string[]
}

export const expectedReport: Omit<FamilyReport, 'log'> = {
  exports: [operations],
  sum: 2_000_000_005,
  shout: 'HELLO THERE!',
  next: [1, 2, 3],
  root: { tag: 'ok', val: 1.5 },
  noRoot: { tag: 'err', val: 'there is none' },
  otherNext: 1,
}

export async function exerciseFamily(runtime: Runtime, bytes: Uint8Array): Promise<FamilyReport> {
  const log: string[] = []
  const host = {
    callImport: (name: string) => Promise.reject(new Error(`nobody offers ${name}`)),
    log: (_level: string, text: string) => void log.push(text),
  }
  const { digest, world } = await runtime.prepare(bytes)
  const start = (): Promise<Instance> =>
    runtime.start(digest, { componentId: 'guest', host, limits: { startMs: 60_000, callMs: 60_000 } })
  const [guest, other] = [await start(), await start()]
  const call = (name: string, args: readonly unknown[]): Promise<unknown> => guest.call(operations, name, args)
  const report: FamilyReport = {
    exports: world.exports.map(({ name }) => name),
    sum: await call('add', [2_000_000_000, 5]),
    shout: await call('shout', ['hello there']),
    next: [await call('next', []), await call('next', []), await call('next', [])],
    root: await call('root', [2.25]),
    noRoot: await call('root', [-1]),
    otherNext: await other.call(operations, 'next', []),
    log,
  }
  await Promise.all([guest.stop(), other.stop()])
  return report
}
