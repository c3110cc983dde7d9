// Asks the lattice's configuration service, if it has one, for credentials of registries (lattice.md 2.2, step 4): once, when a
// host starts. That nobody answers is no reason not to start.

import * as v from 'valibot'
import { formatChain, TlosError } from '../failure.js'
import type { Transport } from '../nats/transport.js'
import { type RegistryCredentials, registriesSchema } from './protocol/control.js'
import { configServiceSubject } from './protocol/subjects.js'
import { decodeJson, encodeJson } from './protocol/tlos.js'

const answerSchema = v.object({ registryCredentials: v.nullish(registriesSchema) })

export interface ConfigServiceParts {
  readonly transport: Pick<Transport, 'request'>
  readonly lattice: string
  /** Of this host: what it is told may depend on them. */
  readonly labels: Readonly<Record<string, string>>
  readonly log: (level: 'warn' | 'error', text: string) => void
}

/** Empty, with words in the log, when there is no usable answer. */
export async function askConfigService(parts: ConfigServiceParts): Promise<ReadonlyMap<string, RegistryCredentials>> {
  const subject = configServiceSubject(parts.lattice)
  try {
    const reply = await parts.transport.request(subject, encodeJson({ labels: parts.labels }))
    const answer = decodeJson(answerSchema, reply.data)
    if (!answer.ok) throw new TlosError('invalid', answer.reason)
    return new Map(Object.entries(answer.value.registryCredentials ?? {}))
  } catch (error) {
    parts.log('error', `the configuration service (${subject}) gave no usable answer: ${formatChain(error)}`)
    return new Map()
  }
}
