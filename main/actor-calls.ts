// Calls an actor wherever it runs: in this process when it is here, on exactly its node over tLOS's own prefix when that
// node is one of ours, else over the v1 prefix. The types come from the actor's own description, kept by digest.

import * as v from 'valibot'
import { Frame, type WindowEvent } from '../preload/frame.js'
import { type Component, type LatticeState, onHostKey } from '../preload/records.js'
import { findWitFunction, type WitFunction, type WitWorld } from '../preload/wit.js'
import { windowInterface } from './actors/reuse.js'
import { TlosError } from './failure.js'
import type { LatticeNode } from './lattice-node.js'
import { rpcPrefix } from './lattice/protocol/subjects.js'
import { describeReply, tlosSubjects } from './lattice/protocol/tlos.js'

export interface ActorCallsParts {
  readonly lattice: string
  readonly node: LatticeNode
  readonly picture: () => LatticeState
}

export interface ActorCalls {
  describe(componentId: string, hostId: string): Promise<WitWorld>
  call(
    componentId: string,
    hostId: string,
    instance: string,
    functionName: string,
    params: readonly unknown[],
  ): Promise<unknown>
  /** The whole content of its window. */
  open(componentId: string, hostId: string): Promise<Frame>
  send(componentId: string, hostId: string, event: WindowEvent): Promise<Frame>
}

export function createActorCalls(parts: ActorCallsParts): ActorCalls {
  const { node } = parts
  const subjects = tlosSubjects(parts.lattice)
  const worlds = new Map<string, WitWorld>()

  function record(componentId: string, hostId: string): Component | undefined {
    return parts.picture().components[onHostKey(hostId, componentId)]
  }

  async function describe(componentId: string, hostId: string): Promise<WitWorld> {
    const local = hostId === node.host.id ? node.actors.resident(componentId) : undefined
    if (local !== undefined) return local.actor.prepared.world
    const digest = record(componentId, hostId)?.digest
    const known = digest === undefined ? undefined : worlds.get(digest)
    if (known !== undefined) return known
    if (parts.picture().hosts[hostId]?.kind === 'wasmcloud') {
      throw new TlosError('unavailable', 'A wasmCloud host does not tell what a component exports', {
        about: componentId,
      })
    }
    const world = await node.send('describe', hostId, { componentId }, describeReply)
    if (digest !== undefined) worlds.set(digest, world)
    return world
  }

  async function functionOf(
    componentId: string,
    hostId: string,
    instance: string,
    functionName: string,
  ): Promise<WitFunction> {
    const world = await describe(componentId, hostId)
    const found = findWitFunction(world.exports, instance, functionName)
    if (found !== undefined) return found
    throw new TlosError('not-found', `${componentId} does not export ${instance} ${functionName}`, {
      about: componentId,
    })
  }

  async function call(
    componentId: string,
    hostId: string,
    instance: string,
    functionName: string,
    params: readonly unknown[],
  ): Promise<unknown> {
    if (hostId === node.host.id) {
      const local = node.actors.callLocal(componentId, instance, functionName, params)
      if (local !== undefined) return await local
    }
    const isForeign = parts.picture().hosts[hostId]?.kind === 'wasmcloud'
    return await node.rpc.call({
      prefix: isForeign ? rpcPrefix(parts.lattice, componentId) : subjects.direct(hostId, componentId),
      instance,
      fn: await functionOf(componentId, hostId, instance, functionName),
      params,
      headers: { 'source-id': 'tlos-shell' },
    })
  }

  async function frame(componentId: string, hostId: string, fn: 'open' | 'handle', params: unknown[]): Promise<Frame> {
    const answer = await call(componentId, hostId, windowInterface, fn, params)
    const checked = v.safeParse(Frame, answer)
    if (checked.success) return checked.output
    const issue = checked.issues[0]
    throw new TlosError(
      'invalid',
      `${componentId} sent a window that cannot be shown: ${v.getDotPath(issue) ?? ''} ${issue.message}`,
      { about: componentId },
    )
  }

  return {
    describe,
    call,
    open: (componentId, hostId) => frame(componentId, hostId, 'open', []),
    send: (componentId, hostId, event) => frame(componentId, hostId, 'handle', [event]),
  }
}
