// The palette: one field in which everything that can be done is found. A move asks the nodes first, lazily, so that its
// row says what will happen before Enter.

import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Verdict } from '../../../preload/records.js'
import type { WitWorld } from '../../../preload/wit.js'
import { Glyph } from '../glyphs.js'
import { useGround, useInteraction, useLattice, useTongue, useWorkspace } from '../hooks.js'
import { FileChooser } from '../popups/file-chooser.js'
import { installFile } from '../popups/install.js'
import { useKeyboard } from '../popups/popup.js'
import type { Deed } from './deed.js'
import { deedsOf } from './deeds.js'
import { localizeVerdict } from '../../state/verdict-words.js'
import { linkOffersOf } from '../../state/link-offers.js'
import { rank } from './rank.js'

const rowLimit = 9
const describeLimit = 60

/** Verdicts of the moves that are in sight, each asked once while the palette is open. */
function useVerdicts(shown: (verdicts: ReadonlyMap<string, Verdict>) => readonly Deed[]): readonly Deed[] {
  const { shell } = useGround()
  const { locale } = useTongue()
  const [verdicts, setVerdicts] = useState<ReadonlyMap<string, Verdict>>(new Map())
  const asked = useRef(new Set<string>())
  const rows = shown(verdicts)
  useEffect(() => {
    for (const { ask } of rows) {
      if (ask === undefined || asked.current.has(`${ask.hostId}/${ask.componentId}`)) continue
      asked.current.add(`${ask.hostId}/${ask.componentId}`)
      void shell.call('move.ask', ask.componentId, ask.hostId).then((outcome) => {
        if (!outcome.ok) return
        setVerdicts((before) => {
          const next = new Map(before)
          for (const verdict of outcome.value) {
            next.set(`${ask.componentId}/${verdict.hostId}`, localizeVerdict(verdict, locale))
          }
          return next
        })
      })
    }
  }, [shell, locale, rows])
  return rows
}

/** What components are made of, read once somebody types of links. */
function useWorlds(isWanted: boolean): ReadonlyMap<string, WitWorld> {
  const { worlds } = useGround()
  const components = useLattice((state) => state.components)
  const hosts = useLattice((state) => state.hosts)
  const [found, setFound] = useState<ReadonlyMap<string, WitWorld>>(new Map())
  useEffect(() => {
    if (!isWanted) return undefined
    let isCurrent = true
    const heard = Object.values(components).filter(({ hostId }) => hosts[hostId]?.liveness === 'fresh')
    void worlds.all(heard.slice(0, describeLimit)).then((all) => {
      if (isCurrent) setFound((before) => (isSame(before, all) ? before : all))
    })
    return () => {
      isCurrent = false
    }
  }, [worlds, isWanted, components, hosts])
  return found
}

/** Worlds come from one cache, so the same one is the same object. */
function isSame(a: ReadonlyMap<string, WitWorld>, b: ReadonlyMap<string, WitWorld>): boolean {
  return a.size === b.size && [...a].every(([id, world]) => b.get(id) === world)
}

export function Palette({
  startingWith,
  onClosed,
}: {
  readonly startingWith: string
  readonly onClosed: () => void
}): ReactNode {
  const { perform, confirm } = useGround()
  const tongue = useTongue()
  const { words, format } = tongue
  const lattice = useLattice((state) => state)
  const workspace = useWorkspace((state) => state)
  const focused = useInteraction((state) => state.focused)
  const selection = useInteraction((state) => state.selection)
  const hasInspector = useInteraction((state) => state.inspector !== undefined)
  const [query, setQuery] = useState(startingWith)
  const [chosen, setChosen] = useState(0)
  const chooser = useRef<HTMLInputElement>(null)
  const close = (): void => {
    perform({ kind: 'panel', panel: 'none' })
    onClosed()
  }
  const element = useKeyboard<HTMLDivElement>(close)
  const worlds = useWorlds(/link|cable|соед|кабел/i.test(query))
  const linkOffers = useMemo(() => linkOffersOf(lattice, worlds), [lattice, worlds])
  const found = useRef(0)
  const total = useRef(0)
  const rows = useVerdicts((verdicts) => {
    const all = deedsOf({ lattice, workspace, interaction: { focused, selection }, words, verdicts, linkOffers, query })
    const fitting = rank(query, all)
    found.current = fitting.length
    total.current = all.length
    return fitting.slice(0, rowLimit)
  })
  const at = Math.min(chosen, rows.length - 1)

  const run = (deed: Deed | undefined): void => {
    if (deed === undefined || deed.obstacle !== undefined) return
    if (deed.run.kind === 'choose-file') return chooser.current?.click()
    const { intent } = deed.run
    if (intent.kind !== 'panel') close()
    const act = (): void => {
      perform(intent)
      if (intent.kind === 'look.go-to' && intent.thing.kind === 'window')
        perform({ kind: 'focus', key: intent.thing.id })
    }
    if (deed.question === undefined) act()
    else confirm(deed.question(act))
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    const moves = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (moves !== undefined) setChosen((at + moves + rows.length) % Math.max(1, rows.length))
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(rows[at])
    else if (event.key === 'Escape') close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div ref={element} className={hasInspector ? 'palette beside-inspector' : 'palette'} onKeyDown={onKeyDown}>
      <div className="palette-query">
        <input
          data-first
          type="text"
          role="combobox"
          aria-label="command palette"
          aria-expanded={rows.length > 0}
          aria-controls="palette-rows"
          aria-activedescendant={rows.length > 0 ? `palette-row-${at}` : undefined}
          aria-autocomplete="list"
          placeholder={words.bar.palette}
          spellCheck={false}
          autoComplete="off"
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value)
            setChosen(0)
          }}
        />
        <kbd className="key">Esc</kbd>
      </div>
      <ul id="palette-rows" className="palette-rows" role="listbox" aria-label="commands">
        {rows.map((deed, index) => (
          <Row
            key={deed.id}
            deed={deed}
            index={index}
            isChosen={index === at}
            onHover={() => setChosen(index)}
            onRun={() => run(deed)}
          />
        ))}
      </ul>
      {rows.length > 0 ? undefined : <p className="palette-none muted">{words.palette.nothing}</p>}
      <footer className="palette-foot">
        <span>↑ ↓ {words.palette.choose}</span>
        <span>Enter {words.palette.run}</span>
        <span>Esc {words.palette.close}</span>
        <span className="grow" />
        <span>{words.palette.count(format.count(found.current), format.count(total.current))}</span>
      </footer>
      <FileChooser
        field={chooser}
        onFile={(file) => {
          void installFile(file, undefined, tongue, perform)
          close()
        }}
      />
    </div>
  )
}

function Row({
  deed,
  index,
  isChosen,
  onHover,
  onRun,
}: {
  readonly deed: Deed
  readonly index: number
  readonly isChosen: boolean
  readonly onHover: () => void
  readonly onRun: () => void
}): ReactNode {
  const isPossible = deed.obstacle === undefined
  const hint = deed.obstacle ?? deed.hint
  const tone = deed.tone === 'plain' ? 'muted' : deed.tone
  return (
    <li
      id={`palette-row-${index}`}
      role="option"
      aria-selected={isChosen}
      aria-disabled={!isPossible}
      className={`palette-row${isChosen ? ' chosen' : ''}${isPossible ? '' : ' impossible'}`}
      onPointerMove={onHover}
      onClick={onRun}
    >
      <Glyph name={isPossible ? deed.glyph : 'barred'} size={16} />
      <span className="clip title">{deed.title}</span>
      <span className={`clip hint ${tone}`} title={hint}>
        {hint}
      </span>
      {isChosen && isPossible ? (
        <kbd className="key">Enter</kbd>
      ) : deed.shortcut === undefined ? undefined : (
        <kbd className="key">{deed.shortcut}</kbd>
      )}
    </li>
  )
}
