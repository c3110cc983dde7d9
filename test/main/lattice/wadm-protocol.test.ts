// What wadm says as values: every spelling of its versions, words nobody knows, and junk.

import { describe, expect, it } from 'vitest'
import {
  applicationOf,
  decodeApplications,
  decodeStatus,
  decodeWadmReply,
  encodeVersion,
  isApplicationName,
  wadmSubjects,
} from '../../../main/lattice/protocol/wadm.js'
import { bytes, json, seededRandom } from './lattice-samples.js'

describe('subjects of wadm', () => {
  it('are those of its API, status and events', () => {
    const subjects = wadmSubjects('home')
    expect(subjects.model('list')).toBe('wadm.api.home.model.list')
    expect(subjects.model('deploy', 'shop')).toBe('wadm.api.home.model.deploy.shop')
    expect([subjects.statuses, subjects.events]).toEqual(['wadm.status.home.*', 'wadm.evt.home.>'])
    expect(applicationOf('wadm.status.home.shop')).toBe('shop')
    expect(applicationOf('wadm.status.home.')).toBeUndefined()
    expect(['a-b_1', 'a.b', 'a b', '', 'a>'].map(isApplicationName)).toEqual([true, false, false, false, false])
  })
})

describe('[L68] answers of wadm', () => {
  it('[L68] are read with the words of older servers, and words that nobody knows stay visible as such', () => {
    const type = (word: string) => {
      const status = decodeStatus(bytes({ status: { type: word } }))
      return status.ok ? status.value.type : status.reason
    }
    expect(['ready', 'compensating', 'deployed', 'unhealthy', 'dreaming'].map(type)).toEqual([
      'deployed',
      'reconciling',
      'deployed',
      'unhealthy',
      'unknown',
    ])
  })

  it('list applications as a bare array, as an object, and as servers without a detailed status do', () => {
    const summary = { name: 'a', version: 'v1', description: null, deployed_version: null, status: 'ready' }
    const told = {
      ...summary,
      name: 'b',
      deployed_version: 'v1',
      detailed_status: { status: { type: 'failed', message: 'no host' }, scalers: [{ id: 's', kind: 'k', name: 'n' }] },
    }
    const wanted = [
      {
        name: 'a',
        version: 'v1',
        description: undefined,
        deployedVersion: undefined,
        status: { type: 'deployed', message: undefined, scalers: [] },
      },
      {
        name: 'b',
        version: 'v1',
        description: undefined,
        deployedVersion: 'v1',
        status: {
          type: 'failed',
          message: 'no host',
          scalers: [{ id: 's', kind: 'k', name: 'n', type: 'unknown', message: undefined }],
        },
      },
    ]
    expect(decodeApplications(bytes([summary, told]))).toEqual({ ok: true, value: wanted })
    expect(decodeApplications(bytes({ result: 'success', message: '', models: [summary, told] }))).toEqual({
      ok: true,
      value: wanted,
    })
    // One that cannot be read does not hide the others.
    expect(decodeApplications(bytes([{ name: 7 }, summary]))).toMatchObject({ ok: true, value: [{ name: 'a' }] })
    expect(decodeApplications(bytes({ result: 'error', message: 'no store' }))).toEqual({
      ok: false,
      reason: 'no store',
    })
  })

  it('tell what came of a put, a deploy and a delete', () => {
    expect(
      decodeWadmReply(
        bytes({ result: 'newversion', total_versions: 2, current_version: 'v2', message: 'kept', name: 'a' }),
      ),
    ).toMatchObject({ ok: true, value: { result: 'newversion', version: 'v2', totalVersions: 2, name: 'a' } })
    expect(decodeWadmReply(bytes({ result: 'deleted', message: '', undeploy: true }))).toMatchObject({
      ok: true,
      value: { undeployed: true },
    })
    expect(decodeWadmReply(bytes({ message: 'no result' }))).toMatchObject({ ok: false })
  })

  it('are asked for with a version only when there is one', () => {
    expect(encodeVersion(undefined)).toHaveLength(0)
    expect(json(encodeVersion('v1'))).toEqual({ version: 'v1' })
  })

  it('never throw, whatever came (seed 20261127)', () => {
    const random = seededRandom(20_261_127)
    const pieces = ['{', '}', '[', ']', ',', ':', '"result"', '"status"', '"type"', 'null', '1e999', '"a"', '\\u', 'é']
    for (let n = 0; n < 2_000; n += 1) {
      const text = Array.from({ length: Math.floor(random() * 12) }, () => pieces[Math.floor(random() * pieces.length)])
      const junk = new TextEncoder().encode(text.join(''))
      for (const decode of [decodeApplications, decodeWadmReply, decodeStatus]) {
        expect(typeof decode(junk).ok).toBe('boolean')
      }
    }
  })
})
