// What is shown of the connections themselves: state, servers, what is missing, what is not permitted. Reads the
// transports, changes nothing.

import type { Connection } from '../../preload/records.js'
import type { Transport } from '../nats/transport.js'

/** As many refused subjects are shown; the log has all. */
const mostRefused = 20

export interface ConnectionParts {
  readonly transport: Transport
  readonly rpcTransport?: Transport | undefined
  readonly lattice: string
  readonly embedded: boolean
}

export function describeConnection({ transport, rpcTransport, lattice, embedded }: ConnectionParts): Connection {
  const { url, hasJetStream, jsDomain } = transport.info
  const { kind, problem } = transport.status
  const refused = [...transport.refused(), ...(rpcTransport?.refused() ?? [])].slice(0, mostRefused)
  const base = {
    lattice,
    url,
    embedded,
    hasJetStream,
    ...(jsDomain === undefined ? {} : { jsDomain }),
    ...(rpcTransport === undefined ? {} : { rpcUrl: rpcTransport.info.url }),
    ...(refused.length === 0 ? {} : { refused: refused.map((refusal) => ({ ...refusal })) }),
  }
  switch (kind) {
    case 'live': {
      const calls = rpcTransport === undefined || rpcTransport.status.kind === 'live' ? undefined : rpcTransport
      if (calls === undefined) return { ...base, state: 'live' }
      const why = calls.status.problem ?? `The NATS server at ${calls.info.url} does not answer`
      return { ...base, state: 'live', problem: `Calls between components do not go: ${why}. It goes on trying.` }
    }
    case 'lost':
      return { ...base, state: 'lost', problem: problem ?? `The NATS server at ${url} does not answer; trying again.` }
    case 'closed':
      return { ...base, state: 'failed', problem: problem ?? `The connection to ${url} was closed.` }
  }
}
