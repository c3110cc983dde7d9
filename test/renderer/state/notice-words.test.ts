// Whatever main raises as a notice is said in Russian too: every code that stands in its sources has its words here.

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { findLosses } from '../../../main/losses.js'
import { failureCodes, type Notice } from '../../../preload/records.js'
import { createNotices } from '../../../renderer/input/notices.js'
import { createInteractionStore } from '../../../renderer/state/interaction.js'
import { noticeWords } from '../../../renderer/state/notice-words.js'
import { providerName } from '../../../renderer/state/provider-names.js'
import { component, host, lattice } from '../scene/build.js'

const root = path.resolve(import.meta.dirname, '../../..')
const english = { title: 'An English title', text: 'An English text.' }
const args = {
  actor: 'notes',
  host: 'north',
  name: 'north',
  file: 'x.wasm',
  time: '12:00:00',
  since: '2026-11-27T00:00:00Z',
  stateKind: 'exported',
  next: 'again',
  what: '/srv',
  provider: 'kv',
  title: 'Сделать не вышло',
  kind: 'refused',
  publish: 'tlos.>',
  subscribe: 'a.b, c.d',
  more: 3,
}
const said = (code: string, more: object = {}) =>
  noticeWords({ ...english, said: { code, args: { ...args, ...more } } }, 'ru')

function sourcesOf(folder: string): (readonly [string, string])[] {
  return readdirSync(path.join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(path.join(root, folder, name), 'utf8')] as const)
}

/** The codes that sources raise: `said: { code: '…'`. */
function codesIn(folder: string): string[] {
  return sourcesOf(folder)
    .flatMap(([, text]) => [...text.matchAll(/said: \{\s*code: '([a-z-]+)'/g)])
    .map(([, code]) => code ?? '')
}

/** The records that are raised as notices, as they stand in the source: from the brace to the one that closes it. */
function raisesIn(text: string): string[] {
  return [...text.matchAll(/\braise\((?=\{)/g)].map(({ index, 0: call }) => {
    const from = index + call.length
    let depth = 0
    for (let at = from; at < text.length; at += 1) {
      if (text[at] === '{') depth += 1
      if (text[at] === '}') depth -= 1
      if (depth === 0) return text.slice(from, at + 1)
    }
    return text.slice(from)
  })
}

/** Notes of nodes, which a desktop raises as `actor-…`; one that was restored lost nothing and is not raised. */
const ofNotes = new Set(['failed', 'not-saved', 'begins-afresh'])

describe('Notices in Russian', () => {
  const codes = [
    ...new Set(codesIn('main').map((code) => (ofNotes.has(code) ? `actor-${code}` : code))),
    'actor-older',
    'actor-empty',
    'granted',
    'taken',
    'failure',
  ]

  it('are found in the sources', () => {
    expect(codes).toEqual(expect.arrayContaining(['file-unreadable', 'gone-with-node', 'actor-failed', 'server-down']))
  })

  it.each(codes)('have no English of ours: %s', (code) => {
    const { title, text } = said(code)
    const ours = `${title} ${text}`.replace(/notes|north|x\.wasm|\/srv|NATS|lattice|2026\S*|kv|tlos\.>|a\.b, c\.d/g, '')
    expect(ours).toMatch(/[а-я]{4}/)
    expect(ours).not.toMatch(/[A-Za-z]{3}/)
  })

  it('are not raised anywhere in main without their code, or a receipt, which the card puts into words', () => {
    const without = sourcesOf('main').flatMap(([name, text]) =>
      raisesIn(text)
        .filter((raise) => !/\b(?:said|receipt)\b/.test(raise))
        .map((raise) => `${name}: ${raise}`),
    )
    expect(without).toEqual([])
    // The walk finds them at all, and one that has none.
    expect(sourcesOf('main').flatMap(([, text]) => raisesIn(text)).length).toBeGreaterThan(9)
    expect(raisesIn("x.raise({ title: 'a', about: { b: 1 } })")).toEqual(["{ title: 'a', about: { b: 1 } }"])
  })

  it.each(failureCodes)('of a failure of main say what kind it is: %s', (code) => {
    const interaction = createInteractionStore()
    createNotices(interaction, () => 0).trouble('counter не остановлен', { code, message: 'It did not stop in 15 s' })
    const [notice] = interaction.getState().notices
    const { title, text } = noticeWords(notice as Notice, 'ru')
    expect(title).toBe('counter не остановлен')
    expect(text).toMatch(/^[А-Я][а-яё ,]{8,}.*\. Подробности: It did not stop in 15 s$/)
    expect(text.replace(/Подробности: .*/, '')).not.toMatch(/[A-Za-z]{3}/)
    // No two kinds say the same, and English stays as it was said.
    const others = failureCodes.filter((other) => other !== code).map((kind) => said('failure', { kind }).text)
    expect(others).not.toContain(said('failure', { kind: code }).text)
    expect(noticeWords(notice as Notice, 'en').text).toBe('It did not stop in 15 s')
  })

  it('of a kind that a newer node names keep what it said', () => {
    const text = 'Подробности: something new'
    expect(said('failure', { kind: '__proto__', detail: 'something new' })).toEqual({ title: args.title, text })
  })

  it('name what credentials may not do, and how much more there is', () => {
    expect(said('credentials-narrow').text).toMatch(/: публиковать в tlos\.>, подписываться на a\.b, c\.d, и ещё 3\. /)
    expect(said('credentials-narrow', { publish: '', more: 0 }).text).toMatch(/нельзя: подписываться на a\.b, c\.d\. /)
  })

  it('keep what somebody else said, as it was said', () => {
    expect(said('actor-failed', { detail: 'it trapped: unreachable' }).text).toMatch(
      /Подробности: it trapped: unreachable$/,
    )
    expect(said('of-a-newer-node')).toEqual(english)
    expect(noticeWords(english, 'ru')).toEqual(english)
    expect(noticeWords({ ...english, said: { code: 'granted', args } }, 'en')).toEqual(english)
  })

  it.each(['exported', 'snapshot', 'none', 'unknown'] as const)(
    'say what a dead node took with it: %s',
    (stateKind) => {
      const components = [component('north', 'notes', { stateKind })]
      const before = lattice({ hosts: [host('north')], components })
      const after = lattice({ hosts: [host('north', { liveness: 'gone', reason: 'no answer' })], components })
      const [loss] = findLosses(before, after, () => '12:00:00')
      const { title, text } = noticeWords(loss as Notice, 'ru')
      expect(title).toBe('notes пропал вместе с «north»')
      expect(text).toMatch(/12:00:00\. \S/)
      expect(text.replace(/notes|north/g, '')).not.toMatch(/[A-Za-z]/)
    },
  )
})

describe('Providers in Russian', () => {
  it('have names where they are ours, and keep the names of others', () => {
    const sources = ['providers/keyvalue', 'providers/blobstore', 'providers/messaging', 'provider-host/starting'].map(
      (file) => readFileSync(path.join(root, 'main', `${file}.ts`), 'utf8'),
    )
    for (const source of sources) {
      const name = /\bname: '([A-Z][^']+)'/.exec(source)?.[1] ?? ''
      expect(name).not.toBe('')
      expect(providerName({ id: 'x', name }, 'ru'), name).toMatch(/^[А-Я]/)
      expect(providerName({ id: 'x', name }, 'en')).toBe(name)
    }
    expect(providerName({ id: 'VAG3', name: 'Somebody’s store' }, 'ru')).toBe('Somebody’s store')
    expect(providerName({ id: '__proto__', name: undefined }, 'ru')).toBe('__proto__')
  })
})
