// Every form against the bridge's own schemas: what it sends is what the table of calls takes.

import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { type CallName, calls, type Shell } from '../../../../preload/contract.js'
import { emptyState } from '../../../../preload/changes.js'
import type { Component, Host, LatticeState } from '../../../../preload/records.js'
import { en } from '../../../../renderer/panels/i18n/en.js'
import { judge, valuesOf } from '../../../../renderer/panels/tools/fields.js'
import { formOf } from '../../../../renderer/panels/tools/forms.js'
import { deedsOf } from '../../../../renderer/panels/palette/deeds.js'
import { defaultWorkspace } from '../../../../renderer/state/workspace.js'
import type { FormName } from '../../../../renderer/state/interaction.js'

const hostId = `N${'A'.repeat(55)}` as Host['id']
const host: Host = {
  id: hostId,
  friendlyName: 'attic',
  kind: 'wasmcloud',
  version: '1.9.2',
  labels: { zone: 'home' },
  heardAtMs: 0,
  startedAtMs: 0,
  liveness: 'fresh',
  cordoned: false,
}
const actor: Component = {
  id: 'hello' as Component['id'],
  hostId,
  imageRef: 'ghcr.io/home/hello:1.0',
  maxInstances: 2,
  annotations: { team: 'home' },
  state: 'running',
  stateKind: 'unknown',
  hasWindow: false,
  activity: 0,
}
const key = `${hostId}/hello`
const lattice: LatticeState = {
  ...emptyState('default'),
  hosts: { [hostId]: host },
  components: { [key]: actor },
  providers: {
    [`${hostId}/http`]: { id: 'http', hostId, imageRef: 'http-server', annotations: {}, health: 'running' },
    [`${hostId}/kv`]: { id: 'kv', hostId, imageRef: 'tlos-keyvalue', annotations: {}, health: 'running' },
  },
}

const filled: Readonly<Record<string, string>> = {
  id: 'fresh',
  reference: 'ghcr.io/home/fresh:2.0',
  count: '3',
  config: 'one two',
  annotations: 'a=b',
  constraints: 'zone=home',
  memory: '1048576',
  seconds: '',
  target: 'example:hello/greeter.greet',
  key: 'k',
  value: 'v',
  source: 'hello',
  namespace: 'wasi',
  package: 'keyvalue',
  interfaces: 'store atomics',
  name: 'default',
  sourceConfig: '',
  targetConfig: 'one',
  values: 'a=1',
  backend: 'nats-kv',
  registry: 'ghcr.io',
  user: 'me',
  password: 'secret',
}

const abouts: Readonly<Record<FormName, string>> = {
  run: '',
  provider: hostId,
  update: key,
  scale: key,
  invoke: 'hello',
  request: 'hello',
  label: hostId,
  link: 'hello',
  config: '',
  secret: '',
  registry: '',
}

describe('every form', () => {
  it.each(Object.entries(abouts) as [FormName, string][])('%s sends what the bridge takes', async (name, about) => {
    const spec = formOf({ name, about }, { lattice, words: en })
    expect(spec?.fields.length).toBeGreaterThan(0)
    const texts = Object.fromEntries(
      (spec?.fields ?? []).map((field) => [
        field.name,
        field.initial === '' || field.initial === undefined ? (filled[field.name] ?? '') : field.initial,
      ]),
    )
    if (name === 'link') texts['target'] = 'kv'
    for (const field of spec?.fields ?? [])
      expect([field.name, judge(field, texts[field.name] ?? '')]).toEqual([field.name, undefined])
    const sent: [CallName, unknown[]][] = []
    const shell: Shell = {
      call(call, ...args) {
        sent.push([call, args])
        // The answer does not matter here; a failure fits every call.
        return Promise.resolve({ ok: false, failure: { code: 'refused', message: 'no' } })
      },
      on: () => () => undefined,
    }
    expect(await spec?.run(shell, valuesOf(texts))).toEqual({ ok: false, failure: { code: 'refused', message: 'no' } })
    expect(sent).toHaveLength(1)
    const [call, args] = sent[0]!
    expect(v.safeParse(calls[call].args, args).issues).toBeUndefined()
  })

  it('is no more when what it was about is no more', () => {
    expect(formOf({ name: 'update', about: 'gone' }, { lattice, words: en })).toBeUndefined()
  })

  it('leaves labels out when a host is named, and the host out when none is', async () => {
    const asked: unknown[] = []
    const shell: Shell = {
      call(_call, ...args) {
        asked.push(args[0])
        return Promise.resolve({ ok: false, failure: { code: 'not-found', message: 'in English' } })
      },
      on: () => () => undefined,
    }
    const spec = formOf({ name: 'run', about: '' }, { lattice, words: en })!
    await spec.run(shell, valuesOf({ ...filled, host: hostId }))
    await spec.run(shell, valuesOf({ ...filled, host: '' }))
    expect(asked).toMatchObject([
      { hostId, constraints: {}, limits: { max_memory_limit: '1048576' } },
      { constraints: { zone: 'home' } },
    ])
    expect(asked[1]).not.toHaveProperty('hostId')
    const failure = { code: 'not-found', message: 'in English' } as const
    expect(spec.trouble?.(failure, valuesOf({ ...filled, host: '' }))).toMatch(/^No host with zone=home offered/)
    expect(spec.trouble?.(failure, valuesOf({ ...filled, host: hostId }))).toBeUndefined()
  })
})

describe('the palette', () => {
  const deeds = deedsOf({
    lattice,
    workspace: defaultWorkspace,
    interaction: { focused: undefined, selection: undefined },
    words: en,
    verdicts: new Map(),
    linkOffers: [],
    query: '',
  })
  const titles = deeds.map(({ title }) => title)

  it('has a way to every form and tool', () => {
    const opened = new Set(
      deeds.flatMap(({ run }) => (run.kind === 'intent' && run.intent.kind === 'tool' ? [run.intent.tool.name] : [])),
    )
    expect([...opened].sort()).toEqual(
      [...Object.keys(abouts), 'applications', 'capture', 'claims', 'configs', 'permits', 'manifest', 'traffic'].sort(),
    )
    expect(titles).toContain('Call the roll and read everything again')
    expect(titles).toContain('Take the label zone off attic')
  })

  it('offers to stop a provider, with the reason where nobody can', () => {
    const stop = (id: string) => deeds.find(({ title }) => title === `Stop provider ${id}`)
    expect(stop('http')?.obstacle).toBeUndefined()
    expect(stop('http')?.question).toBeDefined()
    expect(stop('kv')?.obstacle).toBe('it is part of its node')
  })

  it('names each deed once', () => {
    const ids = deeds.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })
})
