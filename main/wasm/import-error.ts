// Words for a guest's `err`: when the host fails in a call whose type is a `result`, the guest is told in the shape of
// that type if the shape has room for words. Pure.

import type { WitType } from '../../preload/wit.js'

/** What is thrown into the glue so that the guest sees `err(payload)`; not an Error, which would end the instance. */
export class GuestError {
  readonly payload: unknown

  constructor(payload: unknown) {
    this.payload = payload
  }
}

/** Case names that mean "something else, in words", in order of choice. */
const wordyCases = ['other', 'unexpected', 'upstream', 'internal-error', 'io']

/** The err value that carries `message`, or undefined when the type has no place for words. */
export function describeAsErr(type: WitType | undefined, message: string): { readonly value: unknown } | undefined {
  if (type?.kind !== 'result' || type.err === undefined) return undefined
  const { err } = type
  if (err.kind === 'string') return { value: message }
  if (err.kind !== 'variant') return undefined
  const wordy = err.cases.filter(({ type: payload }) => textPayload(payload))
  const chosen = wordyCases.map((name) => wordy.find((each) => each.name === name)).find((each) => each !== undefined)
  const one = chosen ?? wordy[0]
  return one === undefined ? undefined : { value: { tag: one.name, val: message } }
}

/** `string` and `option<string>` look the same in JavaScript. */
const textPayload = (type: WitType | undefined): boolean =>
  type?.kind === 'string' || (type?.kind === 'option' && type.inner.kind === 'string')
