// A runtime over the bundles and the prepared components of the build, with a cache of its own, and a host that writes
// down what an instance asks and logs.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TlosError } from '../../../main/failure.js'
import { openRuntime } from '../../../main/wasm/runtime.js'
import type { Instance, InstanceHost, LogLevel, Runtime, StartOptions } from '../../../main/wasm/types.js'
import { preparedDir, wasmEntries } from '../../support/wasm-entries.js'

export interface TestRuntime extends Runtime {
  readonly cacheDir: string
  /** Prepares and starts in one. */
  run(bytes: Uint8Array, options?: Partial<StartOptions>): Promise<Instance>
  dispose(): Promise<void>
}

export async function openTestRuntime(
  options: { withPrepared?: boolean; cacheDir?: string; spread?: number } = {},
): Promise<TestRuntime> {
  const cacheDir = options.cacheDir ?? mkdtempSync(join(tmpdir(), 'tlos-runtime-'))
  const runtime = await openRuntime({
    cacheDir,
    entries: await wasmEntries(),
    spread: options.spread,
    ...(options.withPrepared === false ? {} : { extraCacheDirs: [preparedDir] }),
  })
  return {
    ...runtime,
    cacheDir,
    async run(bytes, startOptions = {}) {
      const { digest } = await runtime.prepare(bytes)
      return await runtime.start(digest, { componentId: 'test', host: recordingHost(), ...startOptions })
    },
    async dispose() {
      await runtime.close()
      rmSync(cacheDir, { recursive: true, force: true })
    },
  }
}

export interface RecordingHost extends InstanceHost {
  readonly asked: {
    readonly instance: string
    readonly functionName: string
    readonly args: readonly unknown[]
    readonly linkName?: string
  }[]
  readonly lines: { readonly level: LogLevel; readonly text: string }[]
}

/** Answers imports with `answer`; without one it fails as a host without links does. */
export function recordingHost(
  answer: InstanceHost['callImport'] = (instance) =>
    Promise.reject(new TlosError('refused', `there is no link for ${instance}`)),
): RecordingHost {
  const asked: RecordingHost['asked'] = []
  const lines: RecordingHost['lines'] = []
  return {
    asked,
    lines,
    callImport(instance, functionName, args, linkName) {
      asked.push({ instance, functionName, args, ...(linkName === undefined ? {} : { linkName }) })
      return answer(instance, functionName, args, linkName)
    },
    log(level, text) {
      lines.push({ level, text })
    },
  }
}

/** The code of the `TlosError` a promise rejects with; anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const error: unknown = await promise.then(
    (value) => new Error(`it did not fail but gave ${String(value)}`),
    (reason: unknown) => reason,
  )
  return { code: (error as { code?: unknown }).code, message: (error as Error).message }
}
