import { describe, expect, it } from 'vitest'
import { capabilityGlyph } from '../../../renderer/panels/glyphs.js'

describe('the sign of a capability', () => {
  it.each([
    ['Key-value store', 'keyvalue'],
    ['keyvalue', 'keyvalue'],
    ['Blob store', 'blobstore'],
    ['blobstore', 'blobstore'],
    ['Messaging', 'messaging'],
    ['messaging-nats', 'messaging'],
    ['my-own-thing', 'provider'],
  ])('is its own for %s', (name, glyph) => {
    expect(capabilityGlyph(name)).toBe(glyph)
  })
})
