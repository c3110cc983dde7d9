// What a component may reach of this machine: what it can use by its own WIT, what it was granted, what it was refused, and
// the giving and taking of each. Only for actors of this desktop; of others it says where theirs are given.

import { useEffect, useState, type ReactNode } from 'react'
import type { GrantKind, GrantPart, GrantsView, Lack } from '../../../preload/grants.js'
import type { Component } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import type { WitWorld } from '../../../preload/wit.js'
import { useGround, useInteraction, useLattice, useTongue } from '../hooks.js'
import { Section } from '../inspector/facts.js'
import { GrantForm } from './grant-form.js'
import { asksOf, formatPart, grantKinds } from './grant-text.js'
import { lackSentence } from './lack-sentence.js'

function useWorld({ id, hostId, imageRef, digest }: Component): WitWorld | undefined {
  const { worlds } = useGround()
  const [world, setWorld] = useState<WitWorld>()
  useEffect(() => {
    let isWanted = true
    void worlds.of({ id, hostId, imageRef, digest }).then((outcome) => {
      if (isWanted && outcome.ok) setWorld(outcome.value)
    })
    return () => {
      isWanted = false
    }
  }, [worlds, id, hostId, imageRef, digest])
  return world
}

export function GrantsTab({ actor }: { readonly actor: Component }): ReactNode {
  const host = useLattice((state) => state.hosts[actor.hostId])
  const world = useWorld(actor)
  const asked = world === undefined ? new Set<GrantKind>() : asksOf(world)
  if (host?.kind === 'desktop') return <OwnGrants actor={actor} asked={asked} isKnown={world !== undefined} />
  return <ElsewhereGrants actor={actor} asked={asked} nodeName={host?.friendlyName ?? actor.hostId.slice(0, 8)} />
}

interface Asked {
  readonly actor: Component
  readonly asked: ReadonlySet<GrantKind>
}

function OwnGrants({ actor, asked, isKnown }: Asked & { readonly isKnown: boolean }): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const say = words.grants
  const turn = useInteraction((state) => state.grantTurn)
  const wish = useInteraction((state) => state.grantWish)
  const [view, setView] = useState<GrantsView>()
  const [problem, setProblem] = useState<string>()
  const { id, hostId, digest } = actor
  useEffect(() => {
    let isWanted = true
    void shell.call('grant.list', id, hostId).then((outcome) => {
      if (!isWanted) return
      if (outcome.ok) setView(outcome.value)
      setProblem(outcome.ok ? undefined : outcome.failure.message)
    })
    return () => {
      isWanted = false
    }
  }, [shell, id, hostId, digest, turn])
  if (problem !== undefined) return <section className="bad selectable">{problem}</section>
  if (view === undefined) return undefined
  const has = (kind: GrantKind): boolean => [...view.kept, ...view.given].some((part) => part.kind === kind)
  const shown = grantKinds.filter((kind) => asked.has(kind) || has(kind))
  return (
    <>
      <section>
        <p className="muted">{say.intro}</p>
        {isKnown && shown.length === 0 ? (
          <p className="muted">{say.asksNothing}</p>
        ) : (
          <p className="muted">{actor.stateKind === 'exported' ? say.restarts : say.forgets}</p>
        )}
        {view.keptFor === 'others' && view.kept.length > 0 ? <Outdated actor={actor} parts={view.kept} /> : undefined}
        {view.keptFor === 'any' ? <p className="warn">{say.any}</p> : undefined}
      </section>
      {(actor.lacks ?? []).length === 0 ? undefined : <Refused lacks={actor.lacks ?? []} />}
      {shown.map((kind) => (
        <KindSection
          key={kind}
          kind={kind}
          actor={actor}
          kept={view.keptFor === 'others' ? [] : view.kept.filter((part) => part.kind === kind)}
          given={view.given.filter((part) => part.kind === kind)}
          wish={wish?.kind === kind ? wish : undefined}
        />
      ))}
    </>
  )
}

function Outdated({ actor, parts }: { readonly actor: Component; readonly parts: readonly GrantPart[] }): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const key = onHostKey(actor.hostId, actor.id)
  return (
    <div className="grant-outdated">
      <p className="warn">{words.grants.others}</p>
      <ul>
        {parts.map((part, index) => (
          <li key={index} className="mono clip">
            {formatPart(part)}
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button"
        onClick={() => {
          for (const part of parts) perform({ kind: 'grant.give', key, part })
        }}
      >
        {words.grants.again}
      </button>
    </div>
  )
}

function Refused({ lacks }: { readonly lacks: readonly Lack[] }): ReactNode {
  const { words } = useTongue()
  return (
    <Section title={words.grants.refused.title}>
      <ul className="grant-lacks">
        {lacks.map((lack) => (
          <li key={JSON.stringify(lack)}>{lackSentence(lack, words.grants.refused)}</li>
        ))}
      </ul>
    </Section>
  )
}

function KindSection({
  kind,
  actor,
  kept,
  given,
  wish,
}: {
  readonly kind: GrantKind
  readonly actor: Component
  readonly kept: readonly GrantPart[]
  readonly given: readonly GrantPart[]
  readonly wish: Lack | undefined
}): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const say = words.grants
  const [isOpen, setIsOpen] = useState(wish !== undefined)
  useEffect(() => {
    if (wish !== undefined) setIsOpen(true)
  }, [wish])
  const key = onHostKey(actor.hostId, actor.id)
  return (
    <Section title={say.kind[kind]}>
      <p className="note">{say.about[kind]}</p>
      {kept.length + given.length === 0 ? undefined : (
        <ul className="grant-rows" aria-label={say.kind[kind]}>
          {kept.map((part) => (
            <PartRow
              key={`kept ${formatPart(part)}`}
              part={part}
              onTake={() => perform({ kind: 'grant.take', key, part })}
            />
          ))}
          {given.map((part) => (
            <PartRow key={`given ${formatPart(part)}`} part={part} onTake={undefined} />
          ))}
        </ul>
      )}
      {isOpen ? (
        <GrantForm
          kind={kind}
          wish={wish}
          onGrant={(part) => {
            perform({ kind: 'grant.give', key, part })
            setIsOpen(false)
          }}
          onCancel={() => setIsOpen(false)}
        />
      ) : (
        <button type="button" className="button" onClick={() => setIsOpen(true)}>
          {say.give[kind]}
        </button>
      )}
    </Section>
  )
}

/** Without `onTake` it is from the command line, which only a person at it can change. */
function PartRow({ part, onTake }: { readonly part: GrantPart; readonly onTake: (() => void) | undefined }): ReactNode {
  const { words } = useTongue()
  const say = words.grants
  const more: readonly string[] = [
    ...(part.kind === 'directory' ? [say.sees(part.guest), say.access[part.access]] : []),
    ...(part.kind === 'host' && part.private ? [say.private] : []),
    ...(onTake === undefined ? [say.fromLine] : []),
  ]
  const text = formatPart(part)
  return (
    <li>
      <span className="mono grow selectable grant-what" title={text}>
        {text}
      </span>
      {onTake === undefined ? undefined : (
        <button type="button" className="link-button" aria-label={`${say.take}: ${text}`} onClick={onTake}>
          {say.take}
        </button>
      )}
      {more.length === 0 ? undefined : <span className="muted grant-more">{more.join(', ')}</span>}
    </li>
  )
}

function ElsewhereGrants({ actor, asked, nodeName }: Asked & { readonly nodeName: string }): ReactNode {
  const { words } = useTongue()
  const say = words.grants
  const kinds = grantKinds.filter((kind) => asked.has(kind))
  return (
    <>
      <section>
        <p>{say.elsewhere(actor.name ?? actor.id, nodeName)}</p>
        <p className="muted">{say.elsewhereHow}</p>
        <pre className="raw-json">{`--grant ${actor.id}:dir=/srv/data,/data\n--grant ${actor.id}:host=example.com:443`}</pre>
      </section>
      {(actor.lacks ?? []).length === 0 ? undefined : <Refused lacks={actor.lacks ?? []} />}
      {kinds.length === 0 ? undefined : (
        <Section title={say.asks}>
          <dl className="facts">
            {kinds.map((kind) => (
              <div key={kind}>
                <dt>{say.kind[kind]}</dt>
                <dd>{say.about[kind]}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
    </>
  )
}
