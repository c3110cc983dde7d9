// Component bytes by reference: through the lattice to another machine's cache, checked each time; and the list of what
// is installed.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Installed } from '../../../preload/records.js'
import { digestOf, type Images, openImages } from '../../../main/lattice/images.js'
import { buses, type TestBus } from './buses.js'

const image = new TextEncoder().encode('these are the bytes of a component')
const ref = `tlos://sha256/${digestOf(image)}`

describe.each(buses)('images $name', ({ open }) => {
  let bus: TestBus
  let folder: string
  beforeEach(async () => {
    bus = await open({})
    folder = await mkdtemp(path.join(tmpdir(), 'tlos-images-'))
  })
  afterEach(async () => {
    await bus.close()
    await rm(folder, { recursive: true, force: true })
  })

  const openAt = async (name: string, more = {}): Promise<Images> =>
    openImages({
      transport: await bus.connect(),
      lattice: 'default',
      cacheDir: path.join(folder, name),
      allowFiles: false,
      ...more,
    })

  it('[L70] put on one machine are there on another, once fetched also without the lattice', async () => {
    const here = await openAt('here')
    const there = await openAt('there')
    expect(await there.canResolve(ref)).toBe(false)
    await expect(there.resolve(ref)).rejects.toMatchObject({ code: 'not-found' })
    expect(await here.put(image)).toBe(ref)
    expect(await here.put(image)).toBe(ref)
    expect(await there.canResolve(ref)).toBe(true)
    expect(await there.hasLocal(ref)).toBe(false)
    const [first, second] = await Promise.all([there.resolve(ref), there.resolve(ref)])
    expect(first).toEqual(image)
    expect(second).toEqual(image)
    const store = await (await bus.connect()).objects('TLOS_IMAGES_default')
    await store.delete(digestOf(image))
    expect(await there.resolve(ref)).toEqual(image)
    expect(await readdir(path.join(folder, 'there'))).toEqual([`${digestOf(image)}.wasm`])
  })

  it('[L70] that are not what their reference says are refused, and a damaged cache is fetched again', async () => {
    const here = await openAt('here')
    await here.put(image)
    await writeFile(path.join(folder, 'here', `${digestOf(image)}.wasm`), 'damaged')
    expect(await here.resolve(ref)).toEqual(image)
    const other = digestOf(new TextEncoder().encode('other'))
    await (await (await bus.connect()).objects('TLOS_IMAGES_default')).put(other, image)
    await expect(here.resolve(`tlos://sha256/${other}`)).rejects.toMatchObject({ code: 'invalid' })
    await expect(here.resolve('tlos://sha256/short')).rejects.toMatchObject({ code: 'invalid' })
  })

  it('too large are refused on the way in, from a file, and from the lattice', async () => {
    const generous = await openAt('generous')
    await generous.put(image)
    const strict = await openAt('strict', { maxBytes: 10, allowFiles: true })
    await expect(strict.put(image)).rejects.toMatchObject({ code: 'too-large' })
    await expect(strict.resolve(ref)).rejects.toMatchObject({ code: 'too-large' })
    const file = path.join(folder, 'x.wasm')
    await writeFile(file, image)
    await expect(strict.resolve(pathToFileURL(file).href)).rejects.toMatchObject({ code: 'too-large' })
    // What an earlier run took and kept, too.
    const stricter = await openAt('generous', { maxBytes: 10 })
    await expect(stricter.resolve(ref)).rejects.toMatchObject({ code: 'too-large' })
  })

  it('[L71] by file are read only where that is allowed; what is no reference at all is said to be none', async () => {
    const file = path.join(folder, 'x.wasm')
    await writeFile(file, image)
    const url = pathToFileURL(file).href
    const closed = await openAt('closed')
    await expect(closed.resolve(url)).rejects.toMatchObject({ code: 'refused' })
    expect(await closed.canResolve(url)).toBe(false)
    const allowed = await openAt('allowed', { allowFiles: true })
    expect(await allowed.resolve(url)).toEqual(image)
    expect(await allowed.canResolve(url)).toBe(true)
    await expect(allowed.resolve(`${url}.none`)).rejects.toMatchObject({ code: 'not-found' })
    await expect(allowed.resolve(pathToFileURL(folder).href)).rejects.toMatchObject({ code: 'invalid' })
    for (const other of ['', 'no reference', 'wasmcloud+builtin://http-server']) {
      await expect(allowed.resolve(other)).rejects.toMatchObject({ code: 'invalid' })
      expect(await allowed.canResolve(other)).toBe(false)
    }
  })

  it('of installed components are listed by name', async () => {
    const here = await openAt('here')
    const record = (id: string, name: string): Installed => ({
      id: id as Installed['id'],
      imageRef: ref,
      name,
      sizeBytes: 3,
      installedAtMs: 1,
    })
    await here.install(record('b', 'Zebra'))
    await here.install(record('a', 'Ant'))
    await here.install(record('b', 'Bee'))
    const bucket = await (await bus.connect()).bucket('TLOS_INSTALLED_default')
    await bucket.put('junk', new TextEncoder().encode('{'))
    await bucket.put('other', new TextEncoder().encode(JSON.stringify(record('a', 'Fake'))))
    expect((await here.installed()).map((r) => [r.id, r.name])).toEqual([
      ['a', 'Ant'],
      ['b', 'Bee'],
    ])
    await here.uninstall('a')
    expect((await here.installed()).map((r) => r.id)).toEqual(['b'])
  })
})

describe('images without JetStream', () => {
  it('stay on this machine, and the lattice has none', async () => {
    const bus = await buses[0].open({ jetStream: false })
    const cacheDir = await mkdtemp(path.join(tmpdir(), 'tlos-images-'))
    const images = openImages({ transport: await bus.connect(), lattice: 'default', cacheDir, allowFiles: false })
    expect(await images.put(image)).toBe(ref)
    expect(await images.resolve(ref)).toEqual(image)
    await expect(images.resolve(`tlos://sha256/${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await images.installed()).toEqual([])
    await rm(cacheDir, { recursive: true, force: true })
    await bus.close()
  })
})
