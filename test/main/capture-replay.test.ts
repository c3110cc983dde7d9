// A capture looked at: the file that the shell writes (and wash, whose form it is), and files that are none.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replayCapture } from '../../main/capture-replay.js'
import { type CapturedMessage, encodeCapture } from '../../main/lattice/capture-file.js'
import { readCapture } from '../../main/lattice/capture-read.js'

const hostId = `N${'A'.repeat(55)}`
const inventory = {
  host_id: hostId,
  friendly_name: 'attic\u001b[2J',
  labels: {},
  version: '1.9.2',
  uptime_human: '1m 1s',
  uptime_seconds: 61,
  components: [
    { id: 'echo', image_ref: 'ghcr.io/x/echo:1', annotations: {}, revision: 0, max_instances: 3, limits: null },
  ],
  providers: [{ id: 'kv', image_ref: 'ghcr.io/x/kv:1', annotations: {}, revision: 0 }],
}
const messageAt = (published: string, tail: string, data: string | Uint8Array): CapturedMessage => ({
  subject: `wasmbus.rpc.default.kv.${tail}`,
  data: typeof data === 'string' ? Buffer.from(data) : data,
  headerBlock: undefined,
  published,
})
const messages = [
  messageAt('2026-03-01T00:00:01.250000000Z', 'default.shutdown', '{"host_id":"\u001b]0;x\u0007"}'),
  messageAt('2026-02-28T23:59:59.000000000Z', 'health', ''),
  messageAt('2026-03-01T00:00:00.500000000Z', 'linkdefs.put', Uint8Array.from([0, 255, 7])),
]
const whole = encodeCapture([inventory], messages)
const packed = gzipSync(whole)

let folder: string
const at = (name: string): string => path.join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-replay-'))
  await writeFile(at('good.washcapture'), packed)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const listing = [
  'CAPTURE good.washcapture: what was recorded, not what is now',
  '1 host, 3 messages, 2026-02-28T23:59:59.000Z to 2026-03-01T00:00:01.250Z',
  '',
  `host attic\\u001b[2J  ${hostId}  1.9.2, up 61 s`,
  '  component echo  ghcr.io/x/echo:1  at most 3',
  '  provider kv  ghcr.io/x/kv:1',
  '',
  '+    0.000 s  wasmbus.rpc.default.kv.health  empty',
  '+    1.500 s  wasmbus.rpc.default.kv.linkdefs.put  3 bytes',
  '+    2.250 s  wasmbus.rpc.default.kv.default.shutdown  {"host_id":"\\u001b]0;x\\u0007"}',
].join('\n')

describe('capture replay', () => {
  it('[L133] lists hosts and messages in the order of their time, marked as what was, and harmless to a terminal', async () => {
    expect(await replayCapture(['replay', 'good.washcapture'], folder)).toEqual({ text: listing, code: 0 })
    const { messages: read } = await readCapture(packed)
    expect(read.map(({ data }) => Buffer.from(data))).toEqual(
      [1, 2, 0].map((n) => Buffer.from(messages[n]?.data ?? [])),
    )
  })

  it('[L133] is a command of the program for nodes, which needs no lattice', async () => {
    const entry = path.resolve(import.meta.dirname, '../../out/main/node.cjs')
    const run = promisify(execFile)
    const done = await run(process.execPath, [entry, 'capture', 'replay', 'good.washcapture'], { cwd: folder })
    expect(done.stdout).toBe(`${listing}\n`)
    await expect(run(process.execPath, [entry, 'capture', 'replay', at('none')])).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('no such file') as string,
    })
    await expect(run(process.execPath, [entry, 'capture'])).rejects.toMatchObject({ code: 2 })
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['text', Buffer.from('hello'), /not packed as one/],
    ['nothing', Buffer.alloc(0), /not packed as one/],
    ['half of one', packed.subarray(0, packed.length / 2), /not packed as one, or it is cut off/],
    ['half of what is packed', gzipSync(whole.subarray(0, 700)), /damaged or cut off/],
    ['one without its end', gzipSync(whole.subarray(0, whole.length - 1024)), /cut off/],
    ['damaged', gzipSync(Buffer.from(whole).fill(7, 0, 20)), /damaged/],
    ['another tar', gzipSync(encodeCapture([], []).subarray(1024)), /no inventory.json/],
    ['other inventories', gzipSync(encodeCapture([{ host_id: 7 }], [])), /inventory.json is not understood/],
    ['a message without a time', gzipSync(encodeCapture([], [messageAt('never', 'x', '')])), /is no message/],
  ])('[L133] says that %s is no capture', async (_what, bytes, why) => {
    await expect(readCapture(bytes)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(why) as string,
    })
    await writeFile(at('bad'), bytes)
    const said = await replayCapture(['replay', 'bad'], folder)
    expect([said.code, said.text]).toEqual([1, expect.stringMatching(/^bad: This is no capture of a lattice: /)])
  })

  it('unpacks no more than a capture can have', async () => {
    const bomb = gzipSync(Buffer.alloc(600 * 1024 * 1024), { level: 1 })
    await expect(readCapture(bomb)).rejects.toMatchObject({ code: 'too-large' })
  }, 60_000)
})
