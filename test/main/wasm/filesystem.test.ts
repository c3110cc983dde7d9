import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { noGrants } from '../../../main/wasm/grants.js'
import type { Instance } from '../../../main/wasm/types.js'
import { openTestRuntime, recordingHost, type TestRuntime } from './open-test-runtime.js'
import { buildGuest } from './wasi-guest.js'

describe.skipIf(process.platform !== 'linux')('A granted directory', () => {
  let runtime: TestRuntime
  let digest: string
  let outside: string
  let granted: string
  let readOnly: string
  let instance: Instance
  const host = recordingHost()

  const act = async (...what: readonly unknown[]): Promise<unknown> =>
    JSON.parse(String(await instance.call('', 'act', [JSON.stringify(what)])))
  const start = (): Promise<Instance> =>
    runtime.start(digest, {
      componentId: 'files',
      host,
      grants: {
        ...noGrants,
        directories: [
          { host: granted, guest: '/data', access: 'read-write' },
          { host: readOnly, guest: '/read', access: 'read' },
        ],
      },
    })

  beforeAll(async () => {
    runtime = await openTestRuntime({ withPrepared: false })
    digest = (await runtime.prepare(await buildGuest('files'))).digest
  }, 400_000)
  afterAll(() => runtime.dispose())

  beforeEach(async () => {
    outside = mkdtempSync(join(tmpdir(), 'tlos-files-'))
    granted = join(outside, 'granted')
    readOnly = join(outside, 'read')
    for (const folder of [granted, readOnly, join(granted, 'sub'), join(granted, 'sub/deep')]) mkdirSync(folder)
    writeFileSync(join(outside, 'secret'), 'secret')
    writeFileSync(join(granted, 'hello'), 'hello, guest')
    writeFileSync(join(granted, 'sub/deep/file'), 'deep')
    writeFileSync(join(readOnly, 'fixed'), 'fixed')
    host.lines.length = 0
    instance = await start()
  })
  afterEach(async () => {
    await instance.stop()
    rmSync(outside, { recursive: true, force: true })
  })

  describe('gives', () => {
    it('its directories by the names they were granted under', async () => {
      expect(await act('directories')).toEqual({ got: ['/data', '/read'] })
    })

    it('files to read, whole and as a stream', async () => {
      expect(await act('read', 'hello')).toEqual({ got: 'hello, guest' })
      expect(await act('read', 'sub/deep/file')).toEqual({ got: 'deep' })
      expect(await act('read', './sub//deep/../deep/file')).toEqual({ got: 'deep' })
      expect(await act('readBelow', 'sub/deep', 'file')).toEqual({ got: 'deep' })
      expect(await act('stream', 'hello', 7)).toEqual({ got: ['guest', { tag: 'closed' }] })
      expect(await act('readEnd', 'hello')).toEqual({ got: ['', true] })
      expect(await act('read', 'fixed', 1)).toEqual({ got: 'fixed' })
    })

    it('files to write, whole, as a stream and at the end', async () => {
      expect(await act('write', 'new', 'written')).toEqual({ got: 7 })
      expect(readFileSync(join(granted, 'new'), 'utf8')).toBe('written')
      expect(await act('write', 'new', 'short')).toEqual({ got: 5 })
      expect(readFileSync(join(granted, 'new'), 'utf8')).toBe('short')
      await act('writeStream', 'new', 'ARE', 2)
      expect(readFileSync(join(granted, 'new'), 'utf8')).toBe('shARE')
      await act('append', 'new', '!')
      await act('append', 'new', '?')
      expect(readFileSync(join(granted, 'new'), 'utf8')).toBe('shARE!?')
      expect(await act('setSize', 'new', 3)).toEqual({ got: null })
      expect(readFileSync(join(granted, 'new'), 'utf8')).toBe('shA')
    })

    it('more to write in one call than the component has memory', async () => {
      expect(await act('writeMuch', 'large', 2_000)).toEqual({ got: null })
      expect(lstatSync(join(granted, 'large')).size).toBe(2_000 * 4_096)
      expect(instance.memoryBytes).toBeLessThan(2_000 * 4_096)
    })

    it('what is known of a file', async () => {
      expect(await act('stat', 'hello')).toEqual({ got: { type: 'regular-file', size: 12, linkCount: 1 } })
      expect(await act('stat', 'sub')).toMatchObject({ got: { type: 'directory' } })
      expect(await act('type', 'sub')).toEqual({ got: 'directory' })
      expect(await act('times', 'hello')).toEqual({ got: [1000, 500_000_000] })
      expect(await act('same', 'hello', 'sub/../hello')).toEqual({ got: true })
      expect(await act('same', 'hello', 'sub/deep/file')).toEqual({ got: false })
      expect(await act('hashes', 'hello', 'sub/deep/file')).toEqual({ got: [true, false] })
    })

    it('what is in a directory', async () => {
      symlinkSync('hello', join(granted, 'link'))
      expect(await act('list', '.')).toEqual({ got: ['hello: regular-file', 'link: symbolic-link', 'sub: directory'] })
    })

    it('making, renaming and removing', async () => {
      expect(await act('mkdir', 'made')).toEqual({ got: null })
      expect(await act('mkdir', 'made')).toEqual({ err: 'exist' })
      expect(await act('rename', 'hello', 'made/hi')).toEqual({ got: null })
      expect(await act('read', 'made/hi')).toEqual({ got: 'hello, guest' })
      expect(await act('rmdir', 'made')).toEqual({ err: 'not-empty' })
      expect(await act('link', 'made/hi', 'other')).toEqual({ got: null })
      expect(await act('unlink', 'made/hi')).toEqual({ got: null })
      expect(await act('rmdir', 'made')).toEqual({ got: null })
      expect(await act('unlink', 'sub')).toEqual({ err: 'is-directory' })
      expect(readdirSync(granted).sort()).toEqual(['other', 'sub'])
    })

    it('links that stay inside', async () => {
      expect(await act('symlink', 'deep/file', 'sub/inside')).toEqual({ got: null })
      expect(readlinkSync(join(granted, 'sub/inside'))).toBe('deep/file')
      expect(await act('read', 'sub/inside')).toEqual({ got: 'deep' })
      expect(await act('readlink', 'sub/inside')).toEqual({ got: 'deep/file' })
      expect(await act('lstat', 'sub/inside')).toMatchObject({ got: { type: 'symbolic-link' } })
      expect(await act('readNoFollow', 'sub/inside')).toEqual({ err: 'loop' })
      symlinkSync('../hello', join(granted, 'sub/up'))
      expect(await act('read', 'sub/up')).toEqual({ got: 'hello, guest' })
      symlinkSync('sub/deep', join(granted, 'folder'))
      expect(await act('read', 'folder/file')).toEqual({ got: 'deep' })
    })
  })

  describe('gives nothing above it:', () => {
    it.each([
      ['..', 'not-permitted'],
      ['../secret', 'not-permitted'],
      ['sub/../../secret', 'not-permitted'],
      ['sub/deep/../../../secret', 'not-permitted'],
      ['/etc/passwd', 'not-permitted'],
      ['//etc/passwd', 'not-permitted'],
      ['', 'no-entry'],
      ['hello\0.txt', 'invalid'],
      ['no/such/file', 'no-entry'],
      ['hello/below', 'not-directory'],
      ['hello/', 'not-directory'],
      ['x'.repeat(4_096), 'name-too-long'],
      ['x'.repeat(256), 'name-too-long'],
      ['./'.repeat(2_050), 'name-too-long'],
    ])('%j is refused', async (path, code) => {
      expect(await act('read', path)).toEqual({ err: code })
      expect(await act('stat', path)).toEqual({ err: code })
    })

    it.each([
      ['mkdir', '../made'],
      ['rmdir', '../granted'],
      ['unlink', '../secret'],
      ['write', '../written', 'x'],
      ['rename', 'hello', '../stolen'],
      ['rename', '../secret', 'mine'],
      ['link', '../secret', 'mine'],
      ['link', 'hello', '../stolen'],
    ])('%s %s is refused', async (...what) => {
      expect(await act(...what)).toEqual({ err: 'not-permitted' })
      expect(readdirSync(outside).sort()).toEqual(['granted', 'read', 'secret'])
      expect(readdirSync(granted).sort()).toEqual(['hello', 'sub'])
    })

    it('a link that leads outside is not followed, absolute or not, at the end or on the way', async () => {
      symlinkSync(join(outside, 'secret'), join(granted, 'absolute'))
      symlinkSync('../secret', join(granted, 'relative'))
      symlinkSync('..', join(granted, 'parent'))
      symlinkSync('/proc/self/root', join(granted, 'magic'))
      symlinkSync('relative', join(granted, 'chain'))
      for (const path of ['absolute', 'relative', 'chain', 'parent/secret', 'magic/etc/passwd']) {
        expect(await act('read', path)).toEqual({ err: 'not-permitted' })
        expect(await act('write', path, 'x')).toEqual({ err: 'not-permitted' })
      }
      expect(await act('readlink', 'absolute')).toEqual({ err: 'not-permitted' })
      expect(await act('mkdir', 'parent/made')).toEqual({ err: 'not-permitted' })
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
      expect(readdirSync(outside).sort()).toEqual(['granted', 'read', 'secret'])
    })

    it('a link that leads outside of a directory below does, from there', async () => {
      symlinkSync('../../hello', join(granted, 'sub/deep/up'))
      expect(await act('read', 'sub/deep/up')).toEqual({ got: 'hello, guest' })
      expect(await act('readBelow', 'sub/deep', 'up')).toEqual({ err: 'not-permitted' })
      expect(await act('readBelow', 'sub/deep', '../../hello')).toEqual({ err: 'not-permitted' })
    })

    it('links in a circle end', async () => {
      symlinkSync('b', join(granted, 'a'))
      symlinkSync('a', join(granted, 'b'))
      expect(await act('read', 'a')).toEqual({ err: 'loop' })
      expect(await act('read', 'a/b')).toEqual({ err: 'loop' })
    })

    it('no link can be made that leads outside', async () => {
      for (const target of ['/etc/passwd', '../secret', 'sub/../../secret']) {
        expect(await act('symlink', target, 'made')).toEqual({ err: 'not-permitted' })
      }
      expect(existsSync(join(granted, 'made'))).toBe(false)
    })

    it('a pipe and a socket are not opened, and nobody waits for them', async () => {
      execFileSync('mkfifo', [join(granted, 'pipe')])
      expect(await act('read', 'pipe')).toEqual({ err: 'not-permitted' })
      expect(await act('write', 'pipe', 'x', {})).toEqual({ err: 'not-permitted' })
    })

    it('what is replaced by a link while paths are walked leads nowhere else', async () => {
      mkdirSync(join(outside, 'sub'))
      writeFileSync(join(outside, 'sub/file'), 'stolen')
      const swapping = execSwapper(join(granted, 'swap'), join(granted, 'sub/deep'), join(outside, 'sub'))
      try {
        const answers = new Set<string>()
        // Until both were met, or a good while.
        for (let left = 2_000; left > 0 && (left > 1_850 || answers.size < 3); left -= 1) {
          answers.add(JSON.stringify(await act('read', 'swap/file')))
        }
        expect([...answers].filter((each) => each.includes('stolen'))).toEqual([])
        expect(answers).toContain(JSON.stringify({ err: 'not-permitted' }))
        expect(answers).toContain(JSON.stringify({ got: 'deep' }))
      } finally {
        swapping()
      }
    }, 120_000)
  })

  describe('that is granted for reading', () => {
    it.each([
      ['write', 'fixed', 'x', { truncate: true }, 1],
      ['write', 'new', 'x', { create: true }, 1],
      ['mkdir', 'made', 1],
      ['unlink', 'fixed', 1],
      ['rename', 'fixed', 'other', 1, 1],
      ['rename', 'fixed', 'mine', 1, 0],
      ['rename', 'hello', 'theirs', 0, 1],
      ['link', 'fixed', 'mine', 1, 0],
      ['openFor', 'fixed', { write: true }, {}, 1],
      ['openFor', 'fixed', { read: true }, { truncate: true }, 1],
      ['openFor', '.', { mutateDirectory: true }, {}, 1],
    ])('stays as it is: %s', async (...what) => {
      expect(await act(...what)).toEqual({ err: 'read-only' })
      expect(readdirSync(readOnly)).toEqual(['fixed'])
      expect(readFileSync(join(readOnly, 'fixed'), 'utf8')).toBe('fixed')
    })

    it('is not changed through a file that was opened for reading', async () => {
      expect(await act('writeUnwritable', 'hello')).toEqual({ err: 'bad-descriptor' })
      expect(await act('openFor', 'fixed', { read: true }, {}, 1)).toMatchObject({ got: { read: true, write: false } })
    })
  })

  it('may be open so often and no more, and what is dropped counts no more', async () => {
    expect(await act('hoard', 'hello', 1_000)).toEqual({ got: [254, 'quota'] })
    await instance.stop()
    instance = await start()
    for (let left = 300; left > 0; left -= 1) expect(await act('read', 'hello')).toEqual({ got: 'hello, guest' })
  })

  it('is closed when the instance goes, also in the middle of a call', async () => {
    await act('hoard', 'hello', 20)
    const pid = runtime.processes()[0]?.pid ?? 0
    const open = (): number =>
      readdirSync(`/proc/${pid}/fd`).filter((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(outside)
        } catch {
          return false
        }
      }).length
    expect(open()).toBeGreaterThanOrEqual(22)
    await instance.stop()
    await expect.poll(open, { timeout: 20_000 }).toBe(0)
  })

  it('is not there when it cannot be opened, which the log says', async () => {
    await instance.stop()
    rmSync(readOnly, { recursive: true })
    instance = await start()
    expect(await act('directories')).toEqual({ got: ['/data'] })
    expect(host.lines).toContainEqual({ level: 'warn', text: expect.stringContaining('ENOENT') as string })
  })

  it('is the same file under a second name, which a person made', async () => {
    linkSync(join(granted, 'hello'), join(granted, 'twin'))
    expect(await act('same', 'hello', 'twin')).toEqual({ got: true })
    expect(lstatSync(join(granted, 'twin')).nlink).toBe(2)
  })
})

/** Replaces `path` again and again by a directory (a move of `inside`) and a link to `target`, in a process of its own. */
function execSwapper(path: string, inside: string, target: string): () => void {
  const script = `
    const fs = require('node:fs')
    const [path, inside, target] = process.argv.slice(1)
    const end = Date.now() + 20000
    while (Date.now() < end) {
      try { fs.renameSync(inside, path); fs.renameSync(path, inside) } catch {}
      try { fs.symlinkSync(target, path); fs.unlinkSync(path) } catch {}
    }`
  const child = spawn(process.execPath, ['-e', script, path, inside, target], { stdio: 'ignore' })
  return () => void child.kill('SIGKILL')
}
