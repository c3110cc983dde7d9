// What is typed into the form that joins a lattice, and the request that becomes of it.

import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { ConnectRequest } from '../../../preload/contract.js'
import {
  type ConnectDraft,
  emptyEnd,
  findWrong,
  signIns,
  toRequest,
} from '../../../renderer/panels/popups/connect-draft.js'

const draft: ConnectDraft = {
  lattice: ' default ',
  control: emptyEnd(' nats://hub:4222 '),
  hasCalls: false,
  calls: emptyEnd(''),
  jsDomain: '',
  inboxPrefix: ' ',
  ctlTopicPrefix: '',
}

describe('joining a lattice', () => {
  it('says nothing of what was left empty', () => {
    expect(toRequest(draft)).toEqual({ url: 'nats://hub:4222', lattice: 'default' })
  })

  it('signs in by the one way chosen, whatever else was typed before', () => {
    const typed = { ...draft.control, user: 'ann', secret: 's', file: '/f' }
    const sent = signIns.map((signIn) => {
      const { url: _url, lattice: _lattice, ...rest } = toRequest({ ...draft, control: { ...typed, signIn } })
      return rest
    })
    expect(sent).toEqual([{}, { user: 'ann', password: 's' }, { token: 's' }, { seedFile: '/f' }, { credsFile: '/f' }])
  })

  it('sends certificates, domain, prefixes and a second server', () => {
    const control = { ...draft.control, caFile: '/ca', certFile: '/c', keyFile: '/k' }
    const calls = { ...emptyEnd('wss://calls'), signIn: 'token', secret: 't' } as const
    const prefixes = { inboxPrefix: '_x', ctlTopicPrefix: ' acme.steer ' }
    expect(toRequest({ ...draft, control, hasCalls: true, calls, jsDomain: 'hub', ...prefixes })).toEqual({
      url: 'nats://hub:4222',
      lattice: 'default',
      caFile: '/ca',
      certFile: '/c',
      keyFile: '/k',
      rpc: { url: 'wss://calls', token: 't' },
      jsDomain: 'hub',
      inboxPrefix: '_x',
      ctlTopicPrefix: 'acme.steer',
    })
  })

  it('finds what is wrong before anything is sent', () => {
    expect(findWrong(draft)).toBeUndefined()
    expect(findWrong({ ...draft, control: emptyEnd('http://hub') })).toBe('url')
    expect(findWrong({ ...draft, lattice: 'a.b' })).toBe('lattice')
    expect(findWrong({ ...draft, hasCalls: true })).toBe('calls-url')
    for (const ctlTopicPrefix of ['acme.>', 'a..b', 'a b', '.a', 'a.']) {
      expect(findWrong({ ...draft, ctlTopicPrefix }), ctlTopicPrefix).toBe('prefix')
    }
    // What is found wrong here main would refuse, and nothing else: it reads the same text by the same rule.
    for (const ctlTopicPrefix of ['', ' ', 'acme', 'acme.steer', ' wasmbus.ctl ']) {
      expect(findWrong({ ...draft, ctlTopicPrefix })).toBeUndefined()
      expect(v.is(ConnectRequest, toRequest({ ...draft, ctlTopicPrefix }))).toBe(true)
    }
    // One that is not meant is not looked at.
    expect(findWrong({ ...draft, calls: emptyEnd('junk') })).toBeUndefined()
  })
})
