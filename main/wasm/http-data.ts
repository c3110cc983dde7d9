// HTTP messages as data: what a component's `wasi:http/incoming-handler` is given and gives. Pure; bodies are whole.

import { withoutVersion } from './wit-names.js'

export const isIncomingHandler = (instance: string): boolean =>
  withoutVersion(instance) === 'wasi:http/incoming-handler'

export interface HttpRequest {
  /** In capitals. */
  readonly method: string
  readonly scheme: string
  readonly authority: string
  /** With the query. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[]
  readonly body: Uint8Array
}

export interface HttpResponse {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[]
  readonly body: Uint8Array
}
