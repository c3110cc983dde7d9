// Every deed there is, as data, from the state of the lattice and the workspace. Pure. An impossible deed stays in the
// list with its reason. What the palette offers is what intents can carry out, nothing else.

import type { Component, Host, LatticeState, Link, Verdict } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import type { Intent } from '../../input/intents.js'
import type { InteractionState } from '../../state/interaction.js'
import type { WorkspaceState } from '../../state/workspace.js'
import type { GlyphName } from '../glyphs.js'
import type { Question } from '../hooks.js'
import type { Words } from '../i18n/en.js'
import {
  cutQuestion,
  forgetQuestion,
  restartQuestion,
  stopNodeQuestion,
  stopQuestion,
  uninstallQuestion,
} from '../popups/questions.js'
import type { LinkOffer } from './link-offers.js'
import type { Rankable } from './rank.js'

export interface Deed extends Rankable {
  readonly id: string
  readonly glyph: GlyphName
  readonly tone: 'plain' | 'good' | 'warn' | 'bad'
  readonly shortcut: string | undefined
  /** Why it cannot be done now. */
  readonly obstacle: string | undefined
  readonly run: { readonly kind: 'intent'; readonly intent: Intent } | { readonly kind: 'choose-file' }
  /** Asked before it is done. */
  readonly question: ((deed: () => void) => Question) | undefined
  /** A move whose verdict may still be fetched: where the actor is. */
  readonly ask: { readonly componentId: Component['id']; readonly hostId: Host['id'] } | undefined
}

export interface DeedSources {
  readonly lattice: LatticeState
  readonly workspace: WorkspaceState
  readonly interaction: Pick<InteractionState, 'focused' | 'selection'>
  readonly words: Words
  /** Verdicts fetched so far, by `{component}/{target host}`. */
  readonly verdicts: ReadonlyMap<string, Verdict>
  readonly linkOffers: readonly LinkOffer[]
  readonly query: string
}

type Extra = Partial<Omit<Deed, 'id' | 'title' | 'run' | 'glyph'>>

const deed = (id: string, glyph: GlyphName, title: string, intent: Intent | undefined, extra: Extra = {}): Deed => ({
  hint: '',
  tone: 'plain',
  weight: 0,
  shortcut: undefined,
  obstacle: undefined,
  question: undefined,
  ask: undefined,
  ...extra,
  id,
  glyph,
  title,
  run: intent === undefined ? { kind: 'choose-file' } : { kind: 'intent', intent },
})

export function deedsOf(from: DeedSources): readonly Deed[] {
  const actors = Object.values(from.lattice.components)
  const hosts = Object.values(from.lattice.hosts)
  return [
    ...actors.flatMap((actor) => actorDeeds(from, actor, hosts)),
    ...hosts.flatMap((host) => hostDeeds(from, host)),
    ...installedDeeds(from, hosts, actors),
    ...Object.values(from.lattice.links).map((link) => cutDeed(from.words, link)),
    ...from.linkOffers.map(({ link, hint }) =>
      deed(
        `link ${link.sourceId} ${link.target} ${link.witPackage}`,
        'cable',
        from.words.deed.link(link.sourceId, link.target),
        { kind: 'link.put', link },
        { hint },
      ),
    ),
    ...shellDeeds(from),
  ]
}

const nameOf = (actor: Component): string => actor.name ?? actor.id

function actorDeeds(from: DeedSources, actor: Component, hosts: readonly Host[]): readonly Deed[] {
  const { words } = from
  const say = words.deed
  const key = onHostKey(actor.hostId, actor.id)
  const host = from.lattice.hosts[actor.hostId]
  const hostName = host?.friendlyName ?? words.unknown
  const name = nameOf(actor)
  // With the focused or selected actor first, one can type `move` and Enter.
  const isNear = from.interaction.focused === key || from.interaction.selection?.id === key
  const weight = isNear ? 20 : 5
  const gone = host === undefined || host.liveness === 'gone' ? say.nodeGone : undefined
  const stateful = actor.stateKind === 'exported'
  const isMinimised = (from.workspace.windows[key] ?? from.workspace.windows[actor.id])?.isMinimised === true
  const scale = (count: number): Deed =>
    deed(
      `scale ${key} ${count}`,
      'gear',
      say.scale(name, String(count)),
      { kind: 'actor.scale', key, count },
      {
        hint: say.scaleHint(String(actor.maxInstances)),
        weight: weight - 4,
        obstacle: gone ?? (stateful && count > 1 ? say.scaleStateful : undefined),
      },
    )
  return [
    deed(
      `go ${key}`,
      'goto',
      say.goTo(name),
      { kind: 'look.go-to', thing: { kind: 'window', id: key } },
      {
        hint: say.goToActor(hostName),
        weight: weight + 5,
      },
    ),
    ...moveDeeds(from, actor, hosts, weight, gone),
    deed(
      `inspect ${key}`,
      'view',
      say.inspect(name),
      { kind: 'inspect', thing: { kind: 'window', id: key } },
      {
        hint: say.inspectHint,
        weight,
        shortcut: isNear ? 'I' : undefined,
      },
    ),
    deed(
      `restart ${key}`,
      'restart',
      say.restart(name),
      { kind: 'actor.restart', key },
      {
        hint: say.restartHint,
        weight: weight - 2,
        obstacle: gone,
        question: (run) => restartQuestion(words, name, run),
      },
    ),
    deed(
      `stop ${key}`,
      'triangle',
      say.stop(name),
      { kind: 'actor.stop', key },
      {
        hint: say.stopHint(hostName),
        weight: weight - 3,
        obstacle: gone,
        question: (run) => stopQuestion(words, { title: name, hostName }, run),
      },
    ),
    ...[actor.maxInstances + 1, actor.maxInstances - 1].filter((count) => count > 0).map(scale),
    isMinimised
      ? deed(`restore ${key}`, 'maximise', say.restore(name), { kind: 'window.minimise', key, isMinimised: false })
      : deed(`minimise ${key}`, 'minimise', say.minimise(name), { kind: 'window.minimise', key, isMinimised: true }),
    deed(`maximise ${key}`, 'maximise', say.maximise(name), { kind: 'window.maximise', key }),
  ]
}

function moveDeeds(
  from: DeedSources,
  actor: Component,
  hosts: readonly Host[],
  weight: number,
  gone: string | undefined,
): readonly Deed[] {
  const { words } = from
  const key = onHostKey(actor.hostId, actor.id)
  return hosts
    .filter((host) => host.id !== actor.hostId)
    .map((host) => {
      const verdict = from.verdicts.get(`${actor.id}/${host.id}`)
      const cannot = gone ?? (host.liveness === 'gone' ? words.deed.nodeGone : undefined)
      const tone =
        verdict === undefined ? 'plain' : ({ accepts: 'good', but: 'warn', refuses: 'bad' } as const)[verdict.kind]
      return deed(
        `move ${key} ${host.id}`,
        verdict?.kind === 'refuses' ? 'barred' : 'moving',
        words.deed.move(nameOf(actor), host.friendlyName),
        { kind: 'actor.move', key, toHostId: host.id },
        {
          hint: verdict?.summary ?? words.deed.asking,
          tone,
          weight: weight + 3 - (verdict?.kind === 'refuses' ? 2 : 0),
          obstacle: cannot ?? (verdict?.kind === 'refuses' ? verdict.summary : undefined),
          ask:
            verdict === undefined && cannot === undefined ? { componentId: actor.id, hostId: actor.hostId } : undefined,
        },
      )
    })
}

function hostDeeds({ words, interaction }: DeedSources, host: Host): readonly Deed[] {
  const say = words.deed
  const name = host.friendlyName
  const weight = interaction.selection?.id === host.id ? 18 : 4
  const place = { kind: 'place', id: host.id } as const
  const all = [
    deed(
      `go ${host.id}`,
      host.kind,
      say.goTo(name),
      { kind: 'look.go-to', thing: place },
      {
        hint: say.goToNode,
        weight: weight + 3,
      },
    ),
    deed(
      `inspect ${host.id}`,
      'view',
      say.inspect(name),
      { kind: 'inspect', thing: place },
      {
        hint: say.inspectHint,
        weight,
      },
    ),
  ]
  if (host.liveness === 'gone') {
    all.push(
      deed(
        `forget ${host.id}`,
        'close',
        say.forget(name),
        { kind: 'host.forget', id: host.id },
        {
          hint: say.forgetHint,
          weight,
          question: (run) => forgetQuestion(words, name, run),
        },
      ),
    )
  } else if (host.kind !== 'desktop') {
    all.push(
      deed(
        `stop ${host.id}`,
        'triangle',
        say.stopNode(name),
        { kind: 'host.stop', id: host.id },
        {
          weight: weight - 3,
          question: (run) => stopNodeQuestion(words, name, run),
        },
      ),
    )
  }
  if (host.kind === 'tlos') {
    all.push(
      deed(
        `start-node ${host.id}`,
        'tlos',
        say.startNode(name),
        { kind: 'node.start', name },
        {
          weight: host.liveness === 'gone' ? weight + 2 : 0,
          obstacle: host.liveness === 'gone' ? undefined : say.startNodeFresh,
        },
      ),
    )
  }
  return all
}

function installedDeeds(
  { words, lattice }: DeedSources,
  hosts: readonly Host[],
  actors: readonly Component[],
): readonly Deed[] {
  return Object.values(lattice.installed).flatMap((one) => [
    ...hosts
      .filter((host) => host.liveness !== 'gone')
      .map((host) =>
        deed(
          `start ${one.id} ${host.id}`,
          'launch',
          words.deed.start(one.name, host.friendlyName),
          { kind: 'actor.start', componentId: one.id, imageRef: one.imageRef, hostId: host.id },
          { weight: host.kind === 'desktop' ? 3 : 1, hint: one.version ?? '' },
        ),
      ),
    deed(
      `uninstall ${one.id}`,
      'close',
      words.deed.uninstall(one.name),
      { kind: 'actor.uninstall', componentId: one.id },
      {
        hint: words.deed.uninstallHint,
        obstacle: actors.some((actor) => actor.id === one.id) ? words.deed.uninstallRunning : undefined,
        question: (run) => uninstallQuestion(words, one.name, run),
      },
    ),
  ])
}

function cutDeed(words: Words, link: Link): Deed {
  return deed(
    `cut ${link.sourceId} ${link.name} ${link.target} ${link.witPackage}`,
    'cable',
    words.deed.cut(link.sourceId, link.target),
    { kind: 'link.delete', link },
    {
      hint: words.deed.cutHint,
      question: (run) => cutQuestion(words, link.sourceId, link.target, run),
    },
  )
}

function shellDeeds({ words, workspace, lattice, query }: DeedSources): readonly Deed[] {
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
