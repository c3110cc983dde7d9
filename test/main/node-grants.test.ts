import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFolder } from '../../main/granted-folder.js'
import { latticeKey } from '../../main/lattice-key.js'
import { openNodeGrants } from '../../main/node-grants.js'
import { noGrants } from '../../main/wasm/grants.js'
import type { GrantPart } from '../../preload/grants.js'

const digest = 'a'.repeat(64)
const reads = { ...noGrants, directories: [{ host: '/srv', guest: '/data', access: 'read' as const }] }

describe('The grants of a node', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tlos-grants-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are none in the beginning', async () => {
    const grants = await openNodeGrants(folder, new Map())
    expect(grants.of('default', 'counter', digest)).toEqual(noGrants)
    expect(grants.of('default', '__proto__', digest)).toEqual(noGrants)
  })

  it('are kept by lattice and component, and can be taken away', async () => {
    const before = await openNodeGrants(folder, new Map())
    await before.set('default', 'files', { grants: reads })
    const after = await openNodeGrants(folder, new Map())
    expect(after.of('default', 'files', digest)).toEqual(reads)
    expect(after.of('other', 'files', digest)).toEqual(noGrants)
    expect(after.of('default', 'counter', digest)).toEqual(noGrants)
    await after.set('default', 'files', undefined)
    expect((await openNodeGrants(folder, new Map())).of('default', 'files', digest)).toEqual(noGrants)
  })

  it('hold for the bytes they were given for', async () => {
    const grants = await openNodeGrants(folder, new Map())
    await grants.set('default', 'files', { digest, grants: reads })
    expect(grants.of('default', 'files', digest)).toEqual(reads)
    expect(grants.of('default', 'files', 'b'.repeat(64))).toEqual(noGrants)
  })

  it('are joined with those of the command line, which are not kept', async () => {
    const given = new Map([['files', { ...noGrants, arguments: ['--fast'], serve: 8080 }]])
    const grants = await openNodeGrants(folder, given)
    await grants.set('default', 'files', { grants: reads })
    expect(grants.of('default', 'files', digest)).toEqual({ ...reads, arguments: ['--fast'], serve: 8080 })
    expect((await openNodeGrants(folder, new Map())).of('default', 'files', digest)).toEqual(reads)
  })

  it('are none when their file cannot be read, which is said', async () => {
    writeFileSync(path.join(folder, 'grants.json'), '{"default": {"files": {"grants": {"directories": "all"}}}}')
    const grants = await openNodeGrants(folder, new Map())
    expect(grants.trouble).toMatch(/grants\.json/)
    expect(grants.of('default', 'files', digest)).toEqual(noGrants)
    expect(readdirSync(folder).some((name) => name.includes('broken'))).toBe(true)
  })

  describe('given one at a time', () => {
    const to = { lattice: 'default', componentId: 'files', digest }
    const folderPart = (guest: string, host = '/srv'): GrantPart => ({ kind: 'directory', host, guest, access: 'read' })

    it('hold for the bytes that run, are replaced by their key, and can be taken away one by one', async () => {
      const grants = await openNodeGrants(folder, new Map())
      const parts: readonly GrantPart[] = [
        folderPart('/data'),
        { kind: 'host', host: 'Example.com', port: 443, private: false },
        { kind: 'serve', port: 8080 },
        { kind: 'listen', port: 7000 },
        { kind: 'listen', port: 7001 },
        { kind: 'variable', name: 'HOME', value: '/data' },
        { kind: 'arguments', list: ['--fast', 'a b'] },
        { kind: 'stdin', text: 'hello' },
      ]
      // Asked for together: none of them may be lost.
      await Promise.all(parts.map((part) => grants.give(to, part)))
      const kept = [parts[0], { ...parts[1], host: 'example.com' }, ...parts.slice(2)]
      expect(grants.view(to)).toEqual({ kept, given: [], keptFor: 'these' })
      expect(grants.of('default', 'files', digest)).toMatchObject({ serve: 8080, arguments: ['--fast', 'a b'] })
      expect(grants.of('default', 'files', 'b'.repeat(64))).toEqual(noGrants)

      await grants.give(to, folderPart('/data', '/other'))
      expect(grants.view(to).kept[0]).toEqual(folderPart('/data', '/other'))
      for (const part of kept.slice(1)) await grants.take(to, part as GrantPart)
      const after = await openNodeGrants(folder, new Map())
      expect(after.view(to).kept).toEqual([folderPart('/data', '/other')])
      await after.take(to, folderPart('/data', '/whatever it is'))
      expect(after.kept('default', 'files')).toBeUndefined()
    })

    it('are not those of other bytes under the id, and take their place when something is given', async () => {
      const grants = await openNodeGrants(folder, new Map())
      await grants.set('default', 'files', { digest: 'b'.repeat(64), grants: reads })
      expect(grants.view(to)).toEqual({ kept: [folderPart('/data')], given: [], keptFor: 'others' })
      await grants.give(to, folderPart('/more'))
      expect(grants.view(to)).toEqual({ kept: [folderPart('/more')], given: [], keptFor: 'these' })
      expect(grants.of('default', 'files', 'b'.repeat(64))).toEqual(noGrants)
    })

    it('stay for whatever bytes where a person wrote them so, and say it', async () => {
      const grants = await openNodeGrants(folder, new Map([['files', { ...noGrants, serve: 1234 }]]))
      await grants.set('default', 'files', { grants: reads })
      expect(grants.view(to)).toMatchObject({ given: [{ kind: 'serve', port: 1234 }], keptFor: 'any' })
    })

    it.each([
      [{ kind: 'directory', host: 'srv', guest: '/data', access: 'read' }, /absolute path/],
      [{ kind: 'host', host: 'two words', port: 80, private: false }, /name of a host/],
      [{ kind: 'variable', name: 'A=B', value: '' }, /no =/],
      [{ kind: 'variable', name: '__proto__', value: '' }, /cannot be called/],
      [{ kind: 'arguments', list: ['a\0b'] }, /NUL/],
    ] as const)('are refused in words when they cannot be: %j', async (part, words) => {
      const grants = await openNodeGrants(folder, new Map())
      await expect(grants.give(to, part as GrantPart)).rejects.toThrow(words)
      expect(grants.view(to).kept).toEqual([])
    })
  })
})

describe('What a lattice is called in files', () => {
  it('is its name at the address that was asked for, spelled in one way, without credentials', () => {
    expect(latticeKey('home', 'nats://user:secret@Host.example:4222/x?y')).toBe('home at nats://host.example:4222')
    expect(latticeKey('home', 'wss://host.example/')).toBe('home at wss://host.example')
    expect(latticeKey('home', 'nats://host.example:4223')).not.toBe(latticeKey('home', 'nats://host.example:4222'))
  })
})

describe('A folder to be granted', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tlos-folders-'))
    mkdirSync(path.join(folder, 'shell/desktop'), { recursive: true })
    mkdirSync(path.join(folder, 'shells'))
    writeFileSync(path.join(folder, 'file'), '')
    symlinkSync(path.join(folder, 'shell/desktop'), path.join(folder, 'link'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const check = (name: string): Promise<string> => checkFolder(path.join(folder, name), path.join(folder, 'shell'))

  it.runIf(process.platform === 'linux')('is its real path, and not where the shell keeps its keys', async () => {
    expect(await check('shells')).toBe(path.join(folder, 'shells'))
    for (const name of ['', 'shell', 'shell/desktop', 'link', '..']) {
      await expect(check(name), name).rejects.toMatchObject({ code: 'refused' })
    }
    await expect(check('nowhere')).rejects.toMatchObject({ code: 'not-found' })
    await expect(check('file')).rejects.toMatchObject({ code: 'invalid' })
    await expect(checkFolder('shells', folder)).rejects.toMatchObject({ code: 'invalid' })
  })
})
