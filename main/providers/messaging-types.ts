// wasmcloud:messaging as wRPC carries it (wrpc.md 5.8): names and types. Pure.

import type { WitFunction, WitInterface, WitType } from '../../preload/wit.js'

/** A message in jco's JavaScript mapping. */
export interface BrokerMessage {
  readonly subject: string
  readonly body: Uint8Array
  readonly replyTo: string | undefined
}

const string: WitType = { kind: 'string' }
const bytes: WitType = { kind: 'list', element: { kind: 'u8' } }

export const brokerMessage: WitType = {
  kind: 'record',
  name: 'broker-message',
  fields: [
    { name: 'subject', type: string },
    { name: 'body', type: bytes },
    { name: 'reply-to', type: { kind: 'option', inner: string } },
  ],
}

export const consumerInstance = 'wasmcloud:messaging/consumer@0.2.0'
export const handlerInstance = 'wasmcloud:messaging/handler@0.2.0'

const request: WitFunction = {
  name: 'request',
  params: [
    { name: 'subject', type: string },
    { name: 'body', type: bytes },
    { name: 'timeout-ms', type: { kind: 'u32' } },
  ],
  result: { kind: 'result', ok: brokerMessage, err: string },
}
const publish: WitFunction = {
  name: 'publish',
  params: [{ name: 'msg', type: brokerMessage }],
  result: { kind: 'result', err: string },
}

/** What the provider serves on the bus and in the process. */
export const messagingExports: readonly WitInterface[] = [{ name: consumerInstance, functions: [request, publish] }]
