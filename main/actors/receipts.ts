// Receipts of moves, kept in the lattice (bucket `TLOS_RECEIPTS_{lattice}`, key `{component}.{started}-{move}`) so that
// every desktop can show them; the last twenty of each actor.

import type { Receipt } from '../../preload/records.js'
import { Receipt as ReceiptSchema } from '../../preload/records.js'
import { decodeJson, encodeJson, receiptsBucket } from '../lattice/protocol/tlos.js'
import type { Transport } from '../nats/transport.js'

const keptPerActor = 20

export interface Receipts {
  keep(receipt: Receipt): Promise<void>
  /** Newest first; empty without JetStream. */
  list(componentId: string): Promise<readonly Receipt[]>
  /** The newest one of a move that was made. */
  lastMove(componentId: string): Promise<Receipt | undefined>
}

export function openReceipts(transport: Transport, lattice: string): Receipts {
  const bucket = () => transport.bucket(receiptsBucket(lattice))
  const keysOf = async (componentId: string): Promise<string[]> =>
    (await (await bucket()).keys(`${componentId}.>`)).sort().reverse()

  async function read(key: string): Promise<readonly Receipt[]> {
    const entry = await (await bucket()).get(key)
    if (entry?.value === undefined) return []
    const decoded = decodeJson(ReceiptSchema, entry.value)
    return decoded.ok ? [decoded.value] : []
  }

  return {
    async keep(receipt) {
      if (!transport.info.hasJetStream) return
      const kept = await bucket()
      await kept.put(`${receipt.componentId}.${receipt.startedAtMs}-${receipt.moveId}`, encodeJson(receipt))
      const old = (await keysOf(receipt.componentId)).slice(keptPerActor)
      await Promise.all(old.map((key) => kept.delete(key)))
    },
    async list(componentId) {
      if (!transport.info.hasJetStream) return []
      const keys = (await keysOf(componentId)).slice(0, keptPerActor)
      return (await Promise.all(keys.map(read))).flat()
    },
    async lastMove(componentId) {
      if (!transport.info.hasJetStream) return undefined
      for (const key of await keysOf(componentId)) {
        const found = (await read(key)).find((receipt) => receipt.outcome === 'moved')
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}
