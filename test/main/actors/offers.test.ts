import { describe, expect, it } from 'vitest'
import { judgeOffer, type OfferContext } from '../../../main/actors/offers.js'
import { type Offer, statelessAnnotation } from '../../../main/lattice/protocol/tlos.js'

const mebi = 1024 * 1024

const offer = (over: Partial<Offer> = {}): Offer => ({
  componentId: 'notes' as Offer['componentId'],
  imageRef: 'tlos://sha256/00',
  digest: '00',
  sizeBytes: 1.1 * mebi,
  imports: ['wasi:keyvalue/store@0.2.0-draft'],
  links: [{ interface: 'wasi:keyvalue/store', target: 'keyvalue' }],
  annotations: { [statelessAnnotation]: 'true' },
  stateKind: 'none',
  memoryBytes: 64 * mebi,
  constraints: {},
  from: 'NA' as Offer['from'],
  ...over,
})

const context = (over: Partial<OfferContext> = {}): OfferContext => ({
  hostId: 'NB',
  labels: { zone: 'home' },
  isCordoned: false,
  runs: false,
  isFull: false,
  hasBytes: true,
  canFetch: true,
  builtinImports: ['wasi:clocks/wall-clock'],
  local: new Set(['keyvalue']),
  freeMemoryBytes: 1024 * mebi,
  lastPauseMs: undefined,
  ...over,
})

describe('[M1] what a node says to an actor that might come', () => {
  it('accepts, with the most important facts in one line and the rest in rows', () => {
    const point = (code: string, args = {}) => ({ code, args })
    const pause = point('last-pause', { ms: 41 })
    expect(judgeOffer(offer(), context({ lastPauseMs: 41.4 }))).toEqual({
      hostId: 'NB',
      kind: 'accepts',
      summary: 'accepts: bytes here, 1 of 1 links, last pause 41 ms',
      points: [point('bytes-here'), point('links', { count: 1 }), pause],
      details: [
        { label: 'State', value: 'keeps none', tone: 'plain', point: point('state-none') },
        { label: 'Bytes', value: 'here', tone: 'plain', point: point('bytes-here') },
        { label: 'Last pause', value: '41 ms', tone: 'plain', point: pause },
        {
          label: 'Cable to keyvalue',
          value: 'in-process',
          tone: 'plain',
          point: point('cable-inside', { target: 'keyvalue' }),
        },
      ],
    })
  })

  it('takes the link for wasi:blobstore/blobstore for all of that package, as it travels', () => {
    const imports = ['blobstore', 'container', 'types'].map((name) => `wasi:blobstore/${name}@0.2.0-draft`)
    const links = [{ interface: 'wasi:blobstore/blobstore', target: 'blobstore' }]
    expect(judgeOffer(offer({ imports, links }), context()).kind).toBe('accepts')
    expect(judgeOffer(offer({ imports, links: [] }), context()).summary).toBe('refuses: no wasi:blobstore/blobstore')
  })

  it('names no pause before there was one, and says what has to be fetched', () => {
    expect(judgeOffer(offer({ links: [], imports: [] }), context({ hasBytes: false })).summary).toBe(
      'accepts: bytes to fetch (1.1 MiB)',
    )
  })

  it('warns of a cable that will go over the lattice, and accepts all the same', () => {
    const verdict = judgeOffer(offer(), context({ local: new Set() }))
    expect(verdict.kind).toBe('accepts')
    expect(verdict.details.at(-1)).toMatchObject({
      label: 'Cable to keyvalue',
      value: 'over the lattice',
      tone: 'warn',
    })
  })

  it('accepts, but says that something is lost, for a component that was not declared stateless', () => {
    const verdict = judgeOffer(offer({ annotations: {} }), context())
    expect([verdict.kind, verdict.summary]).toEqual(['but', 'accepts, starts empty'])
    expect(judgeOffer(offer({ annotations: {}, stateKind: 'exported' }), context()).kind).toBe('accepts')
  })

  it.each<[string, Partial<Offer>, Partial<OfferContext>]>([
    ['runs here already', {}, { runs: true }],
    ['no room for another component', {}, { isFull: true }],
    ['cordoned', {}, { isCordoned: true }],
    ['needs the label gpu=yes', { constraints: { gpu: 'yes' } }, {}],
    ['no wasi:blobstore/blobstore', { imports: ['wasi:blobstore/container@0.2.0-draft'] }, {}],
    ['cannot get oci://example/x:1', { imageRef: 'oci://example/x:1' }, { hasBytes: false, canFetch: false }],
    ['64.0 MiB of memory needed, 10.0 MiB free', {}, { freeMemoryBytes: 10 * mebi }],
  ])('refuses, because: %s', (reason, offered, here) => {
    const verdict = judgeOffer(offer(offered), context(here))
    expect([verdict.kind, verdict.summary]).toEqual(['refuses', `refuses: ${reason}`])
    expect(verdict.details[0]).toMatchObject({ label: 'Refuses', value: reason, tone: 'bad' })
  })

  it('gives every reason, not only the first', () => {
    const verdict = judgeOffer(offer({ constraints: { gpu: 'yes' } }), context({ runs: true, isCordoned: true }))
    expect(verdict.summary).toBe('refuses: runs here already, cordoned, needs the label gpu=yes')
  })
})
