// The bar at the bottom: launch, the actors as marks, then the truth: link, nodes, actors, calls, language, clock.

import { useEffect, useState, type ReactNode } from 'react'
import type { WindowNode } from '../../scene/types.js'
import { Glyph, Hallmark } from '../glyphs.js'
import { useGround, useInteraction, useLattice, useScene, useTongue } from '../hooks.js'

const pinLimit = 12

export function BottomBar(): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const panel = useInteraction((state) => state.panel)
  return (
    <footer className="bottom-bar">
      <button
        type="button"
        className="button launch"
        aria-expanded={panel === 'launcher'}
        onClick={() => perform({ kind: 'panel', panel: panel === 'launcher' ? 'none' : 'launcher' })}
      >
        <Glyph name="launch" size={15} />
        {words.bar.launch}
      </button>
      <Pins />
      <Truth />
    </footer>
  )
}

function Pins(): ReactNode {
  const windows = useScene((scene) => scene.windows)
  const byActor = new Map<string, WindowNode>()
  for (const node of windows.values()) {
    const known = byActor.get(node.componentId)
    if (known === undefined || node.isFocused || node.rank > known.rank) byActor.set(node.componentId, node)
  }
  const pins = [...byActor.values()].sort((a, b) => (a.componentId < b.componentId ? -1 : 1)).slice(0, pinLimit)
  return (
    <nav className="pins">
      {pins.map((node) => (
        <Pin key={node.componentId} node={node} />
      ))}
    </nav>
  )
}

function Pin({ node }: { readonly node: WindowNode }): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const flags = ['pin', node.isFocused ? 'focused' : '', node.isMinimised || node.state === 'stopped' ? 'away' : '']
  return (
    <button
      type="button"
      className={flags.filter((flag) => flag !== '').join(' ')}
      aria-label={words.bar.hasWindow(node.title)}
      title={`${node.title}, ${words.state[node.state]}, ${node.hostName}`}
      onClick={() => {
        if (node.isMinimised) perform({ kind: 'window.minimise', key: node.key, isMinimised: false })
        perform({ kind: 'look.go-to', thing: { kind: 'window', id: node.key } })
        perform({ kind: 'focus', key: node.key })
      }}
    >
      <Hallmark digest={node.digest} />
    </button>
  )
}

function Truth(): ReactNode {
  const { perform } = useGround()
  const { words, format, locale } = useTongue()
  const link = useLattice((state) => state.connection.state)
  const hosts = useLattice((state) => state.hosts)
  const components = useLattice((state) => state.components)
  const here = Object.values(hosts).filter((host) => host.liveness !== 'gone')
  const unheard = here.filter((host) => host.liveness === 'stale').length
  const actors = Object.values(components)
  const failed = actors.filter((actor) => actor.state === 'failed').length
  const rate = actors.reduce((sum, actor) => sum + (actor.traffic?.perSecond ?? 0), 0)
  const nodes = [words.bar.nodes(here.length, format.count(here.length))]
  if (unheard > 0) nodes.push(words.bar.notHeard(format.count(unheard)))
  const actorText = [words.bar.actors(actors.length, format.count(actors.length))]
  if (failed > 0) actorText.push(words.bar.failedActors(format.count(failed)))
  return (
    <div className="truth">
      <button
        type="button"
        className={link === 'live' ? 'bar-button link live' : 'bar-button link bad'}
        onClick={() => perform({ kind: 'panel', panel: 'connect' })}
      >
        {link === 'live' ? <span className="dot" /> : <Glyph name={link === 'starting' ? 'starting' : 'failed'} />}
        {words.bar[link]}
      </button>
      <span>{nodes.join(', ')}</span>
      <span>{actorText.join(', ')}</span>
      <span className="mono rate">{words.bar.callsPerSecond(format.rate(rate))}</span>
      <button
        type="button"
        className="bar-button"
        aria-label={words.bar.language}
        title={words.bar.language}
        onClick={() => perform({ kind: 'locale', locale: locale === 'en' ? 'ru' : 'en' })}
      >
        {words.bar.locale}
      </button>
      <Clock />
    </div>
  )
}

/** Wakes once a minute, on the minute, and not at all while the page cannot be seen. */
function Clock(): ReactNode {
  const { format } = useTongue()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const wait = (): void => {
      clearTimeout(timer)
      setNow(Date.now())
      if (document.visibilityState === 'visible') timer = setTimeout(wait, 60_000 - (Date.now() % 60_000) + 20)
    }
    wait()
    document.addEventListener('visibilitychange', wait)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', wait)
    }
  }, [])
  return <time>{format.time(now)}</time>
}
