// An actor in the inspector: where it is, its cables, its budget, and what can be done with it.

import type { ReactNode } from 'react'
import type { Component, Link } from '../../../preload/records.js'
import { linkKey, onHostKey } from '../../../preload/records.js'
import { Glyph, Hallmark } from '../glyphs.js'
import { useGround, useLattice, useScene, useTongue } from '../hooks.js'
import { cutAllQuestion, restartQuestion, stopQuestion } from '../popups/questions.js'
import { CableSample, Facts, Section } from './facts.js'
import { useManaged } from './managed-row.js'

export function ActorHead({ actor }: { readonly actor: Component }): ReactNode {
  const { words } = useTongue()
  return (
    <>
      <Hallmark digest={actor.digest} size={20} />
      <h2 className="clip">{actor.name ?? actor.id}</h2>
      <span className="mono faint">{actor.version}</span>
      <span className="grow" />
      <span className={actor.state === 'failed' ? 'state bad' : 'state muted'}>
        <Glyph name={actor.state} />
        {words.state[actor.state]}
      </span>
    </>
  )
}

export function ActorOverview({ actor }: { readonly actor: Component }): ReactNode {
  const { perform, confirm } = useGround()
  const { words, format } = useTongue()
  const host = useLattice((state) => state.hosts[actor.hostId])
  const links = useLattice((state) => state.links)
  const mine = Object.values(links).filter((link) => link.sourceId === actor.id || link.target === actor.id)
  const from = mine.filter((link) => link.sourceId === actor.id)
  const say = words.inspector
  const managed = useManaged(actor)
  const used = actor.memoryBytes
  const limit = actor.memoryLimitBytes
  return (
    <>
      <Section title={say.where}>
        {actor.problem === undefined ? undefined : <p className="bad selectable">{actor.problem}</p>}
        <Facts
          rows={[
            {
              label: say.node,
              value: host === undefined ? words.unknown : `${host.friendlyName}, ${words.hostKind[host.kind]}`,
            },
            { label: 'id', value: actor.id, isMono: true },
            { label: say.image, value: actor.imageRef, isMono: true },
            {
              label: say.digest,
              value: actor.digest === undefined ? say.digestUnknown : `sha256 ${actor.digest.replace(/^sha256:/, '')}`,
              isMono: true,
            },
            { label: say.instances, value: format.count(actor.maxInstances) },
            { label: say.state, value: say.stateKind[actor.stateKind] },
            { label: words.tools.managed.label, value: managed },
            { label: words.tools.field.config, value: listed(actor.config), isMono: true },
            { label: words.tools.field.annotations, value: listed(annotationsOf(actor)), isMono: true },
            { label: say.epoch, value: actor.epoch === undefined ? undefined : String(actor.epoch) },
          ]}
        />
      </Section>
      <Section title={say.cables}>
        {mine.length === 0 ? <p className="muted">{say.noCables}</p> : undefined}
        {mine.map((link) => (
          <CableRow key={linkKey(link)} link={link} of={actor.id} />
        ))}
        {mine.length === 0 ? undefined : <p className="note">{words.cable.atMostOnce}</p>}
        {from.length < 2 ? undefined : (
          <button
            type="button"
            className="link-button"
            onClick={() =>
              confirm(
                cutAllQuestion(words, actor.id, from.length, () =>
                  perform({ kind: 'links.delete', sourceId: actor.id }),
                ),
              )
            }
          >
            {words.tools.cutAll.titleFrom(actor.id)}…
          </button>
        )}
      </Section>
      {used === undefined ? undefined : (
        <Section title={say.budget}>
          <div className="budget-row">
            <span className="muted">{say.memory}</span>
            <span className="mono">
              {limit === undefined ? format.bytes(used) : words.form.of(format.bytes(used), format.bytes(limit))}
            </span>
            {limit === undefined ? undefined : (
              <div className="bar-track">
                <div className="bar-fill" style={{ width: `${Math.min(100, (used / limit) * 100)}%` }} />
              </div>
            )}
          </div>
        </Section>
      )}
    </>
  )
}

/** Those that no row of its own tells. */
const annotationsOf = ({ annotations }: Component): readonly string[] =>
  Object.entries(annotations)
    .filter(([key]) => !key.startsWith('wasmcloud.dev/'))
    .map(([key, value]) => `${key}=${value}`)

const listed = (texts: readonly string[] | undefined): string | undefined =>
  texts === undefined || texts.length === 0 ? undefined : texts.join(', ')

function CableRow({ link, of }: { readonly link: Link; readonly of: string }): ReactNode {
  const { perform } = useGround()
  const { words, format } = useTongue()
  const key = linkKey(link)
  const transport = useScene((scene) => scene.cables.get(key)?.transport)
  const isOut = link.sourceId === of
  return (
    <button
      type="button"
      className="cable-row"
      onClick={() => perform({ kind: 'inspect', thing: { kind: 'link', id: key } })}
    >
      <CableSample transport={transport} />
      <span className="clip grow">
        {isOut ? link.target : `${link.sourceId} →`}{' '}
        <span className="muted">{`${link.witNamespace}:${link.witPackage}`}</span>
      </span>
      <span className="mono">{words.cable.perSecond(format.rate(link.traffic?.perSecond ?? 0))}</span>
      <span className="mono p99">{link.traffic?.p99Ms === undefined ? '–' : format.ms(link.traffic.p99Ms)}</span>
    </button>
  )
}

export function ActorActions({ actor }: { readonly actor: Component }): ReactNode {
  const { perform, confirm, openPalette } = useGround()
  const { words } = useTongue()
  const host = useLattice((state) => state.hosts[actor.hostId])
  const key = onHostKey(actor.hostId, actor.id)
  const name = actor.name ?? actor.id
  return (
    <>
      <button type="button" className="button primary" onClick={() => openPalette(words.deed.move(name, '').trim())}>
        {words.inspector.moveTo}
      </button>
      <button
        type="button"
        className="button"
        onClick={() => confirm(restartQuestion(words, name, () => perform({ kind: 'actor.restart', key })))}
      >
        {words.inspector.restart}
      </button>
      <button
        type="button"
        className="button"
        onClick={() =>
          confirm(
            stopQuestion(words, { title: name, hostName: host?.friendlyName ?? words.unknown }, () =>
              perform({ kind: 'actor.stop', key }),
            ),
          )
        }
      >
        {words.inspector.stop}
      </button>
      <button type="button" className="button" onClick={() => openPalette(`${actor.id} `)}>
        {words.tools.more}
      </button>
    </>
  )
}
