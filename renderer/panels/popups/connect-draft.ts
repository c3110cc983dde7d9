// What is typed into the form that joins another lattice, and the request it becomes. Pure.

import type { ConnectRequest, NatsEnd } from '../../../preload/contract.js'

export const signIns = ['none', 'user', 'token', 'seed', 'creds'] as const
export type SignIn = (typeof signIns)[number]

/** One server and how to sign in there. */
export interface EndDraft {
  readonly url: string
  readonly signIn: SignIn
  readonly user: string
  /** Password or token. */
  readonly secret: string
  /** The file of the seed or of the credentials. */
  readonly file: string
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

export interface ConnectDraft {
  readonly lattice: string
  readonly control: EndDraft
  /** Calls between components go over another server. */
  readonly hasCalls: boolean
  readonly calls: EndDraft
  readonly jsDomain: string
  readonly inboxPrefix: string
  /** What control subjects begin with. */
  readonly ctlTopicPrefix: string
}

export type WrongField = 'url' | 'lattice' | 'calls-url' | 'prefix'

export function emptyEnd(url: string): EndDraft {
  return { url, signIn: 'none', user: '', secret: '', file: '', caFile: '', certFile: '', keyFile: '' }
}

/** By hand: the page's own `URL` finds no host in schemes that it does not know. Main reads it properly. */
const server = /^(?:wss?|nats|tls):\/\/[^\s/?#]+\/?\S*$/i
/** Tokens of a subject, without wildcards: as main takes it (`preload/contract.ts`). */
const subject = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/
const latticeName = /^[A-Za-z0-9_-]{1,128}$/

export function findWrong(draft: ConnectDraft): WrongField | undefined {
  if (!server.test(draft.control.url.trim())) return 'url'
  if (!latticeName.test(draft.lattice.trim())) return 'lattice'
  if (draft.hasCalls && !server.test(draft.calls.url.trim())) return 'calls-url'
  const prefix = draft.ctlTopicPrefix.trim()
  return prefix === '' || subject.test(prefix) ? undefined : 'prefix'
}

/** Empty fields say nothing; of the ways to sign in only the one chosen is sent. */
export function toRequest(draft: ConnectDraft): ConnectRequest {
  return {
    ...toEnd(draft.control),
    lattice: draft.lattice.trim(),
    ...(draft.hasCalls ? { rpc: toEnd(draft.calls) } : {}),
    ...filled('jsDomain', draft.jsDomain),
    ...filled('inboxPrefix', draft.inboxPrefix),
    ...filled('ctlTopicPrefix', draft.ctlTopicPrefix),
  }
}

function toEnd(end: EndDraft): NatsEnd {
  return {
    url: end.url.trim(),
    ...(end.signIn === 'user' ? { user: end.user, password: end.secret } : {}),
    ...(end.signIn === 'token' ? { token: end.secret } : {}),
    ...(end.signIn === 'seed' ? filled('seedFile', end.file) : {}),
    ...(end.signIn === 'creds' ? filled('credsFile', end.file) : {}),
    ...filled('caFile', end.caFile),
    ...filled('certFile', end.certFile),
    ...filled('keyFile', end.keyFile),
  }
}

function filled<const K extends string>(name: K, text: string): { [N in K]?: string } {
  // An object with that very key, or none.
  return (text.trim() === '' ? {} : { [name]: text.trim() }) as { [N in K]?: string }
}
