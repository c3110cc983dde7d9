// nkeys against the vectors of the wasmCloud implementation (lattice.md 2.1).

import { verify, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { crc16, createKey, formatBase32, isPublicKey, keyFromSeed, parseBase32 } from '../../../main/lattice/nkeys.js'

describe('nkeys', () => {
  it('[L10] derive the known public keys from the known seeds', () => {
    const account = keyFromSeed('SAAPN4W3EG6KCJGUQTKTJ5GSB5NHK5CHAJL4DBGFUM3HHROI4XUEP4OBK4')
    expect(account.kind).toBe('account')
    expect(account.publicKey).toBe('ACODERUVFFAWZQDSS6SBIACUA5O6SXF7HJ3YTYXBALHZP3P7R4BUO4J2')
    const curve = keyFromSeed('SXAKIYZX2POLIHZ5W5YZEWVTH24NLEUETBW3TKIVYRSS3GNHFXO5D4JJZM')
    expect(curve.publicKey).toBe('XBUJMZHVOPQ2SK5VD3TY4VNBPVU2YFGRLK6EFPEPSMVDUYEBSROWZCEA')
    expect(curve.seed).toBe('SXAKIYZX2POLIHZ5W5YZEWVTH24NLEUETBW3TKIVYRSS3GNHFXO5D4JJZM')
  })

  it('[L10] make server keys that begin with N and come back from their seed', () => {
    const key = createKey('server')
    expect(key.publicKey).toMatch(/^N[A-Z2-7]{55}$/)
    expect(key.seed).toMatch(/^SN[A-Z2-7]{56}$/)
    expect(keyFromSeed(key.seed).publicKey).toBe(key.publicKey)
    expect(isPublicKey(key.publicKey, 'server')).toBe(true)
    expect(isPublicKey(key.publicKey, 'account')).toBe(false)
  })

  it('sign so that the public key verifies', () => {
    const key = createKey('user')
    const raw = parseBase32(key.publicKey)!.subarray(1, 33)
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
    const data = Buffer.from('nonce')
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    expect(verify(null, data, publicKey, key.sign(data))).toBe(true)
    expect(verify(null, Buffer.from('other'), publicKey, key.sign(data))).toBe(false)
  })

  it('refuse a changed letter, a public key as seed, and other text', () => {
    const { seed, publicKey } = createKey('server')
    const changed = seed.slice(0, 20) + (seed[20] === 'A' ? 'B' : 'A') + seed.slice(21)
    for (const text of [changed, publicKey, '', 'S', seed.toLowerCase(), `${seed}AA`, 'x'.repeat(10_000)]) {
      expect(() => keyFromSeed(text)).toThrow(/nkey seed/)
      expect(isPublicKey(text, 'server')).toBe(text === publicKey)
    }
  })

  it('have base32 and checksum as everybody else', () => {
    expect(formatBase32(Buffer.from('foobar'))).toBe('MZXW6YTBOI')
    expect(Buffer.from(parseBase32('MZXW6YTBOI')!).toString()).toBe('foobar')
    expect(crc16(Buffer.from('123456789'))).toBe(0x31c3)
  })
})
