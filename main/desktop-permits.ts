// Permits of providers, given and taken in the window: a permit starts what was asked for, and one that is taken ends what
// runs by it.

import type { PermitAnswer, PermitsView } from '../preload/permits.js'
import { formatChain } from './failure.js'
import type { LatticeClient } from './lattice/client.js'
import { withoutScheme } from './lattice/protocol/provider-ref.js'
import type { Notices } from './notices.js'
import { findPermission, type ProviderPermission } from './provider-host/permissions.js'
import type { LatticePermits } from './provider-permits.js'

export interface DesktopPermits {
  view(): PermitsView
  onChange(listener: (view: PermitsView) => void): () => void
  /** Does not wait for the start; that it failed is a notice. */
  answer(askId: string, answer: PermitAnswer): Promise<void>
  /** Resolves when what ran by it has ended. */
  revoke(ref: string): Promise<void>
  forgetRefusal(ref: string): void
}

export interface DesktopPermitsParts {
  readonly permits: LatticePermits
  /** From the command line: holds whatever is revoked here. */
  readonly given: readonly ProviderPermission[]
  readonly hostId: string
  readonly client: Pick<LatticeClient, 'startProvider' | 'stopProvider' | 'inventory'>
  readonly notices: Notices
}

export function createDesktopPermits(parts: DesktopPermitsParts): DesktopPermits {
  const { permits, hostId, client } = parts
  return {
    view: () => permits.view(),
    onChange: (listener) => permits.onChange(listener),
    forgetRefusal: (ref) => permits.forgetRefusal(ref),

    async answer(askId, answer) {
      const start = await permits.answer(askId, answer)
      if (start === undefined) return
      const { ref: providerRef, providerId, config, annotations } = start
      // Over the bus, as whoever asked did: so that it is told there, too.
      client.startProvider(hostId, { providerId, providerRef, config, annotations }).catch((error: unknown) => {
        permits.giveUp(start)
        parts.notices.raise({
          tone: 'bad',
          title: `${providerId} was permitted and did not start`,
          text: formatChain(error),
          said: { code: 'provider-not-started', args: { provider: providerId, detail: formatChain(error) } },
          about: providerId,
        })
      })
    },

    async revoke(ref) {
      await permits.revoke(ref)
      if (findPermission(parts.given, ref) !== undefined) return
      // Not from the picture, which may be a moment behind.
      const { providers } = await client.inventory(hostId)
      const fitting = providers.filter(({ imageRef }) => imageRef === withoutScheme(ref))
      await Promise.all(fitting.map(({ id }) => client.stopProvider(hostId, id)))
    },
  }
}
