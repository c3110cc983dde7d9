// Deeds on hosts, installed components and links. Pure.
// Actors have theirs in deeds.ts, the shell in shell-deeds.ts.

import type { Component, Host, Link } from '../../../preload/records.js'
import type { Words } from '../i18n/en.js'
import { cutQuestion, forgetQuestion, stopNodeQuestion, uninstallQuestion } from '../popups/questions.js'
import { deed, type Deed, type DeedSources } from './deed.js'

export function hostDeeds({ words, interaction }: DeedSources, host: Host): readonly Deed[] {
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
  } else if (host.kind !== 'desktop' && host.kind !== 'wasmcloud-v2') {
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

export function installedDeeds(
  { words, lattice }: DeedSources,
  hosts: readonly Host[],
  actors: readonly Component[],
): readonly Deed[] {
  return Object.values(lattice.installed).flatMap((one) => [
    ...hosts
      .filter((host) => host.liveness !== 'gone' && host.kind !== 'wasmcloud-v2')
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

export function cutDeed(words: Words, link: Link): Deed {
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
