// What a component hears of its secrets: whether there is one of that name, and its value once it asks for it to be revealed.

import { TlosError } from '../failure.js'
import type { SecretValues } from '../lattice/protocol/secret.js'

/** As the guest side asks (wasm/secrets.ts); the value as the variant `secret-value`. */
export function answerSecret(secrets: SecretValues, functionName: string, key: unknown): unknown {
  const secret = typeof key === 'string' ? secrets.get(key) : undefined
  if (functionName === 'has') return secret !== undefined
  // It had it when it got the handle: it was started again since, with other configurations.
  if (secret === undefined) throw new TlosError('not-found', 'The component has no such secret any more')
  return { tag: secret.kind === 'String' ? 'string' : 'bytes', val: secret.value }
}
