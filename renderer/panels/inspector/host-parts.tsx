// A host in the inspector: what it is, its labels, what runs on it, and what can be done with it.

import type { ReactNode } from 'react'
import type { Component, Host, HostV2, Provider } from '../../../preload/records.js'
import { providerName } from '../../state/provider-names.js'
import { onHostKey } from '../../../preload/records.js'
import { capabilityGlyph, Glyph, Hallmark } from '../glyphs.js'
import { useGround, useLattice, useNow, useTongue } from '../hooks.js'
import { managerOf } from '../managed.js'
import { forgetQuestion, stopNodeQuestion } from '../popups/questions.js'
import { Facts, Section } from './facts.js'
import { HostLabels } from './host-labels.js'

export function HostHead({ host }: { readonly host: Host }): ReactNode {
  const { words } = useTongue()
  return (
    <>
      <Glyph name={host.kind} size={20} />
      <h2 className="clip">{host.friendlyName}</h2>
      <span className="grow" />
      <span className={host.liveness === 'fresh' ? 'state muted' : 'state warn'}>
        <Glyph name={host.liveness === 'fresh' ? 'running' : 'not-heard'} />
        {words.inspector.liveness[host.liveness]}
      </span>
    </>
  )
}

export function HostOverview({ host }: { readonly host: Host }): ReactNode {
  const { perform } = useGround()
  const { words, format, locale } = useTongue()
  const components = useLattice((state) => state.components)
  const providers = useLattice((state) => state.providers)
  const now = useNow(true)
  const say = words.inspector
  const actors = Object.values(components).filter((one) => one.hostId === host.id)
  // What of it wadm steers, by application.
  const managed = managedOn(host.id, [...Object.values(components), ...Object.values(providers)])
  const offered = Object.values(providers).filter((one) => one.hostId === host.id)
  return (
    <>
      <Section title={say.where}>
        {host.reason === undefined ? undefined : <p className="warn">{host.reason}</p>}
        <Facts
          rows={[
            { label: say.kind, value: words.hostKind[host.kind] },
            { label: 'id', value: host.id, isMono: true },
            { label: say.version, value: host.version, isMono: true },
            { label: say.up, value: format.age(now - host.startedAtMs) },
            { label: say.heard, value: say.agoText(format.age(now - host.heardAtMs)) },
            { label: say.state, value: host.cordoned ? words.place.cordoned : undefined },
            { label: words.tools.managed.label, value: managed.length === 0 ? undefined : managed.join(', ') },
          ]}
        />
      </Section>
      {host.v2 === undefined ? undefined : <V2Facts v2={host.v2} />}
      {host.v2 !== undefined ? undefined : (
        <Section title={say.actorsHere}>
          {actors.length === 0 ? <p className="muted">{say.nothingHere}</p> : undefined}
          {actors.map((actor) => (
            <button
              key={actor.id}
              type="button"
              className="cable-row"
              onClick={() =>
                perform({ kind: 'inspect', thing: { kind: 'window', id: onHostKey(actor.hostId, actor.id) } })
              }
            >
              <Hallmark digest={actor.digest} size={15} />
              <span className="clip grow">{actor.name ?? actor.id}</span>
              <span className={actor.state === 'failed' ? 'bad' : 'muted'}>{words.state[actor.state]}</span>
            </button>
          ))}
        </Section>
      )}
      {host.v2 !== undefined ? undefined : (
        <Section title={say.providersHere}>
          {offered.length === 0 ? <p className="muted">{say.nothingHere}</p> : undefined}
          {offered.map((one) => (
            <button
              key={one.id}
              type="button"
              className="cable-row"
              onClick={() =>
                perform({ kind: 'inspect', thing: { kind: 'provider', id: onHostKey(one.hostId, one.id) } })
              }
            >
              <Glyph name={capabilityGlyph(one.name ?? one.id)} size={14} />
              <span className="clip grow">{providerName(one, locale)}</span>
              <span className="muted">{say.health[one.health]}</span>
            </button>
          ))}
        </Section>
      )}
      <HostLabels host={host} />
    </>
  )
}

function managedOn(hostId: string, all: readonly (Component | Provider)[]): readonly string[] {
  const names = all.flatMap((one) => {
    const manager = one.hostId === hostId ? managerOf(one) : undefined
    return manager === undefined ? [] : [`${manager.by}: ${manager.application}`]
  })
  return [...new Set(names)].sort()
}

/** What a wasmCloud v2 host tells, and what it does not. */
function V2Facts({ v2 }: { readonly v2: HostV2 }): ReactNode {
  const { words, format } = useTongue()
  const say = words.v2
  const memory = `${format.bytes(v2.memoryFreeBytes)} / ${format.bytes(v2.memoryTotalBytes)}`
  return (
    <Section title={say.section}>
      <p className="muted">{`${say.readOnly} ${say.unnamed}`}</p>
      <Facts
        rows={[
          { label: say.workloads, value: format.count(v2.workloads) },
          { label: say.components, value: format.count(v2.components) },
          { label: say.hostname, value: v2.hostname },
          { label: say.system, value: v2.system },
          { label: say.environment, value: v2.environment },
          { label: say.memory, value: memory },
          { label: say.httpPort, value: v2.httpPort === undefined ? undefined : String(v2.httpPort), isMono: true },
          { label: say.imports, value: v2.imports.join(', ') || undefined, isMono: true },
          { label: say.exports, value: v2.exports.join(', ') || undefined, isMono: true },
        ]}
      />
    </Section>
  )
}

export function HostActions({ host }: { readonly host: Host }): ReactNode {
  const { perform, confirm } = useGround()
  const { words } = useTongue()
  const { id, friendlyName: name } = host
  return (
    <>
      <button
        type="button"
        className="button primary"
        onClick={() => perform({ kind: 'look.go-to', thing: { kind: 'place', id } })}
      >
        {words.inspector.goTo}
      </button>
      {host.liveness === 'gone' ? (
        <>
          {host.kind === 'tlos' ? (
            <button type="button" className="button" onClick={() => perform({ kind: 'node.start', name })}>
              {words.content.start}
            </button>
          ) : undefined}
          <button
            type="button"
            className="button"
            onClick={() => confirm(forgetQuestion(words, name, () => perform({ kind: 'host.forget', id })))}
          >
            {words.inspector.forget}
          </button>
        </>
      ) : host.kind === 'desktop' ? (
        <button
          type="button"
          className="button"
          onClick={() => perform({ kind: 'tool', tool: { name: 'permits', about: '' } })}
        >
          {words.permits.panel.title}
        </button>
      ) : host.kind === 'wasmcloud-v2' ? undefined : (
        <button
          type="button"
          className="button"
          onClick={() => confirm(stopNodeQuestion(words, name, () => perform({ kind: 'host.stop', id })))}
        >
          {words.inspector.stopNode}
        </button>
      )}
    </>
  )
}
