// Health of a provider process as v1 hosts ask for it (lattice.md 6.4): the first time soon after its start, then from time to
// time; what changed is told as `passed` or `failed`, what did not as `status`.

import { providerSubjects } from '../lattice/protocol/subjects.js'
import type { Health, ProviderContext } from './parts.js'

const nothing = new Uint8Array(0)

export interface HealthWatch {
  /** It ended: whoever else answers for its id is not this one. */
  down(): void
  close(): void
}

export function watchHealth(
  context: Pick<ProviderContext, 'transport' | 'lattice' | 'times' | 'log'>,
  providerId: string,
  tell: (health: Health) => void,
): HealthWatch {
  const { transport, times } = context
  const { health: subject } = providerSubjects(context.lattice, providerId)
  let isHealthy = false
  let isClosed = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(): Promise<boolean> {
    try {
      const answer = await transport.request(subject, nothing, { timeoutMs: times.rpcTimeoutMs })
      return readHealth(answer.data)
    } catch {
      // Nobody there, or nobody who answers in time: which of them makes no difference to those who call it.
      return false
    }
  }

  async function check(): Promise<void> {
    const before = isHealthy
    const now = await ask()
    if (isClosed) return
    isHealthy = now
    tell(now === before ? 'status' : now ? 'passed' : 'failed')
    plan(times.healthMs)
  }

  function plan(ms: number): void {
    // Without a connection nobody can be asked and nobody told.
    timer = setTimeout(() => void (transport.status.kind === 'live' ? check() : plan(ms)), ms)
    timer.unref()
  }

  function close(): void {
    isClosed = true
    clearTimeout(timer)
  }

  plan(times.firstHealthMs)
  return {
    down() {
      if (!isClosed) tell('failed')
      close()
    },
    close,
  }
}

/** `{"healthy": bool, "message"?: string}`; anything else is no sign of health. */
function readHealth(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null && (value as { healthy?: unknown }).healthy === true
  } catch {
    return false
  }
}
