// What `wash capture` writes (lattice.md 9.2): a tar with `inventory.json` and one JSON file for each message, in the shape
// that the Rust types of wash have in JSON. Pure.

import { Header } from 'tar'

export interface CapturedMessage {
  readonly subject: string
  readonly data: Uint8Array
  /** The header block as it was on the wire. */
  readonly headerBlock: Uint8Array | undefined
  /** RFC 3339, with nanoseconds, in UTC. */
  readonly published: string
}

/** `2026-11-27T03-43-13Z.washcapture`: the ending that wash gives. */
export const captureName = (at: Date): string => `${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z.washcapture`

/** The whole archive, not packed. `inventories` as hosts write them. */
export function encodeCapture(inventories: readonly unknown[], messages: readonly CapturedMessage[]): Uint8Array {
  const entries = [
    encodeEntry('inventory.json', Buffer.from(JSON.stringify(inventories))),
    ...messages.map((message, index) =>
      encodeEntry(
        `messages/${index}-${message.published}.json`,
        Buffer.from(JSON.stringify(messageOf(message))),
        Date.parse(message.published),
      ),
    ),
  ]
  // Two empty blocks are the end.
  return new Uint8Array(Buffer.concat([...entries.flat(), Buffer.alloc(1024)]))
}

function encodeEntry(path: string, data: Buffer, atMs = 0): readonly Buffer[] {
  const block = Buffer.alloc(512)
  new Header({ path, size: data.length, mode: 0o644, mtime: new Date(atMs), type: 'File' }).encode(block, 0)
  return [block, data, Buffer.alloc((512 - (data.length % 512)) % 512)]
}

/** `SerializableMessage` of wash: bytes as numbers, time as `time::OffsetDateTime` has it without further features. */
function messageOf({ subject, data, headerBlock, published }: CapturedMessage): object {
  return {
    subject,
    reply: null,
    payload: [...data],
    description: null,
    length: Buffer.byteLength(subject) + data.length + (headerBlock?.length ?? 0),
    published: timeOf(published),
    headers: headerBlock === undefined ? null : { inner: headersOf(headerBlock) },
  }
}

/** Year, day of the year, hour, minute, second, nanosecond, and the offset of the zone in three parts. */
function timeOf(published: string): readonly number[] {
  const time = new Date(published)
  const day = Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
  const fraction = /\.(\d{1,9})/.exec(published)?.[1] ?? ''
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()]
  return [time.getUTCFullYear(), day, ...clock, Number(fraction.padEnd(9, '0')), 0, 0, 0]
}

/** Every value of a name, in order. The first line is the version and perhaps a status. */
function headersOf(block: Uint8Array): Readonly<Record<string, readonly { readonly inner: string }[]>> {
  const found = new Map<string, { readonly inner: string }[]>()
  for (const line of Buffer.from(block).toString().split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon)
    const values = found.get(name) ?? []
    values.push({ inner: line.slice(colon + 1).trim() })
    found.set(name, values)
  }
  return Object.fromEntries(found)
}
