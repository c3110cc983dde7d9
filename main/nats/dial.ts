// Makes the connection to a NATS server, over WebSocket (`nats.ws`) or TCP (`nats`): how to sign in, whom to trust, how
// often to try again. With `connection.ts` the only file that imports the clients.

import { createSecureContext } from 'node:tls'
import { connect as connectTcp, credsAuthenticator, jwtAuthenticator, nkeyAuthenticator } from 'nats'
import type { Authenticator, ConnectionOptions, NatsConnection, TlsOptions } from 'nats'
import { connect as connectWs } from 'nats.ws'
import WebSocket from 'ws'
import { TlosError } from '../failure.js'
import { toConnectError } from './client-errors.js'
import { withLimit } from './waits.js'

/** How to sign in (at most one way) and whom to trust: the texts themselves, never paths. */
export interface NatsAccess {
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  /** Seed of a user nkey (`SU…`); with `jwt` the key of that user. */
  readonly seed?: string | undefined
  readonly jwt?: string | undefined
  /** A credentials file: user JWT and seed together. */
  readonly credentials?: string | undefined
  /** PEM: who may have signed the server's certificate, instead of those this system trusts. */
  readonly ca?: string | undefined
  /** PEM: who we are to a server that asks for a certificate. */
  readonly certificate?: string | undefined
  readonly certificateKey?: string | undefined
}

export interface DialOptions extends NatsAccess {
  /** `ws://`, `wss://`, `nats://` or `tls://`; all of one kind. */
  readonly servers: string | readonly string[]
  /** Shown by the server's monitoring. */
  readonly name?: string | undefined
  /** First tokens of reply subjects, where permissions want others than `_INBOX`. */
  readonly inboxPrefix?: string | undefined
  readonly connectTimeoutMs?: number | undefined
  /** A server that stops answering (a partition) is noticed after two of these; default 4,000 ms. */
  readonly pingMs?: number | undefined
}

export interface Dialled {
  readonly connection: NatsConnection
  /** The first URL, without credentials. */
  readonly url: string
  /** To be told when the connection is back: the next pauses begin small again. */
  readonly onLive: () => void
}

const defaultConnectMs = 5_000
const defaultPingMs = 4_000
const firstRetryMs = 100
const longestRetryMs = 1_000

/**
 * Pause before the n-th try (from 1): doubles up to a second, less a random quarter, so that clients of a server that
 * comes back do not all come at once. `random` is from 0 to 1.
 */
export function retryPauseMs(attempt: number, random: number): number {
  const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempt - 1, 4))
  return longest * (0.75 + random * 0.25)
}

/** Fails with `unreachable`, `refused` or `invalid` and a sentence that says what to do. */
export async function dial(options: DialOptions): Promise<Dialled> {
  const servers = typeof options.servers === 'string' ? [options.servers] : [...options.servers]
  const url = withoutCredentials(servers[0] ?? '')
  const scheme = checkScheme(servers)
  const isWebSocket = scheme === 'ws' || scheme === 'wss'
  const tls = tlsOptions(options)
  if (tls !== undefined && scheme === 'ws') {
    throw new TlosError('invalid', `${url} is not encrypted, so certificates mean nothing there: use wss://`)
  }
  let attempts = 0
  const timeout = options.connectTimeoutMs ?? defaultConnectMs
  const common: ConnectionOptions = {
    servers,
    name: options.name ?? 'tlos',
    timeout,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => {
      attempts += 1
      return retryPauseMs(attempts, Math.random())
    },
    pingInterval: options.pingMs ?? defaultPingMs,
    maxPingOut: 2,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...signIn(options),
  }
  try {
    const connecting = isWebSocket
      ? connectByWebSocket(common, tls, timeout)
      : connectTcp({ ...common, ...(scheme === 'tls' || tls !== undefined ? { tls: { ...tls } } : {}) })
    const connection = await withLimit(connecting, timeout + 1_000)
    return { connection, url, onLive: () => (attempts = 0) }
  } catch (error) {
    throw toConnectError(error, url)
  }
}

/**
 * The client would take a WebSocket of the browser, which Electron 25's main process has not, and which takes no
 * certificates: the socket is made here.
 */
async function connectByWebSocket(
  options: ConnectionOptions,
  tls: TlsOptions | undefined,
  timeoutMs: number,
): Promise<NatsConnection> {
  const wsOptions = {
    ...options,
    // Known to the client, though not to its types.
    wsFactory: (url: string) => {
      const socket = new WebSocket(url, { ...tls, handshakeTimeout: timeoutMs })
      // Asked for by the client's own listeners only after the handshake; without one a failure would end the process.
      socket.on('error', () => undefined)
      return Promise.resolve({ socket, encrypted: url.startsWith('wss:') })
    },
  }
  return await connectWs(wsOptions)
}

function tlsOptions(access: NatsAccess): TlsOptions | undefined {
  const { ca, certificate, certificateKey } = access
  if (ca === undefined && certificate === undefined && certificateKey === undefined) return undefined
  if ((certificate === undefined) !== (certificateKey === undefined)) {
    throw new TlosError('invalid', 'A client certificate and its key are given together, or neither')
  }
  // A text without any certificate would be taken and trust nobody, which is said much later and otherwise.
  if (ca?.includes('-----BEGIN CERTIFICATE-----') === false) {
    throw new TlosError('invalid', 'The certificate authority cannot be read: PEM text is expected')
  }
  const options = {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined || certificateKey === undefined ? {} : { cert: certificate, key: certificateKey }),
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw new TlosError(
      'invalid',
      'A certificate or its key cannot be read: PEM text is expected, a key of that certificate and without passphrase',
      { cause: error },
    )
  }
  return options
}

function signIn(access: NatsAccess): Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator'> {
  const { user, password, token, seed, jwt, credentials } = access
  const ways = [user ?? password, token, seed ?? jwt, credentials].filter((way) => way !== undefined)
  if (ways.length > 1) {
    throw new TlosError('invalid', 'Sign in by one way only: user and password, token, nkey seed, or credentials')
  }
  if (user !== undefined || password !== undefined) return { user: user ?? '', pass: password ?? '' }
  if (token !== undefined) return { token }
  if (credentials !== undefined) return { authenticator: checked(credsAuthenticator(bytesOf(credentials))) }
  if (jwt !== undefined && seed !== undefined) return { authenticator: checked(jwtAuthenticator(jwt, bytesOf(seed))) }
  if (seed !== undefined) return { authenticator: checked(nkeyAuthenticator(bytesOf(seed))) }
  if (jwt !== undefined) throw new TlosError('invalid', 'A user JWT needs the seed of its nkey beside it')
  return {}
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Signs a nonce once, so that what cannot sign is said before there is a server; the secret is in no message. */
function checked(authenticator: Authenticator): Authenticator {
  try {
    authenticator('nonce')
  } catch {
    throw new TlosError(
      'invalid',
      'The nkey seed or credentials cannot be read: a seed begins with SU, a credentials file has a JWT and a seed',
    )
  }
  return authenticator
}

type Scheme = 'ws' | 'wss' | 'nats' | 'tls'

function checkScheme(servers: readonly string[]): Scheme {
  const schemes = servers.map((server) => /^([a-z]+):\/\/./.exec(server)?.[1])
  const [first] = schemes
  if ((first === 'ws' || first === 'wss' || first === 'nats' || first === 'tls') && schemes.every((s) => s === first)) {
    return first
  }
  throw new TlosError(
    'invalid',
    `${servers.map(withoutCredentials).join(', ') || 'An empty URL'} is no NATS URL: it begins with ws://, wss://, nats:// or tls://`,
  )
}

/** The URL as it may be shown and logged. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//')
}
