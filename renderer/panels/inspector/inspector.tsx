// Everything the lattice knows of what is chosen: a host, an actor, a provider or a cable. Right of the plane; tabs, and
// the actions at the bottom, one of them primary.

import { useCallback, useEffect, useState, type ReactNode } from 'react'
import type { CallResult, Outcome } from '../../../preload/contract.js'
import type { Component, Host } from '../../../preload/records.js'
import { inspectorTabs, type InspectorTab, type ThingRef } from '../../state/interaction.js'
import { LogView } from '../form/log-view.js'
import { NumbersView } from '../form/numbers-view.js'
import { GrantsTab } from '../grants/grants-tab.js'
import { Glyph } from '../glyphs.js'
import { useGround, useInteraction, useLattice, useTongue } from '../hooks.js'
import { ReceiptRows } from '../popups/notice-card.js'
import { useAsked } from '../tools/use-asked.js'
import { ActorActions, ActorHead, ActorOverview } from './actor-parts.js'
import { HostActions, HostHead, HostOverview } from './host-parts.js'
import { LinkActions, LinkHead, LinkOverview, ProviderActions, ProviderHead, ProviderOverview } from './link-parts.js'

export function Inspector(): ReactNode {
  const thing = useInteraction((state) => state.inspector)
  return thing === undefined ? undefined : <Inspected key={`${thing.kind} ${thing.id}`} thing={thing} />
}

function Inspected({ thing }: { readonly thing: ThingRef }): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const host = useLattice((state) => (thing.kind === 'place' ? state.hosts[thing.id] : undefined))
  const actor = useLattice((state) => (thing.kind === 'window' ? state.components[thing.id] : undefined))
  const provider = useLattice((state) => (thing.kind === 'provider' ? state.providers[thing.id] : undefined))
  const link = useLattice((state) => (thing.kind === 'link' ? state.links[thing.id] : undefined))
  const chosen = useInteraction((state) => state.inspectorTab)
  const tabs: readonly InspectorTab[] = actor === undefined ? ['overview', 'json'] : inspectorTabs
  const tab = tabs.includes(chosen) ? chosen : 'overview'
  const isThere = (host ?? actor ?? provider ?? link) !== undefined
  const close = (): void => perform({ kind: 'inspect', thing: undefined })
  return (
    <aside
      className="inspector"
      aria-label={words.details}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        close()
      }}
    >
      <header className="inspector-head">
        {actor === undefined ? undefined : <ActorHead actor={actor} />}
        {host === undefined ? undefined : <HostHead host={host} />}
        {provider === undefined ? undefined : <ProviderHead provider={provider} />}
        {link === undefined ? undefined : <LinkHead link={link} />}
        {isThere ? undefined : <span className="grow muted">{words.inspector.notThere}</span>}
        <button type="button" className="icon-button" aria-label={words.close} title={words.close} onClick={close}>
          <Glyph name="close" size={12} />
        </button>
      </header>
      {isThere ? (
        <>
          <div className="inspector-tabs" role="tablist">
            {tabs.map((name) => (
              <button
                key={name}
                type="button"
                role="tab"
                aria-selected={tab === name}
                onClick={() => perform({ kind: 'inspect', thing, tab: name })}
              >
                {name === 'grants' ? words.grants.tab : words.inspector[name]}
              </button>
            ))}
          </div>
          <div className="inspector-body" role="tabpanel">
            {tab === 'json' ? (
              <RawJson about={thing.id} hostId={host?.v2 === undefined ? host?.id : undefined} />
            ) : undefined}
            {tab === 'log' && actor !== undefined ? (
              <section>
                <LogView component={actor} />
              </section>
            ) : undefined}
            {tab === 'grants' && actor !== undefined ? <GrantsTab actor={actor} /> : undefined}
            {tab === 'numbers' && actor !== undefined ? <NumbersView component={actor} /> : undefined}
            {tab === 'receipts' && actor !== undefined ? <Receipts actor={actor} /> : undefined}
            {tab !== 'overview' ? undefined : actor !== undefined ? (
              <ActorOverview actor={actor} />
            ) : host !== undefined ? (
              <HostOverview host={host} />
            ) : provider !== undefined ? (
              <ProviderOverview provider={provider} />
            ) : link !== undefined ? (
              <LinkOverview link={link} />
            ) : undefined}
          </div>
          <footer className="inspector-actions">
            {actor === undefined ? undefined : <ActorActions actor={actor} />}
            {host === undefined ? undefined : <HostActions host={host} />}
            {link === undefined ? undefined : <LinkActions link={link} />}
            {provider === undefined ? undefined : <ProviderActions provider={provider} />}
          </footer>
        </>
      ) : undefined}
    </aside>
  )
}

function Receipts({ actor }: { readonly actor: Component }): ReactNode {
  const { shell } = useGround()
  const { words, format } = useTongue()
  const [receipts, setReceipts] = useState<CallResult<'move.receipts'>>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let isWanted = true
    void shell.call('move.receipts', actor.id).then((outcome) => {
      if (!isWanted) return
      if (outcome.ok) setReceipts(outcome.value)
      else setProblem(outcome.failure.message)
    })
    return () => {
      isWanted = false
    }
  }, [shell, actor.id, actor.epoch])
  if (problem !== undefined) return <section className="bad">{problem}</section>
  if (receipts === undefined) return undefined
  if (receipts.length === 0) return <section className="muted">{words.inspector.noReceipts}</section>
  return [...receipts]
    .sort((a, b) => b.startedAtMs - a.startedAtMs)
    .map((receipt) => (
      <section key={receipt.moveId}>
        <h3>
          {words.receipt.moved(receipt.fromName, receipt.toName)}{' '}
          <span className="faint mono">{format.time(receipt.startedAtMs)}</span>
        </h3>
        <ReceiptRows receipt={receipt} />
      </section>
    ))
}

const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : { value })

/** As often as `wash get inventory --watch` asks. */
const inventoryMs = 5_000

function RawJson({ about, hostId }: { readonly about: string; readonly hostId: Host['id'] | undefined }): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const [isCopied, setIsCopied] = useState(false)
  const ask = useCallback(async (): Promise<Outcome<unknown>> => {
    // A host is asked itself, too: what it says now stands beside what is shown.
    const [known, now] = await Promise.all([
      shell.call('shell.inspect', about),
      hostId === undefined ? undefined : shell.call('host.inventory', hostId),
    ])
    if (!known.ok || now === undefined) return known
    return { ok: true, value: { inventory: now.ok ? now.value : now.failure.message, ...asObject(known.value) } }
  }, [shell, about, hostId])
  const { value, failure } = useAsked(ask, hostId === undefined ? undefined : inventoryMs)
  const text = failure?.message ?? (value === undefined ? undefined : JSON.stringify(value, undefined, 2))
  if (text === undefined) return undefined
  const copy = (): void => {
    // Without the permission to write the clipboard the text can still be selected.
    void navigator.clipboard.writeText(text).then(
      () => setIsCopied(true),
      () => setIsCopied(false),
    )
  }
  return (
    <section>
      <button type="button" className="button" onClick={copy}>
        {isCopied ? words.copied : words.copy}
      </button>
      <pre className="raw-json">{text}</pre>
    </section>
  )
}
