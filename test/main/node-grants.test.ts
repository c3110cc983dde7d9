import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openNodeGrants } from '../../main/node-grants.js'
import { noGrants } from '../../main/wasm/grants.js'

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
})
