// Whether there is JetStream for these credentials, asked of the server itself: its greeting tells only of that one
// server, while a leaf node reaches JetStream of another, and an account may have none. Imports types of the client only.

import type { NatsConnection } from 'nats'

const limitMs = 2_000
/** JetStream is not enabled: for this account, on this server. Other errors pass (a cluster without a leader). */
const notEnabled: readonly unknown[] = [10_039, 10_076]

/**
 * False when the server says no or nobody answers for it. Without a clear answer (permissions that forbid to ask, a
 * server that is just starting) `before`, or what the greeting says.
 */
export async function probeJetStream(
  connection: NatsConnection,
  domain: string | undefined,
  before: boolean,
): Promise<boolean> {
  const greeting = connection.info?.jetstream === true
  try {
    const reply = await connection.request(
      domain === undefined ? '$JS.API.INFO' : `$JS.${domain}.API.INFO`,
      undefined,
      {
        timeout: limitMs,
      },
    )
    const { error } = reply.json<{ error?: { err_code?: unknown } }>()
    return error === undefined || (!notEnabled.includes(error.err_code) && (before || greeting))
  } catch (error) {
    const code = (error as { code?: unknown } | undefined)?.code
    return code === '503' ? false : before || (domain === undefined && greeting)
  }
}
