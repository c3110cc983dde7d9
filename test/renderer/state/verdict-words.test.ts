// Every verdict that a node of this version can give is said in Russian as well, and one of a newer node as it was said.

import { describe, expect, it } from 'vitest'
import { judgeOffer, type OfferContext } from '../../../main/actors/offers.js'
import type { Offer } from '../../../main/lattice/protocol/tlos.js'
import type { Verdict } from '../../../preload/records.js'
import { localizeVerdict } from '../../../renderer/state/verdict-words.js'

const offer: Offer = {
  componentId: 'notes' as Offer['componentId'],
  imageRef: 'tlos://sha256/00',
  digest: '00',
  sizeBytes: 1_153_434,
  imports: ['wasi:keyvalue/store@0.2.0-draft'],
  links: [{ interface: 'wasi:keyvalue/store', target: 'keyvalue' }],
  annotations: {},
  stateKind: 'exported',
  memoryBytes: 64 * 1024 * 1024,
  constraints: {},
  from: 'NA' as Offer['from'],
}
const context: OfferContext = {
  hostId: 'NB',
  labels: {},
  isCordoned: false,
  isFull: false,
  runs: false,
  hasBytes: false,
  canFetch: true,
  builtinImports: [],
  local: new Set(),
  freeMemoryBytes: 1024 ** 3,
  lastPauseMs: 41.4,
}
const russian = (verdict: Verdict): string[] => {
  const { summary, details } = localizeVerdict(verdict, 'ru')
  return [summary, ...details.map(({ label, value }) => `${label}: ${value}`)]
}

describe('a verdict in Russian', () => {
  it('says the same as the one in English', () => {
    expect(russian(judgeOffer(offer, context))).toEqual([
      'примет: байты ещё забрать (1,1\u2009МиБ), связей 1 из 1, прошлая пауза 41\u2009мс',
      'Память: едет с ним: сохраняется и загружается',
      'Байты: забрать, 1,1\u2009МиБ',
      'Прошлая пауза: 41\u2009мс',
      'Кабель к keyvalue: через lattice',
    ])
  })

  it('leaves no English in anything that a node can say', () => {
    const worst = judgeOffer(
      { ...offer, constraints: { zone: 'home' }, links: [], stateKind: 'none' },
      { ...context, runs: true, isCordoned: true, canFetch: false, freeMemoryBytes: 1024 },
    )
    const full = judgeOffer(offer, { ...context, isFull: true })
    expect([worst.kind, full.kind]).toEqual(['refuses', 'refuses'])
    const kinds = (['exported', 'snapshot', 'none'] as const).map((stateKind) =>
      judgeOffer({ ...offer, stateKind }, { ...context, hasBytes: true, local: new Set(['keyvalue']) }),
    )
    const names = /tlos:\/\/\S+|wasi:\S+|zone=home|keyvalue|lattice/g
    for (const line of [worst, full, ...kinds].flatMap(russian))
      expect(line.replaceAll(names, ''), line).not.toMatch(/[A-Za-z]/)
  })

  it('shows what a newer node says as it said it', () => {
    const [first, ...rest] = judgeOffer(offer, context).details
    if (first === undefined) throw new Error('a verdict without rows')
    const newer: Verdict = {
      hostId: 'NB' as Verdict['hostId'],
      kind: 'accepts',
      summary: 'accepts: by a new way',
      points: [{ code: 'new-way', args: {} }],
      details: [{ ...first, value: 'by a new way', point: { code: 'new-way', args: {} } }, ...rest],
    }
    const said = localizeVerdict(newer, 'ru')
    expect(said.summary).toBe('accepts: by a new way')
    expect(said.details[0]?.value).toBe('by a new way')
    expect(localizeVerdict(newer, 'en')).toBe(newer)
  })
})
