// Records what `wash capture` records, into a file that it reads: switched on and off for the whole lattice (the stream is
// of the bus, not of this shell), and written down with the inventory of every host that answers.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Recording, RecordingState } from '../nats/recording.js'
import { encodeCapture } from './capture-file.js'
import type { LatticeClient } from './client.js'
import { inventoryCodec } from './protocol/inventory.js'

/** What wash records: 1.x calls between components do not use it, so this is the traffic that manages providers. */
export const recorded = (lattice: string) => ({
  // The name that wash gives: what one of both recorded, the other can write down.
  name: `wash-capture-${lattice}`,
  subject: `wasmbus.rpc.${lattice}.>`,
  windowMs: 60 * 60_000,
  mostBytes: 64 * 1024 * 1024,
})
/** One request each: more would take minutes over a slow line. The newest are taken. */
const mostWritten = 20_000

export interface CaptureFile {
  /** A tar, packed. */
  readonly bytes: Uint8Array
  readonly messages: number
  /** Older messages that are not in it. */
  readonly leftOut: number
  readonly hosts: number
  /** Hosts that answered the roll and then gave no inventory. */
  readonly silent: readonly string[]
}

export interface Capture {
  /** Undefined: nothing is recorded. */
  state(): Promise<RecordingState | undefined>
  begin(): Promise<void>
  /** What was recorded is gone. */
  end(): Promise<void>
  write(): Promise<CaptureFile>
}

export function createCapture(recording: Recording, client: Pick<LatticeClient, 'ping' | 'inventory'>): Capture {
  return {
    state: () => recording.state(),
    begin: () => recording.begin(),
    end: () => recording.end(),
    async write() {
      const { messages, leftOut } = await recording.read(mostWritten)
      const ids = (await client.ping()).map(({ id }) => id)
      const asked = await Promise.allSettled(ids.map((id) => client.inventory(id)))
      const inventories = asked.flatMap((one) => (one.status === 'fulfilled' ? [inventoryCodec.toWire(one.value)] : []))
      return {
        bytes: new Uint8Array(await promisify(gzip)(encodeCapture(inventories, messages))),
        messages: messages.length,
        leftOut,
        hosts: inventories.length,
        silent: ids.filter((_, index) => asked[index]?.status === 'rejected'),
      }
    },
  }
}
