// What a node keeps between runs, on a real disk: its key and what ran, also when a file is ruined.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ActorSpec } from '../../main/lattice/host-types.js'
import { createKey } from '../../main/lattice/nkeys.js'
import { openNodeState } from '../../main/node-state.js'

const spec = (componentId: string): ActorSpec => ({
  componentId,
  imageRef: `tlos://sha256/${'0'.repeat(64)}`,
  annotations: {},
  maxInstances: 1,
  config: [],
  limits: undefined,
})

describe('the state of a node', () => {
  let folder: string
  const logged: string[] = []
  const open = async () => await openNodeState(folder, (_level, text) => logged.push(text))

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-state-'))
    logged.length = 0
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it.each([
    ['no JSON', '{"seed": '],
    ['a seed that is none', '{"seed": "SNOTASEED"}'],
    ['a seed of another kind of key', JSON.stringify({ seed: createKey('curve').seed })],
  ])('keeps its key when the file holds %s, moves the file aside and says so', async (_what, text) => {
    const { seed } = createKey('server')
    await (await open()).saveSeed(seed)
    await writeFile(path.join(folder, 'identity.json'), text)
    const after = await open()
    expect(after.seed).toBe(seed)
    expect(after.troubles).toHaveLength(1)
    expect(logged).toEqual(after.troubles)
    expect((await readdir(folder)).filter((name) => name.startsWith('identity.json.broken-'))).toHaveLength(1)
    // And the next time, too, without anything having been saved meanwhile.
    expect(await open()).toMatchObject({ seed, troubles: [] })
  })

  it('keeps what ran when the table is ruined', async () => {
    const first = await open()
    first.saveRunning('default', [spec('a')])
    first.saveRunning('default', [spec('a'), spec('b')])
    // Looked at as text: opening it would clear away what is just being written.
    const isKept = async (name: string): Promise<boolean> =>
      (await readFile(path.join(folder, name), 'utf8').catch(() => '')).includes('"b"')
    await expect.poll(() => isKept('running.json.bak'), { timeout: 20_000 }).toBe(true)
    expect(await isKept('running.json')).toBe(true)
    await writeFile(path.join(folder, 'running.json'), '[')
    const after = await open()
    expect(after.running('default').map((each) => each.componentId)).toEqual(['a', 'b'])
    expect(after.troubles).toHaveLength(1)
  })
})
