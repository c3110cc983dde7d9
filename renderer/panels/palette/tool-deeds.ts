// Deeds that open a tool of the lattice, or need no form: everything `wash` can ask of the bus has its row here. Pure.

import type { Component, Host, Link, Provider } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import type { Intent } from '../../input/intents.js'
import type { OpenTool } from '../../state/interaction.js'
import { cutAllQuestion, stopProviderQuestion } from '../popups/questions.js'
import { isInsideNode } from '../managed.js'
import { deed, type Deed, type DeedSources } from './deed.js'

const open = (name: OpenTool['name'], about = ''): Intent => ({ kind: 'tool', tool: { name, about } })

export function toolDeeds(from: DeedSources): readonly Deed[] {
  const { tools } = from.words
  const links = Object.values(from.lattice.links)
  return [
    deed('tool applications', 'launch', tools.apps.title, open('applications'), { hint: 'wadm', weight: 5 }),
    deed('tool manifest', 'file', tools.manifest.deed, open('manifest'), { hint: tools.manifest.hint, weight: 4 }),
    deed('tool run', 'launch', `${tools.run.title}…`, open('run'), { weight: 4 }),
    deed('tool provider', 'provider', `${tools.provider.title}…`, open('provider'), { weight: 3 }),
    deed('tool link', 'cable', `${tools.link.title}…`, open('link'), { weight: 3 }),
    deed('tool configs', 'keyvalue', tools.config.title, open('configs'), { weight: 3 }),
    deed('tool config', 'keyvalue', `${tools.config.formTitle}…`, open('config')),
    deed('tool secret', 'crypto', `${tools.config.secretTitle}…`, open('secret')),
    deed('tool claims', 'check', tools.claims.title, open('claims')),
    deed('tool capture', 'file', tools.capture.title, open('capture'), { hint: tools.capture.hint }),
    deed('tool permits', 'provider', from.words.permits.panel.title, open('permits'), {
      hint: from.words.permits.panel.hint,
      weight: 2,
    }),
    cutAll(from, undefined, links),
    ...[...new Set(links.map(({ sourceId }) => sourceId))].map((sourceId) =>
      cutAll(
        from,
        sourceId,
        links.filter((link) => link.sourceId === sourceId),
      ),
    ),
    deed('tool registry', 'crypto', `${tools.registry.title}…`, open('registry')),
    deed('tool refresh', 'restart', tools.refresh.title, { kind: 'lattice.refresh' }, { hint: tools.refresh.hint }),
    ...Object.values(from.lattice.components).flatMap((actor) => actorTools(from, actor)),
    ...Object.values(from.lattice.hosts).flatMap((host) => hostTools(from, host)),
    ...Object.values(from.lattice.providers).map((provider) => stopProvider(from, provider)),
  ]
}

function cutAll({ words }: DeedSources, sourceId: string | undefined, links: readonly Link[]): Deed {
  const { cutAll: say } = words.tools
  return deed(
    `cut-all ${sourceId ?? '*'}`,
    'cable',
    sourceId === undefined ? say.title : say.titleFrom(sourceId),
    { kind: 'links.delete', sourceId },
    {
      hint: links.length === 0 ? '' : say.hint(links.length),
      obstacle: links.length === 0 ? say.none : undefined,
      question: (run) => cutAllQuestion(words, sourceId, links.length, run),
    },
  )
}

function actorTools(from: DeedSources, actor: Component): readonly Deed[] {
  const { tools, deed: say } = from.words
  const key = onHostKey(actor.hostId, actor.id)
  const host = from.lattice.hosts[actor.hostId]
  const isNear = from.interaction.focused === key || from.interaction.selection?.id === key
  const weight = isNear ? 14 : 1
  const obstacle = host === undefined || host.liveness === 'gone' ? say.nodeGone : undefined
  const more = { hint: host?.friendlyName ?? '', weight, obstacle }
  const isOne = actor.stateKind === 'exported'
  return [
    deed(`update ${key}`, 'restart', `${tools.update.title(actor.id)}…`, open('update', key), more),
    deed(`scale ${key}`, 'gear', `${tools.scale.title(actor.id)}…`, open('scale', key), {
      ...more,
      obstacle: obstacle ?? (isOne ? say.scaleStateful : undefined),
    }),
    deed(`invoke ${key}`, 'goto', `${tools.invoke.title(actor.id)}…`, open('invoke', actor.id), more),
    deed(`request ${key}`, 'http-out', `${tools.request.title(actor.id)}…`, open('request', actor.id), more),
    deed(`traffic ${key}`, 'view', tools.traffic.deed(actor.id), open('traffic', actor.id), {
      hint: tools.traffic.hint,
      weight,
    }),
    deed(`link-from ${key}`, 'cable', `${tools.link.title}: ${actor.id}…`, open('link', actor.id), more),
  ]
}

function hostTools(from: DeedSources, host: Host): readonly Deed[] {
  const { tools } = from.words
  // Hosts of wasmCloud v2 take no orders of a lattice.
  if (host.liveness === 'gone' || host.v2 !== undefined) return []
  const weight = from.interaction.selection?.id === host.id ? 14 : 1
  const name = host.friendlyName
  return [
    deed(`label ${host.id}`, host.kind, `${tools.label.title(name)}…`, open('label', host.id), { weight }),
    deed(`run-on ${host.id}`, 'launch', `${tools.run.title}: ${name}…`, open('run', host.id), { weight }),
    deed(`provider-on ${host.id}`, 'provider', `${tools.provider.title}: ${name}…`, open('provider', host.id), {
      weight,
    }),
    ...Object.keys(host.labels).map((label) =>
      deed(`unlabel ${host.id} ${label}`, 'close', tools.label.remove(label, name), {
        kind: 'label.delete',
        id: host.id,
        label,
      }),
    ),
  ]
}

function stopProvider({ words, lattice }: DeedSources, provider: Provider): Deed {
  const key = onHostKey(provider.hostId, provider.id)
  const { tools } = words
  return deed(
    `stop-provider ${key}`,
    'triangle',
    tools.provider.stop(provider.id),
    { kind: 'provider.stop', key },
    {
      hint: words.deed.stopHint(lattice.hosts[provider.hostId]?.friendlyName ?? words.unknown),
      obstacle: isInsideNode(provider) ? tools.provider.inside : undefined,
      question: (run) => stopProviderQuestion(words, provider.id, run),
    },
  )
}
