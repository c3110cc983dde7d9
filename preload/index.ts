// The only code of ours that runs beside the page: puts `window.shell` there by walking the contract's tables. Has no line
// per feature. Sandboxed: may load nothing but `electron`, and hands the page neither it nor its events.

import { contextBridge, ipcRenderer } from 'electron'
import { calls, channels, events, type Outcome } from './contract.js'

const callNames: ReadonlySet<string> = new Set(Object.keys(calls))
const eventNames: ReadonlySet<string> = new Set(Object.keys(events))

type Listener = (payload: unknown) => void
const listeners = new Map<string, Set<Listener>>()

const fail = (code: 'invalid' | 'internal', message: string): Outcome<never> => ({
  ok: false,
  failure: { code, message },
})

const shell = {
  async call(name: string, ...args: readonly unknown[]): Promise<Outcome<unknown>> {
    if (!callNames.has(name)) return fail('invalid', `the shell has no call ${String(name)}`)
    try {
      // Main answers each call with an outcome (`main/ipc.ts`).
      return (await ipcRenderer.invoke(channels.call, name, args)) as Outcome<unknown>
    } catch (error) {
      return fail(
        'internal',
        `${name} did not reach the shell: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  },
  on(name: string, listener: Listener): () => void {
    if (!eventNames.has(name)) throw new Error(`the shell has no event ${String(name)}`)
    if (typeof listener !== 'function') throw new Error(`the listener of ${name} is no function`)
    // One entry per subscription, also when the same function comes twice.
    const entry: Listener = (payload) => listener(payload)
    const entries = listeners.get(name) ?? new Set()
    listeners.set(name, entries.add(entry))
    return () => {
      entries.delete(entry)
    }
  },
}

ipcRenderer.on(channels.event, (_event, name: string, payload: unknown) => {
  for (const listener of [...(listeners.get(name) ?? [])]) {
    try {
      listener(payload)
    } catch (error) {
      // One listener's trouble is not the next one's.
      console.error(error)
    }
  }
})

contextBridge.exposeInMainWorld('shell', shell)
