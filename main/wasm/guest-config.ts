// The configuration of one guest: in its worker a copy, renewed by what its node sends without being asked. The pool process
// puts a new one on the port before anything that is said after it, so a read finds it there.

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { ConfigValues } from './types.js'

export function createGuestConfig(
  first: ConfigValues,
  port: MessagePort,
): () => readonly (readonly [string, string])[] {
  let values = Object.entries(first)
  const take = (message: unknown): void => {
    values = Object.entries(message as ConfigValues) // the pool process sends nothing else
  }
  // Of a guest that never reads them they must not gather.
  port.on('message', take)
  port.unref()
  return () => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
      take(next.message)
    return values
  }
}
