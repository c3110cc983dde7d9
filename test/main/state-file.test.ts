// State files survive what happens to files. Real files; the full disk is a real one, too (a small file system of our own).

import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStateFile } from '../../main/state-file.js'

const schema = v.object({ places: v.record(v.string(), v.number()) })
const initial = { places: {} }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-state-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = () => openStateFile({ folder, name: 'workspace', schema, initial })
const file = () => path.join(folder, 'workspace.json')

describe('a state file', () => {
  it('begins with the initial value and comes back as saved, readable by its owner alone', async () => {
    const first = await open()
    expect([first.value, first.trouble]).toEqual([initial, undefined])
    await first.save({ places: { a: 1 } })
    const second = await open()
    expect([second.value, second.trouble]).toEqual([{ places: { a: 1 } }, undefined])
    expect((await stat(file())).mode & 0o777).toBe(0o600)
  })

  it('keeps the last of many values saved at once, and every save resolves only then', async () => {
    const state = await open()
    await state.save({ places: { first: 1 } })
    await Promise.all(Array.from({ length: 200 }, (_, n) => state.save({ places: { n } })))
    expect((await open()).value).toEqual({ places: { n: 199 } })
    expect((await readdir(folder)).sort()).toEqual(['workspace.json', 'workspace.json.bak'])
  })

  it.each([
    ['not JSON', '{"places": {"a": 1'],
    ['empty', ''],
    ['of another shape', '{"places": {"a": "one"}}'],
    ['not even text', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
  ])('that is %s is kept aside, told, and its copy used, which has what was saved last', async (_what, content) => {
    const state = await open()
    await state.save({ places: { a: 1 } })
    await state.save({ places: { a: 2 } })
    await writeFile(file(), content)
    const again = await open()
    expect(again.value).toEqual({ places: { a: 2 } })
    expect(again.trouble?.message).toContain('its copy is used')
    expect(await readFile(again.trouble?.movedTo ?? '')).toEqual(Buffer.from(content))
    await again.save({ places: { a: 3 } })
    expect([(await open()).value, (await open()).trouble]).toEqual([{ places: { a: 3 } }, undefined])
  })

  it('has a copy at every moment, whole, also while it is saved', async () => {
    const state = await open()
    await state.save({ places: { n: 0 } })
    let isSaving = true
    const seen = new Set<string>()
    const looking = (async () => {
      while (isSaving) {
        const copy = JSON.parse(await readFile(`${file()}.bak`, 'utf8')) as { places: { n: number } }
        seen.add(typeof copy.places.n)
      }
    })()
    for (let n = 1; n <= 40; n += 1) await state.save({ places: { n } })
    isSaving = false
    await looking
    expect([...seen]).toEqual(['number'])
    expect(await readFile(`${file()}.bak`, 'utf8')).toBe(await readFile(file(), 'utf8'))
  })

  it('has its copy made again at the next start when a process ended before it was made', async () => {
    const state = await open()
    await state.save({ places: { a: 1 } })
    const older = await readFile(file())
    await state.save({ places: { a: 2 } })
    for (const copy of [older, undefined]) {
      if (copy === undefined) await rm(`${file()}.bak`)
      else await writeFile(`${file()}.bak`, copy)
      await open()
      await writeFile(file(), 'garbage')
      expect((await open()).value).toEqual({ places: { a: 2 } })
    }
  })

  it('says when what was saved, and what was saved meanwhile, is on the disk', async () => {
    const state = await open()
    await state.settled()
    void state.save({ places: { a: 1 } })
    void state.save({ places: { a: 2 } }).then(() => void state.save({ places: { a: 3 } }))
    await state.settled()
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({ places: { a: 3 } })
  })

  it('that is broken with a broken backup begins anew, and both are still there', async () => {
    await writeFile(file(), 'garbage')
    await writeFile(`${file()}.bak`, 'more garbage')
    const state = await open()
    expect(state.value).toEqual(initial)
    expect(state.trouble?.message).toContain('a fresh one is used')
    expect(await readFile(state.trouble?.movedTo ?? '', 'utf8')).toBe('garbage')
  })

  it('that is a folder is moved aside, too', async () => {
    await mkdir(file())
    const state = await open()
    expect(state.trouble?.movedTo).toBeDefined()
    await state.save({ places: { b: 1 } })
    expect((await open()).value).toEqual({ places: { b: 1 } })
  })

  it('refuses what is not JSON data and stays as it was', async () => {
    const loose = await openStateFile({ folder, name: 'loose', schema: v.record(v.string(), v.unknown()), initial: {} })
    await loose.save({ a: 1 })
    await expect(loose.save({ a: 1n })).rejects.toMatchObject({ code: 'invalid' })
    await loose.save({ a: 2 })
    expect(await readFile(path.join(folder, 'loose.json'), 'utf8')).toBe('{\n  "a": 2\n}\n')
  })

  it('leaves no half-written file behind: remains of a killed process are cleared up', async () => {
    await writeFile(`${file()}.4711.tmp`, '{"pla')
    await open()
    expect(await readdir(folder)).toEqual([])
  })

  it('says so when its folder cannot be had', async () => {
    await writeFile(path.join(folder, 'taken'), '')
    const inFile = openStateFile({ folder: path.join(folder, 'taken', 'x'), name: 'a', schema, initial })
    await expect(inFile).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('says so when its folder goes, and saves again when it is back', async () => {
    const state = await open()
    await rm(folder, { recursive: true })
    await expect(state.save({ places: { a: 1 } })).rejects.toMatchObject({ code: 'unavailable' })
    await mkdir(folder)
    await state.save({ places: { a: 2 } })
    expect((await open()).value).toEqual({ places: { a: 2 } })
  })
})

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

it.skipIf(!canMount)('on a full disk a save fails with the reason and the old file is whole', async () => {
  const program = path.join(folder, 'fill.cjs')
  const source = path.resolve(import.meta.dirname, '../../main/state-file.ts')
  await build({
    stdin: {
      contents: `
        import * as v from 'valibot'
        import { openStateFile } from ${JSON.stringify(source)}
        const open = () => openStateFile({ folder: '/mnt/state', name: 's', schema: v.object({ text: v.string() }), initial: { text: '' } })
        const main = async () => {
          const state = await open()
          await state.save({ text: 'small' })
          const error = await state.save({ text: 'x'.repeat(4_000_000) }).then(() => undefined, (e) => e)
          const after = await open()
          const found = after.value
          await after.save({ text: 'small again' })
          console.log(JSON.stringify([error?.code, error?.message, found, after.trouble, (await open()).value]))
        }
        void main()`,
      resolveDir: path.dirname(source),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: program,
  })
  const script = `mount -t tmpfs -o size=256k tmpfs /mnt && exec "$0" "$1"`
  const run = spawnSync('unshare', ['-rm', 'sh', '-c', script, process.execPath, program], { encoding: 'utf8' })
  expect(run.stderr).toBe('')
  expect(JSON.parse(run.stdout)).toEqual([
    'unavailable',
    '/mnt/state/s.json was not saved: the disk is full. What was saved before is still there',
    { text: 'small' },
    null, // no trouble
    { text: 'small again' },
  ])
})
