// Every deed there is, as data, from the state of the lattice and the workspace. Pure. What the palette offers is what
// intents can carry out, nothing else.

import type { Component, Host } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import { restartQuestion, stopQuestion } from '../popups/questions.js'
import { deed, type Deed, type DeedSources } from './deed.js'
import { cutDeed, hostDeeds, installedDeeds } from './lattice-deeds.js'
import { shellDeeds } from './shell-deeds.js'
import { toolDeeds } from './tool-deeds.js'

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
    ...toolDeeds(from),
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
    ...(['give', 'see'] as const).map((what) =>
      deed(
        `grants ${what} ${key}`,
        'crypto',
        words.grants.deed[what](name),
        { kind: 'inspect', thing: { kind: 'window', id: key }, tab: 'grants' },
        {
          hint: words.grants.deed[`${what}Hint`],
          weight: weight - 1,
          obstacle: host?.kind === 'desktop' ? undefined : words.grants.deed.elsewhere,
        },
      ),
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
