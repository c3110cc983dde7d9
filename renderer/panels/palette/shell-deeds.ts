// Deeds on the shell itself: looking, panels, themes, languages, viewpoints. Pure.
// Their shortcuts are those of the sheet (popups/shortcuts-sheet.tsx).

import { deed, type Deed, type DeedSources } from './deed.js'

export function shellDeeds({ words, workspace, lattice, query }: DeedSources): readonly Deed[] {
  const say = words.deed
  const themes = Object.keys(say.themes) as (keyof typeof say.themes)[] // keys of our own literal
  const named = /(?:viewpoint|вид)\s+(\S.{0,40})$/i.exec(query)?.[1]?.trim()
  const all: Deed[] = [
    deed('flatten', 'view', say.flatten, { kind: 'look.flatten' }, { shortcut: 'F', weight: 8 }),
    deed('fit', 'view', say.fit, { kind: 'look.fit' }, { shortcut: '0', weight: 8 }),
    deed('zoom-in', 'view', say.zoomIn, { kind: 'look.zoom', steps: 1 }, { shortcut: 'Ctrl +' }),
    deed('zoom-out', 'view', say.zoomOut, { kind: 'look.zoom', steps: -1 }, { shortcut: 'Ctrl −' }),
    deed('launcher', 'launch', say.launcher, { kind: 'panel', panel: 'launcher' }, { weight: 7 }),
    deed('install', 'file', say.install, undefined, { hint: say.installHint, weight: 6 }),
    deed('table', 'gear', say.table, { kind: 'panel', panel: 'table' }, { shortcut: 'T', weight: 6 }),
    deed('events', 'gear', say.events, { kind: 'panel', panel: 'events' }, { shortcut: 'E', weight: 5 }),
    deed('notices', 'triangle', say.notices, { kind: 'panel', panel: 'notices' }),
    deed('connect', 'lattice', say.connect, { kind: 'panel', panel: 'connect' }),
    deed(
      'retry',
      'restart',
      say.retry,
      { kind: 'lattice.retry' },
      {
        obstacle: lattice.connection.state === 'live' ? say.retryLive : undefined,
        weight: lattice.connection.state === 'live' ? 0 : 30,
      },
    ),
    deed('shortcuts', 'gear', say.shortcuts, { kind: 'panel', panel: 'shortcuts' }, { shortcut: '?', weight: 4 }),
    deed('hint', 'gear', say.hint, { kind: 'hint', isOpen: true }),
    deed('undo', 'restart', say.undo, { kind: 'arrange.undo' }, { shortcut: 'Ctrl Z' }),
    deed('redo', 'restart', say.redo, { kind: 'arrange.redo' }, { shortcut: 'Ctrl Shift Z' }),
    deed('language', 'gear', say.language, { kind: 'locale', locale: workspace.locale === 'en' ? 'ru' : 'en' }),
    ...themes.map((theme) =>
      deed(
        `theme ${theme}`,
        'gear',
        say.theme(say.themes[theme]),
        { kind: 'theme', theme },
        {
          hint: workspace.theme === theme ? say.themeOn : '',
        },
      ),
    ),
    ...Object.entries(workspace.viewpoints).map(([name, viewpoint]) =>
      deed(
        `viewpoint ${name}`,
        'map',
        say.viewpoint(name),
        { kind: 'look.at', viewpoint, isAnimated: true },
        {
          weight: 3,
        },
      ),
    ),
  ]
  if (named !== undefined) {
    all.push(
      deed('save-viewpoint', 'map', say.saveViewpoint(named), { kind: 'viewpoint.save', name: named }, { weight: 25 }),
    )
  } else {
    all.push(deed('save-viewpoint', 'map', say.saveViewpoint('…'), undefined, { obstacle: say.saveViewpointHint }))
  }
  return all
}
