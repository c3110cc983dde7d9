// What one instance was granted, served to its worker by the pool process: every operation of the kinds of grants under one
// roof. Knows nothing of guests; closes everything when the instance goes.

import type { Grants } from '../grants.js'
import type { FromExchange } from '../http-exchange.js'
import type { Outcome, WorkerImport } from '../pool-protocol.js'
import { OperationError, type Operations } from './answers.js'
import { createChannels } from './channels.js'
import { openFiles } from './files.js'
import { createNames } from './names.js'
import { createRequests } from './requests.js'
import { createServed, type Served } from './served.js'
import { createSockets } from './sockets.js'
import type { Lacked } from '../lacks.js'

export interface GrantedService {
  /** Requests that it serves. */
  readonly served: Pick<Served, 'arrive' | 'begin' | 'take' | 'end'>
  /** Never rejects. */
  answer(request: WorkerImport): Promise<Outcome>
  /** Resolves when everything that was opened is closed. */
  close(): Promise<void>
}

export interface GrantedServiceListeners {
  /** Words for the instance's log. */
  readonly warn: (text: string) => void
  /** It asked for what it was not granted. */
  readonly lacked: Lacked
  /** A part of a body of a call that serves HTTP. */
  readonly flow: (callId: number, part: FromExchange) => void
  /** Something of such a body went on. */
  readonly progressed: (callId: number) => void
}

export function openGrantedService(grants: Grants, listeners: GrantedServiceListeners): GrantedService {
  const { warn, lacked } = listeners
  const files = openFiles(grants, warn)
  const channels = createChannels()
  const names = createNames(grants, lacked)
  const served = createServed(channels, listeners.flow, listeners.progressed)
  const operations: Operations = {
    ...files.operations,
    ...channels.operations,
    ...createSockets(grants, names, channels, lacked),
    ...createRequests(grants, names, channels, lacked),
    ...served.operations,
  }
  let running: Promise<unknown> = Promise.resolve()
  let isClosed = false

  async function run(operation: Operations[string], functionName: string, args: readonly unknown[]): Promise<Outcome> {
    try {
      return { ok: true, value: { tag: 'ok', val: await operation(...args) } }
    } catch (error) {
      if (error instanceof OperationError) return { ok: true, value: { tag: 'err', val: error.code } }
      const message = `${functionName} failed: ${error instanceof Error ? error.message : String(error)}`
      return { ok: false, fault: { code: 'internal', message } }
    }
  }

  return {
    served,
    async answer({ functionName, args }) {
      const operation = Object.hasOwn(operations, functionName) ? operations[functionName] : undefined
      if (operation === undefined || isClosed) {
        return { ok: false, fault: { code: 'internal', message: `there is no operation ${functionName}` } }
      }
      const outcome = run(operation, functionName, args)
      running = outcome
      return await outcome
    },
    async close() {
      if (isClosed) return
      isClosed = true
      // Ends what waits, too.
      channels.close()
      // An operation under way names what is open by number: closed under it, the number could soon be another's file.
      await running
      await files.close()
    },
  }
}
