// Tokens of signed components: genuine ones are read, everything else is refused in words.

import { describe, expect, it } from 'vitest'
import { formatChain } from '../../../main/failure.js'
import { readClaims } from '../../../main/lattice/claims.js'
import { createKey } from '../../../main/lattice/nkeys.js'
import { customSection, type Signing, signComponent } from '../../support/sign-component.js'

const now = 1_800_000_000_000
const componentHeader = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]
const moduleHeader = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
/** A component with an empty module inside of it and a section of text. */
const bare = Uint8Array.from([...componentHeader, 1, 8, ...moduleHeader, ...customSection('note', 'hello')])
const account = createKey('account')
const subject = createKey('module').publicKey

const why = (bytes: Uint8Array): string => {
  try {
    readClaims(bytes, now)
  } catch (error) {
    return formatChain(error)
  }
  throw new Error('it was taken')
}

describe('claims of a component', () => {
  it('unsigned bytes, and what is no WebAssembly, have none', () => {
    for (const bytes of [
      bare,
      Uint8Array.from(moduleHeader),
      new Uint8Array(),
      Buffer.from('\0asm'),
      Buffer.from('text'),
    ])
      expect(readClaims(bytes, now)).toBeUndefined()
  })

  it('say who signed what', () => {
    const wascap = { name: 'Echo', ver: '1.2.3', rev: 7, call_alias: 'echo', tags: ['a', 'b'] }
    const signed = signComponent(bare, { account, subject, wascap, payload: { nbf: 1, exp: 1_900_000_000 } })
    expect(readClaims(signed, now)).toEqual({
      subject,
      issuer: account.publicKey,
      name: 'Echo',
      version: '1.2.3',
      revision: 7,
      callAlias: 'echo',
      tags: ['a', 'b'],
      issuedAt: 1_700_000_000,
      notBefore: 1,
      expires: 1_900_000_000,
    })
  })

  it('need no more than a key and a hash, and may be in a section of the old name', () => {
    expect(readClaims(signComponent(bare, { account, subject, section: 'jwt' }), now)).toMatchObject({
      subject,
      issuer: account.publicKey,
    })
  })

  it('the hash is that of the bytes with all lengths in their shortest form', () => {
    // The same section with its length written in five bytes, as some tools do.
    const [id = 0, length = 0, ...content] = customSection('note', 'hello')
    const padded = Uint8Array.from([
      ...bare.subarray(0, bare.length - content.length - 2),
      id,
      length | 0x80,
      0x80,
      0x80,
      0x80,
      0,
      ...content,
    ])
    const token = signComponent(bare, { account, subject }).subarray(bare.length)
    expect(readClaims(Buffer.concat([padded, token]), now)).toMatchObject({ subject })
  })

  const refused: readonly (readonly [string, Signing, RegExp])[] = [
    ['expired', { payload: { exp: 1_700_000_000 } }, /it expired at 2023-11-14T22:13:20\.000Z$/],
    ['not yet valid', { payload: { nbf: 1_900_000_000 } }, /it cannot be used before 2030-/],
    ['of changed bytes', { wascap: { hash: 'A'.repeat(64) } }, /changed after it was signed$/],
    [
      'with a changed payload',
      { spoil: (token) => token.replace(/\.(.)/, (_, c) => `.${c === 'A' ? 'B' : 'A'}`) },
      /its payload is not JSON|its signature/,
    ],
    ['signed by somebody else', { payload: { iss: createKey('account').publicKey } }, /its signature is not valid$/],
    ['with an issuer that is no key', { payload: { iss: 'ANOBODY' } }, /its signature is not valid$/],
    ['without a signature', { spoil: (token) => token.replace(/[^.]*$/, '') }, /its signature is not valid$/],
    ['of another algorithm', { header: { alg: 'none' } }, /its header does not fit/],
    ['of two parts', { spoil: (token) => token.replace(/\.[^.]*$/, '') }, /it has not three parts$/],
    ['without what is claimed', { payload: { wascap: undefined } }, /its payload does not fit \(wascap\)/],
    ['that is no text', { spoil: () => '\u0000'.repeat(3) }, /it has not three parts$/],
  ]
  it.each(refused)('a token %s is refused', (_name, signing, words) => {
    const text = why(signComponent(bare, { account, subject, ...signing }))
    expect(text).toMatch(/^failed to validate the token of the component: /)
    expect(text).toMatch(words)
  })

  it('old tokens carry no hash that counts', () => {
    const old = signComponent(bare, { account, subject, wascap: { hash: 'none' }, payload: { wascap_revision: 2 } })
    expect(readClaims(old, now)).toMatchObject({ subject })
  })

  it('bytes cut anywhere are unsigned or refused, and nothing else', () => {
    const signed = signComponent(bare, { account, subject })
    for (let end = 0; end < signed.length; end += 1) {
      try {
        expect(readClaims(signed.subarray(0, end), now)).toBeUndefined()
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid' })
      }
    }
  })
})
