// The nameplate of a place (look.md 4.1): whose face it is, its heartbeat and load; while an actor is in the hand, what
// the node says to it; after a refused drop, for some seconds, why.

import type { ReactNode } from 'react'
import type { PlaceNode, PlaceVerdict } from '../../scene/types.js'
import { Glyph, type GlyphName } from '../glyphs.js'
import { useGround, useNow, useOverlay, useTongue } from '../hooks.js'
import { forgetQuestion } from '../popups/questions.js'

const verdictLooks: Readonly<Record<PlaceVerdict['kind'], { tone: string; glyph: GlyphName | undefined }>> = {
  asking: { tone: 'muted', glyph: undefined },
  accepts: { tone: 'good', glyph: 'check' },
  but: { tone: 'warn', glyph: 'triangle' },
  refuses: { tone: 'bad', glyph: 'barred' },
}

const noteGlyphs: Readonly<Record<'bad' | 'warn' | 'good', GlyphName>> = {
  bad: 'barred',
  warn: 'triangle',
  good: 'check',
}

export function Lip({ place }: { readonly place: PlaceNode }): ReactNode {
  const { perform } = useGround()
  const { words, format } = useTongue()
  const element = useOverlay<HTMLDivElement>('lip', place.id)
  const { verdict, note } = place
  return (
    <div ref={element} className={`over lip ${place.state}`} data-place-id={place.id}>
      {place.hostKind === 'desktop' ? <span className="lip-own" /> : undefined}
      <Glyph name={place.hostKind} size={18} />
      <button
        type="button"
        className="lip-name clip"
        title={place.name}
        onClick={() => perform({ kind: 'select', thing: { kind: 'place', id: place.id } })}
        onDoubleClick={() => perform({ kind: 'inspect', thing: { kind: 'place', id: place.id } })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') perform({ kind: 'inspect', thing: { kind: 'place', id: place.id } })
        }}
      >
        {place.name}
      </button>
      {verdict !== undefined ? (
        <VerdictLine
          {...verdictLooks[verdict.kind]}
          text={verdict.kind === 'asking' ? words.place.asking : verdict.summary}
        />
      ) : note !== undefined ? (
        <VerdictLine tone={note.tone} glyph={noteGlyphs[note.tone]} text={note.text} />
      ) : (
        <>
          <span className="lip-kind">
            {words.hostKind[place.hostKind]}{' '}
            <span className="mono">{`${words.product[place.hostKind]} ${place.version}`.trim()}</span>
          </span>
          {place.failedCount === 0 ? undefined : (
            <span className="lip-failed" title={words.place.failedTitle(format.count(place.failedCount))}>
              <Glyph name="failed" size={11} />
              {words.place.failedCount(format.count(place.failedCount))}
            </span>
          )}
          <Heartbeat place={place} />
          <span
            className="lip-count"
            title={
              place.counts === undefined
                ? words.place.actors(place.actorCount)
                : words.v2.counts(format.count(place.counts.workloads), format.count(place.counts.components))
            }
          >
            {format.count(place.actorCount)}
          </span>
        </>
      )}
    </div>
  )
}

function VerdictLine({
  tone,
  glyph,
  text,
}: {
  readonly tone: string
  readonly glyph: GlyphName | undefined
  readonly text: string
}): ReactNode {
  return (
    <span className={`lip-verdict ${tone}`} title={text}>
      {glyph === undefined ? undefined : <Glyph name={glyph} size={14} />}
      <span className="clip">{text}</span>
    </span>
  )
}

function Heartbeat({ place }: { readonly place: PlaceNode }): ReactNode {
  const { perform, confirm } = useGround()
  const { words, format } = useTongue()
  const now = useNow(place.state === 'stale')
  if (place.state === 'gone') {
    return (
      <>
        <span className="lip-beat" title={place.reason}>
          {words.place.goneSince(format.time(place.heardAtMs))}
        </span>
        <button
          type="button"
          className="button"
          onClick={() =>
            confirm(forgetQuestion(words, place.name, () => perform({ kind: 'host.forget', id: place.id })))
          }
        >
          {words.place.forget}
        </button>
      </>
    )
  }
  return (
    <>
      {place.state === 'stale' ? (
        <span className="lip-beat warn" title={place.reason}>
          <Glyph name="not-heard" size={13} />
          <span className="words">{words.place.lastHeard(format.age(now - place.heardAtMs))}</span>
        </span>
      ) : place.state === 'cordoned' ? (
        <span className="lip-beat">
          <Glyph name="barrier" size={14} />
          {words.place.cordoned}
        </span>
      ) : (
        <span className="lip-beat">
          <span className="dot" />
          {words.place.live}
        </span>
      )}
      {place.load === undefined ? undefined : <Load share={place.load} />}
    </>
  )
}

function Load({ share }: { readonly share: number }): ReactNode {
  const { words, format } = useTongue()
  const bounded = Math.min(1, Math.max(0, share))
  const percent = format.percent(bounded)
  return (
    <span className="lip-load" title={words.place.load(percent)}>
      <span className="track" aria-hidden="true">
        <span className="fill" style={{ display: 'block', width: `${bounded * 100}%` }} />
      </span>
      <span className="percent">{percent}</span>
    </span>
  )
}
