// The loopback ports of this node's actors: each that serves HTTP and was granted a port has one while it serves. A port that
// cannot be had is told in the actor's log, one that is taken on its window, too; it keeps nothing else from working.

import { formatChain, TlosError } from '../failure.js'
import { type CallExport, decide, handleHttp, incomingHandlerOf } from '../wasm/runtime.js'
import type { Actor } from './actor.js'
import { type HttpServer, serveHttp } from './http-server.js'

export interface HttpDoors {
  /** Opens the actor's port, or opens it anew; `call` goes through the gate. Does nothing for one without a grant. */
  open(actor: Actor, call: CallExport): Promise<void>
  close(componentId: string): Promise<void>
}

export function createHttpDoors(): HttpDoors {
  const servers = new Map<string, HttpServer>()

  async function close(componentId: string): Promise<void> {
    const server = servers.get(componentId)
    servers.delete(componentId)
    await server?.close()
  }

  return {
    close,
    async open(actor, call) {
      await close(actor.id)
      const handler = incomingHandlerOf(actor.prepared.world)
      const port = actor.grants.serve
      if (handler === undefined || port === undefined || !decide(actor.grants, { kind: 'serve', port }).ok) return
      try {
        servers.set(actor.id, await serveHttp({ port, handle: (request) => handleHttp(call, handler, request) }))
        actor.note('info', `serves HTTP on http://127.0.0.1:${port}/`)
      } catch (error) {
        actor.note('error', `HTTP is not served: ${formatChain(error)}`)
        if (error instanceof TlosError && error.code === 'conflict') {
          actor.noteLack({ kind: 'listen', port, isTaken: true })
        }
      }
    },
  }
}
