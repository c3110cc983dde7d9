// What a person or the command line says about a connection, made into what the NATS connection takes: secrets out of the
// URL, files read. Read anew at each connect, so that a renewed certificate or credentials file is taken.

import { readFile, stat } from 'node:fs/promises'
import type { NatsEnd, NatsSettings } from '../preload/contract.js'
import { TlosError } from './failure.js'
import type { TransportOptions } from './nats/connection.js'
import { separateCredentials } from './nats-url.js'

/** Credentials, keys and chains of certificates are a few KiB. */
const mostBytes = 256 * 1024

export type NatsConnections = {
  /** Control interface, events and JetStream. */
  readonly control: TransportOptions
  /** Calls between components; undefined: over the same connection. */
  readonly rpc: TransportOptions | undefined
}

/** Fails with `invalid` and the file's name when one cannot be read. */
export async function readConnections(settings: NatsSettings): Promise<NatsConnections> {
  const { jsDomain, inboxPrefix, rpc } = settings
  const control = await readEnd(settings)
  return {
    control: { ...control, jsDomain, inboxPrefix },
    rpc: rpc === undefined ? undefined : { ...(await readEnd(rpc)), jsDomain, inboxPrefix },
  }
}

async function readEnd(given: NatsEnd): Promise<TransportOptions> {
  const end = separateCredentials(given)
  return {
    servers: end.url,
    user: end.user,
    password: end.password ?? (await secretIn('password', end.passwordFile)),
    token: end.token ?? (await secretIn('token', end.tokenFile)),
    seed: await secretIn('nkey seed', end.seedFile),
    jwt: await secretIn('user JWT', end.jwtFile),
    credentials: await textIn('credentials', end.credsFile),
    ca: await textIn('certificate authority', end.caFile),
    certificate: await textIn('client certificate', end.certFile),
    certificateKey: await textIn('client key', end.keyFile),
  }
}

/** What is in the file but for the line's end that editors put there. */
async function secretIn(what: string, file: string | undefined): Promise<string | undefined> {
  const text = await textIn(what, file)
  return text?.trim()
}

async function textIn(what: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined || file === '') return undefined
  try {
    const { size } = await stat(file)
    if (size > mostBytes) throw new TlosError('too-large', `it has ${size} bytes`)
    const text = await readFile(file, 'utf8')
    if (text.trim() === '') throw new TlosError('invalid', 'it is empty')
    return text
  } catch (error) {
    throw new TlosError('invalid', `The file of the ${what}, ${file}, cannot be used`, { cause: error, about: file })
  }
}
