// The providers that a node carries, in the order in which its rail shows them.

import { openBlobstore } from './blobstore.js'
import { openKeyvalue } from './keyvalue.js'
import { openMessaging, type MessagingParts } from './messaging.js'
import type { Provider } from './types.js'

/** Without JetStream there is nothing to keep values in, and only what needs no store is there. */
export async function openProviders(parts: MessagingParts): Promise<readonly Provider[]> {
  const stores = parts.transport.info.hasJetStream ? [await openKeyvalue(parts), await openBlobstore(parts)] : []
  return [...stores, openMessaging(parts)]
}
