// What is remembered of connections: with a key store (a real cipher in the place of the system's), without one, and with one
// whose key has changed. What lies on the disk is read as bytes.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KeyStore, openRemembered } from '../../main/remembered.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-remembered-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function keyStore(): KeyStore & { isOpen: boolean } {
  const key = randomBytes(32)
  return {
    isOpen: true,
    isReady() {
      return this.isOpen
    },
    seal(text) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    unseal(sealed) {
      const bytes = Buffer.from(sealed)
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      cipher.setAuthTag(bytes.subarray(-16))
      return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]).toString('utf8')
    },
  }
}

/** Every byte that is kept, backups too. */
async function onDisk(): Promise<string> {
  const files = await readdir(folder)
  return (await Promise.all(files.map((name) => readFile(path.join(folder, name), 'latin1')))).join('\n')
}

const asked = {
  lattice: 'home',
  url: 'nats://box:4222',
  user: 'anna',
  password: 'open sesame',
  ctlTopicPrefix: 'acme.steer',
}

describe('with a key store', () => {
  it('a connection outlives the shell; its secrets lie nowhere in the clear and never in what the page sees', async () => {
    const store = keyStore()
    const first = await openRemembered(folder, store)
    expect(first.view()).toEqual({ store: 'ready', list: [] })
    await first.keep(asked)
    await first.keep({
      lattice: 'work',
      url: 'nats://carl:se%20cret@desk:4222',
      rpc: { url: 'nats://c:1', token: 'tok-en' },
    })
    const again = await openRemembered(folder, store)
    expect(again.view()).toEqual({
      store: 'ready',
      list: [
        { id: 'work at nats://desk:4222', lattice: 'work', url: 'nats://desk:4222' },
        { id: 'home at nats://box:4222', lattice: 'home', url: 'nats://box:4222' },
      ],
    })
    expect(again.open('home at nats://box:4222')).toEqual(asked)
    expect(again.open('work at nats://desk:4222')).toMatchObject({
      user: 'carl',
      password: 'se cret',
      rpc: { token: 'tok-en' },
    })
    const disk = await onDisk()
    expect(disk).toContain('nats://box:4222')
    for (const secret of ['anna', 'open sesame', 'carl', 'se cret', 'se%20cret', 'tok-en'])
      expect(disk).not.toContain(secret)
  })

  it('one address of a lattice is remembered once, with what was said last, until it is forgotten', async () => {
    const known = await openRemembered(folder, keyStore())
    await known.keep(asked)
    await known.keep({ ...asked, password: 'another' })
    expect(known.view().list).toHaveLength(1)
    const [{ id } = { id: '' }] = known.view().list
    expect(known.open(id)).toMatchObject({ password: 'another' })
    await known.forget(id)
    expect(known.view().list).toEqual([])
    expect(() => known.open(id)).toThrow('is not remembered')
    expect(await onDisk()).not.toContain('nats://box:4222')
    expect((await openRemembered(folder, keyStore())).view().list).toEqual([])
  })

  it('whose key is another one now, what was sealed is not read, and that is said', async () => {
    await (await openRemembered(folder, keyStore())).keep(asked)
    const known = await openRemembered(folder, keyStore())
    expect(() => known.open('home at nats://box:4222')).toThrow(/cannot be read with the key .* sign in again/)
  })
})

describe('without a key store', () => {
  it('nothing is kept, not even the address', async () => {
    const store = keyStore()
    store.isOpen = false
    const known = await openRemembered(folder, store)
    expect(known.view()).toEqual({ store: 'no-store', list: [] })
    await expect(known.keep(asked)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await readdir(folder)).toEqual([])
  })

  it('that was there before, what is kept stays, is shown, and is not opened', async () => {
    const store = keyStore()
    const known = await openRemembered(folder, store)
    await known.keep(asked)
    store.isOpen = false
    expect(known.view()).toMatchObject({ store: 'no-store', list: [{ lattice: 'home' }] })
    expect(() => known.open('home at nats://box:4222')).toThrow('The key store of this system is not there now')
    store.isOpen = true
    expect(known.open('home at nats://box:4222')).toEqual(asked)
  })
})
