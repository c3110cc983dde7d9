// How a provider process is told to reach the bus: where this node itself connects, with the same credentials in the forms that
// HostData has for them. Secret as a whole. Text in, values out.

import type { TransportOptions } from './nats/connection.js'
import { joinCredentials } from './nats-url.js'
import type { ProviderRpc } from './provider-host/parts.js'

/** `url`: another address of the same server, for those who do not speak the node's own way to it. */
export function providerRpc(connection: TransportOptions, url?: string): ProviderRpc {
  const { servers, user, password, token, jwt, seed, credentials } = connection
  const first = url ?? (typeof servers === 'string' ? servers : (servers[0] ?? ''))
  return {
    url: joinCredentials({ url: first, user, password, token }),
    jwt: jwt ?? blockOf(credentials, 'NATS USER JWT'),
    seed: seed ?? blockOf(credentials, 'USER NKEY SEED'),
  }
}

/** Of a credentials file: what stands between the lines that say so. */
function blockOf(credentials: string | undefined, name: string): string | undefined {
  return new RegExp(`-----BEGIN ${name}-----\\s+(\\S+)\\s`).exec(credentials ?? '')?.[1]
}
