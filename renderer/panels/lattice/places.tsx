// The places as regions: the nameplate and the fixtures are inside, the windows are owned by aria-owns, for they stand
// in one flat list. Accessible names in English whatever the language is.

import { memo, useMemo, type ReactNode } from 'react'
import type { OnHostKey } from '../../../preload/records.js'
import type { FixtureNode, PlaceNode } from '../../scene/types.js'
import { capabilityGlyph, Glyph } from '../glyphs.js'
import { useGround, useInteraction, useOverlay, useScene, useTongue } from '../hooks.js'
import { windowElementId } from '../window/window-keys.js'
import { Lip } from './lip.js'
import { useWireMark } from './wire.js'

export function Places(): ReactNode {
  const places = useScene((scene) => scene.places)
  const windows = useScene((scene) => scene.windows)
  const owned = useMemo(() => {
    const byHost = new Map<string, OnHostKey[]>()
    for (const { hostId, key } of windows.values()) byHost.set(hostId, [...(byHost.get(hostId) ?? []), key])
    return byHost
  }, [windows])
  return [...places.values()].map((place) => (
    <Place key={place.id} place={place} owns={(owned.get(place.id) ?? []).map(windowElementId).join(' ')} />
  ))
}

const Place = memo(function Place({ place, owns }: { readonly place: PlaceNode; readonly owns: string }): ReactNode {
  const { words, format } = useTongue()
  const ground = useOverlay<HTMLDivElement>('place', place.id)
  return (
    <section
      className="region"
      role="region"
      aria-label={`node ${place.name}`}
      {...(owns === '' ? {} : { 'aria-owns': owns })}
    >
      <div ref={ground} className={`over place ${place.state}`} data-place-id={place.id}>
        {place.hostKind === 'desktop' && place.actorCount === 0 ? <EmptyPlace /> : undefined}
        {place.counts === undefined ? undefined : <ReadOnlyPlace {...place.counts} />}
      </div>
      {place.fixtures.map((fixture) => (
        <Fixture key={fixture.key} fixture={fixture} isHeard={place.state !== 'stale' && place.state !== 'gone'} />
      ))}
      {place.hiddenFixtures === 0 ? undefined : (
        <span className="sr-only">{words.place.more(format.count(place.hiddenFixtures))}</span>
      )}
      <Lip place={place} />
    </section>
  )
})

function EmptyPlace(): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const isLive = useInteraction((state) => state.drag === undefined)
  if (!isLive) return undefined
  return (
    <div className="place-empty">
      <div>{words.place.nothingRuns}</div>
      <button type="button" className="button" onClick={() => perform({ kind: 'panel', panel: 'launcher' })}>
        {words.place.openLauncher}
      </button>
    </div>
  )
}

/** A wasmCloud v2 host: it says how much runs there, and takes nothing from a lattice. */
function ReadOnlyPlace({ workloads, components }: NonNullable<PlaceNode['counts']>): ReactNode {
  const { words, format } = useTongue()
  return (
    <div className="place-empty">
      <div>{words.v2.counts(format.count(workloads), format.count(components))}</div>
      <div className="muted">{words.v2.readOnly}</div>
    </div>
  )
}

const Fixture = memo(function Fixture({
  fixture,
  isHeard,
}: {
  readonly fixture: FixtureNode
  readonly isHeard: boolean
}): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const element = useOverlay<HTMLButtonElement>('fixture', fixture.key)
  const wireMark = useWireMark(fixture.providerId)
  const look = fixture.state === 'failed' ? ' failed' : isHeard ? '' : ' unheard'
  return (
    <button
      ref={element}
      type="button"
      className={`over fixture${look} ${wireMark ?? ''}`}
      data-provider-id={fixture.providerId}
      title={fixture.state === 'failed' ? `${fixture.name}: ${words.inspector.health.failed}` : fixture.name}
      onClick={() => perform({ kind: 'inspect', thing: { kind: 'provider', id: fixture.key } })}
    >
      <Glyph name={fixture.state === 'failed' ? 'failed' : capabilityGlyph(fixture.glyph || fixture.name)} />
      <span className="name">{fixture.name}</span>
    </button>
  )
})
