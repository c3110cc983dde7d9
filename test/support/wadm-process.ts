// Who answers as wadm in a test: the stand-in of `test/support/wadm` as a process of its own, ended by the test.

import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

const entry = path.resolve(import.meta.dirname, 'wadm/peer.mjs')
const readyMs = 30_000

export interface WadmProcess {
  /** Resolves to what hosts said that wadm could not have read. */
  stop(): Promise<string[]>
}

export async function startWadm(natsUrl: string): Promise<WadmProcess> {
  const child: ChildProcess = spawn(process.execPath, [entry, natsUrl], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`wadm's stand-in is not ready\n${err}`)), readyMs)
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (!out.includes('\n')) return
      clearTimeout(timer)
      resolve()
    })
    void exited.then(() => {
      clearTimeout(timer)
      reject(new Error(`wadm's stand-in ended\n${err}`))
    })
  })
  return {
    async stop() {
      child.kill('SIGTERM')
      await exited
      const last = out.trim().split('\n').at(-1) ?? '{}'
      return (JSON.parse(last) as { violations?: string[] }).violations ?? [err]
    },
  }
}
