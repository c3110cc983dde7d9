// Bytes that real peers put on the bus (test/vectors/real-peers.json: recorded from wasmcloud-host 0.27.1, wash 0.43.0, wadm 0.21.1), held against our
// codecs. No real peer is needed here; test/main/lattice/real-peers speaks with them.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { configCodec } from '../../../main/lattice/protocol/buckets.js'
import * as control from '../../../main/lattice/protocol/control.js'
import { decodeLatticeEvent, encodeLatticeEvent } from '../../../main/lattice/protocol/events.js'
import { encodeHostData } from '../../../main/lattice/protocol/host-data.js'
import { controlSubjects } from '../../../main/lattice/protocol/subjects.js'
import { sampleHostData } from './golden-shapes.js'

interface Golden {
  readonly peer: string
  readonly subject: string
  readonly text: string
}

const file = fileURLToPath(new URL('../../vectors/real-peers.json', import.meta.url))
const { hostData, messages } = JSON.parse(readFileSync(file, 'utf8')) as {
  hostData: { peer: string; text: string }
  messages: Golden[]
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const parsed = (data: Uint8Array): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>
const titled = (of: readonly Golden[]): [string, Golden][] =>
  of.map((each) => [`${each.peer}: ${each.subject.split('.').slice(3, 6).join(' ')}`, each])
const isEvent = ({ subject }: Golden): boolean => subject.startsWith('wasmbus.evt.')

describe('what a real host says [golden]', () => {
  it.each(titled(messages.filter(isEvent)))('%s is read, and would be said the same by ours', (_title, { text }) => {
    const decoded = decodeLatticeEvent(bytes(text))
    if (!decoded.ok) throw new Error(decoded.reason)
    const original = JSON.parse(text) as Record<string, unknown>
    expect(parsed(encodeLatticeEvent(decoded.value))).toEqual(original)
  })
})

describe('what wash and wadm ask [golden]', () => {
  const subjects = controlSubjects('default')
  const codecs: Readonly<
    Record<string, { decode: (data: Uint8Array) => { ok: boolean }; encode: (value: never) => Uint8Array }>
  > = {
    'component auction': control.componentAuctionCodec,
    'component scale': control.scaleCodec,
    'component update': control.updateCodec,
    'provider start': control.startProviderCodec,
    'provider stop': control.stopProviderCodec,
    'host stop': control.stopHostCodec,
    'label put': control.putLabelCodec,
    'label del': control.deleteLabelCodec,
    'link put': control.putLinkCodec,
    'link del': control.deleteLinkCodec,
    'config put': configCodec,
  }

  it.each(titled(messages.filter((each) => !isEvent(each))))(
    '%s is understood whole, and would be asked the same by ours',
    (_title, { subject, text }) => {
      expect(subjects.parse(subject)).toBeDefined()
      const [, , , , noun = '', verb = ''] = subject.split('.')
      if (text === '') return expect(['get', 'del']).toContain(verb)
      const codec = codecs[`${noun} ${verb}`]
      const decoded = codec?.decode(bytes(text)) as { ok: boolean; value: never } | undefined
      if (codec === undefined || decoded?.ok !== true) throw new Error(`${subject} is not understood`)
      expect(parsed(codec.encode(decoded.value))).toMatchObject(JSON.parse(text) as object)
    },
  )
})

it('[L81] a provider is told what a real host tells it, byte for byte [golden]', () => {
  const said = JSON.parse(hostData.text) as Record<string, string>
  const ours = encodeHostData({
    ...sampleHostData,
    hostId: said['host_id'] ?? '',
    instanceId: said['instance_id'] ?? '',
    rpcUrl: said['lattice_rpc_url'] ?? '',
    hostXkey: said['host_xkey_public_key'] ?? '',
    providerXkeySeed: said['provider_xkey_private_key'] ?? '',
  })
  expect(new TextDecoder().decode(ours)).toBe(hostData.text)
})
