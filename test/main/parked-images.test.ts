// What lies on the disk of actors whose node ended: whole or not at all, and believed only when it is what was put there.

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeParked, encodeParked } from '../../main/parked-format.js'
import { openParkedImages } from '../../main/parked-images.js'

const lattice = 'default at nats://127.0.0.1:4222'
const savedAt = '2026-11-27T03:00:00.000Z'
const image = Uint8Array.from({ length: 5_000 }, (_, at) => (at * 7) & 0xff)
const owned = { owner: 'NABC', epoch: 3 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-parked-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = () => openParkedImages(folder, lattice)
/** Every file of it. */
const files = async (): Promise<string[]> => {
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  return all.filter((each) => each.isFile()).map((each) => path.join(each.parentPath ?? each.path, each.name))
}
const only = async (): Promise<string> => (await files())[0] ?? ''

describe('parked images', () => {
  it('come back as they were put, once, readable by their owner alone, whatever the id', async () => {
    for (const componentId of ['counter', '../../up', 'a/b', 'ü'.repeat(300)]) {
      await open().put({ componentId, savedAt, owned }, image)
      const file = await only()
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect(path.dirname(path.dirname(file))).toBe(folder)
      const found = await open().find(componentId)
      expect(found).toMatchObject({ kind: 'image', savedAt, owned })
      expect(found?.kind === 'image' && Buffer.compare(found.image, image)).toBe(0)
      await open().remove(componentId)
      expect(await open().find(componentId)).toBeUndefined()
      await expect(open().remove(componentId)).rejects.toThrow()
    }
  })

  it('tell why there is none', async () => {
    await open().putReason('counter', savedAt, 'it holds a TcpSocket')
    expect(await open().find('counter')).toEqual({ kind: 'unkept', why: 'it holds a TcpSocket', savedAt })
  })

  it('are nothing when they are cut off anywhere or changed in any byte', async () => {
    await open().put({ componentId: 'counter', savedAt, owned: undefined }, image.subarray(0, 100))
    const file = await only()
    const whole = await readFile(file)
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeParked(whole.subarray(0, length)).ok).toBe(false)
    }
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Uint8Array.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      expect(decodeParked(changed).ok).toBe(false)
    }
    await writeFile(file, whole.subarray(0, whole.length - 1))
    expect(await open().find('counter')).toEqual({ kind: 'broken', why: 'its file is cut short or damaged' })
    const to = await open().setAside('counter')
    expect([await open().find('counter'), await readFile(to ?? '')]).toEqual([
      undefined,
      whole.subarray(0, whole.length - 1),
    ])
  })

  it('of another actor, another lattice or a newer format are not taken for this one', async () => {
    const header = { lattice, componentId: 'counter', savedAt }
    await open().put({ componentId: 'counter', savedAt, owned: undefined }, image)
    const file = await only()
    await writeFile(file, encodeParked({ header: { ...header, componentId: 'other' }, image }))
    expect(await open().find('counter')).toMatchObject({ kind: 'broken', why: expect.stringContaining('of other') })
    await writeFile(file, encodeParked({ header: { ...header, lattice: 'default at nats://evil:4222' }, image }))
    expect(await open().find('counter')).toMatchObject({ kind: 'broken', why: expect.stringContaining('evil') })
    const newer = encodeParked({ header, image })
    newer[8] = 2
    await writeFile(file, newer)
    expect(await open().find('counter')).toMatchObject({ why: 'its file has format 2, and this node knows 1' })
  })

  it('of this run stay at the end, with those that were not asked for yet; the rest goes, drafts of a killed process too', async () => {
    const before = open()
    for (const componentId of ['early', 'late', 'waiting']) {
      await before.put({ componentId, savedAt, owned: undefined }, image)
    }
    await open().setAside('late')
    await writeFile(`${await only()}.99.tmp`, 'half')
    const elsewhere = openParkedImages(folder, 'other')
    await elsewhere.put({ componentId: 'early', savedAt, owned: undefined }, image)
    const now = open()
    await now.put({ componentId: 'fresh', savedAt, owned: undefined }, image)
    await now.sweep(new Set(['waiting', 'never']))
    const left = await Promise.all(['early', 'late', 'waiting', 'fresh'].map((id) => now.find(id)))
    expect(left.map((each) => each?.kind)).toEqual([undefined, undefined, 'image', 'image'])
    expect((await elsewhere.find('early'))?.kind).toBe('image')
    expect(await files()).toHaveLength(3)
  })
})
