// All layers of the panels in their order, back to front (look.md 3.3), and the two things they share: the question
// before a destructive deed and what the palette starts with.

import { useMemo, useState, type ReactNode } from 'react'
import { BottomBar } from './bars/bottom-bar.js'
import { Minimap } from './bars/minimap.js'
import { TopBar } from './bars/top-bar.js'
import type { PanelsContext } from './context.js'
import type { Runs } from './form/runs.js'
import { GroundContext, useInteraction, type Ground, type Question } from './hooks.js'
import { Inspector } from './inspector/inspector.js'
import { Badges, LinksList } from './lattice/cables.js'
import { Footprints } from './lattice/footprints.js'
import { Places } from './lattice/places.js'
import { Wire } from './lattice/wire.js'
import { Palette } from './palette/palette.js'
import { ProviderAskCard } from './permits/ask-card.js'
import { ConfirmDialog } from './popups/confirm-dialog.js'
import { ConnectPanel, ConnectionStrip } from './popups/connect-panel.js'
import { EventsPanel } from './popups/events-panel.js'
import { DropZone } from './popups/drop-zone.js'
import { createHeldStore } from './form/held.js'
import { Hint } from './popups/hint.js'
import { Launcher } from './popups/launcher.js'
import { NoticesPanel } from './popups/notices-panel.js'
import { ShortcutsSheet } from './popups/shortcuts-sheet.js'
import { Toasts } from './popups/toasts.js'
import { VerdictCard } from './popups/verdict-card.js'
import { LatticeTable } from './table/lattice-table.js'
import { ToolPanel } from './tools/tool-panel.js'
import type { Ticker } from './ticker.js'
import { Windows } from './window/windows.js'

export function App({
  context,
  ticker,
  runs,
}: {
  readonly context: PanelsContext
  readonly ticker: Ticker
  readonly runs: Runs
}): ReactNode {
  const [question, setQuestion] = useState<Question>()
  const [query, setQuery] = useState('')
  const [held] = useState(createHeldStore)
  const ground = useMemo<Ground>(
    () => ({
      ...context,
      ticker,
      runs,
      held,
      confirm: setQuestion,
      openPalette(startingWith) {
        setQuery(startingWith)
        context.perform({ kind: 'panel', panel: 'palette' })
      },
    }),
    [context, ticker, runs, held],
  )
  return (
    <GroundContext value={ground}>
      <div className="panels">
        <div className="overlay">
          <Places />
          <Footprints />
          <Windows />
          <Badges />
        </div>
        <LinksList />
        <VerdictCard />
        <Wire />
        <Minimap />
        <Inspector />
        <TopBar />
        <BottomBar />
        <OpenPanel query={query} onPaletteClosed={() => setQuery('')} />
        <ConnectionStrip />
        <Hint />
        <Toasts />
        <ProviderAskCard />
        <DropZone />
        {question === undefined ? undefined : (
          <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
        )}
      </div>
    </GroundContext>
  )
}

function OpenPanel({
  query,
  onPaletteClosed,
}: {
  readonly query: string
  readonly onPaletteClosed: () => void
}): ReactNode {
  const panel = useInteraction((state) => state.panel)
  switch (panel) {
    case 'palette':
      return <Palette startingWith={query} onClosed={onPaletteClosed} />
    case 'launcher':
      return <Launcher />
    case 'connect':
      return <ConnectPanel />
    case 'shortcuts':
      return <ShortcutsSheet />
    case 'notices':
      return <NoticesPanel />
    case 'events':
      return <EventsPanel />
    case 'table':
      return <LatticeTable />
    case 'tool':
      return <ToolPanel />
    case 'none':
      return undefined
  }
}
