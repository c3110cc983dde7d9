// What one instance was granted, served to its worker by the pool process: every operation of the kinds of grants under one
// roof, with one limit on what may be open. Knows nothing of guests; closes everything when the instance goes.

import type { Grants } from '../grants.js'
import type { Outcome, WorkerImport } from '../pool-protocol.js'
import { OperationError, type Operations } from './answers.js'

export interface GrantedService {
  /** Never rejects. */
  answer(request: WorkerImport): Promise<Outcome>
  close(): void
}

export function openGrantedService(_grants: Grants): GrantedService {
  const operations: Operations = {}
  return {
    async answer({ functionName, args }) {
      const operation = Object.hasOwn(operations, functionName) ? operations[functionName] : undefined
      if (operation === undefined) {
        return { ok: false, fault: { code: 'internal', message: `there is no operation ${functionName}` } }
      }
      try {
        return { ok: true, value: { tag: 'ok', val: await operation(...args) } }
      } catch (error) {
        if (error instanceof OperationError) return { ok: true, value: { tag: 'err', val: error.code } }
        const message = `${functionName} failed: ${error instanceof Error ? error.message : String(error)}`
        return { ok: false, fault: { code: 'internal', message } }
      }
    },
    close() {},
  }
}
