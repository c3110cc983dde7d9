// Turns errors of the NATS client into ours, by their codes; knows no client type. Server texts that carry secrets do
// not exist: codes and subjects only.

import { formatChain, TlosError } from '../failure.js'
import type { Refusal } from './transport.js'

interface ClientError {
  readonly code?: unknown
  readonly message?: unknown
  readonly api_error?: { readonly err_code?: unknown; readonly description?: unknown } | undefined
}

/** JetStream's `wrong last sequence`: a compare-and-set lost. */
const wrongLastSequence = 10_071

/** The operation that permissions forbade, from an error or status event of the client; undefined when it is another. */
export function toRefusal(trouble: unknown): Refusal | undefined {
  const { permissionContext: context } = (trouble ?? {}) as {
    readonly permissionContext?: { readonly operation?: unknown; readonly subject?: unknown } | undefined
  } // both fields are checked before use
  if (typeof context?.subject !== 'string') return undefined
  return { operation: context.operation === 'publish' ? 'publish' : 'subscribe', subject: context.subject }
}

/** Any rejection of a client operation. `what` begins the sentence (`reading bucket X`). */
export function toTlosError(error: unknown, what: string): TlosError {
  if (error instanceof TlosError) return error
  const { code, api_error: api } = (error ?? {}) as ClientError // every field is checked before use
  const options = { cause: error }
  if (api?.err_code === wrongLastSequence || formatChain(error).includes('wrong last sequence')) {
    return new TlosError('conflict', `${what}: somebody else was faster`, options)
  }
  if (api !== undefined && typeof api.description === 'string') {
    return new TlosError('unavailable', `${what}: ${api.description}`, options)
  }
  switch (code) {
    case '503':
      return new TlosError('unreachable', `${what}: nobody listens there`, options)
    case 'TIMEOUT':
      return new TlosError('timed-out', `${what}: no answer in time`, options)
    case 'CONNECTION_CLOSED':
    case 'CONNECTION_DRAINING':
    case 'DISCONNECT':
      return new TlosError('unreachable', `${what}: the connection to the NATS server is closed`, options)
    case 'PERMISSIONS_VIOLATION':
      return new TlosError('refused', `${what}: the NATS server does not permit it`, options)
    case 'MAX_PAYLOAD_EXCEEDED':
      return new TlosError('too-large', `${what}: more bytes than the NATS server takes in one message`, options)
    default:
      return new TlosError('unavailable', `${what} failed`, options)
  }
}

/** Why a connection could not be made, with the remedy. */
export function toConnectError(error: unknown, url: string): TlosError {
  const code = ((error ?? {}) as ClientError).code
  const text = formatChain(error)
  const options = { cause: error, about: url }
  if (code === 'AUTHORIZATION_VIOLATION' || code === 'BAD_AUTHENTICATION' || code === 'AUTHENTICATION_EXPIRED') {
    return new TlosError(
      'refused',
      `The NATS server at ${url} wants credentials that it knows: a user and password, a token, an nkey seed or a credentials file`,
      options,
    )
  }
  if (code === 'SERVER_OPT_NA') {
    return new TlosError('refused', `The NATS server at ${url} offers no TLS, and without it nothing is sent`, options)
  }
  if (code === 'TLS' || /certificate|self.signed|wrong version number/i.test(text)) {
    return new TlosError(
      'refused',
      `TLS with the NATS server at ${url} failed: check the scheme, who signed its certificate (a certificate authority of one’s own has to be given), and whether it wants one from us`,
      options,
    )
  }
  if (code === 'TIMEOUT' || code === 'CONNECTION_TIMEOUT') {
    return new TlosError('unreachable', `${url} did not answer as a NATS server in time`, options)
  }
  return new TlosError(
    'unreachable',
    `No NATS server answers at ${url}: check that it runs and that the URL is right`,
    options,
  )
}
