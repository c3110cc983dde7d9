// The whole lattice as tables: the same truth and the same deeds as on the plane, for the keyboard and a screen reader.

import type { ReactNode } from 'react'
import type { Component, Host, Provider } from '../../../preload/records.js'
import { providerName } from '../../state/provider-names.js'
import { linkKey, onHostKey } from '../../../preload/records.js'
import { Glyph } from '../glyphs.js'
import { useGround, useLattice, useNow, useScene, useTongue } from '../hooks.js'
import { managerOf } from '../managed.js'
import { Popup } from '../popups/popup.js'
import { cutQuestion, forgetQuestion, stopQuestion } from '../popups/questions.js'

export function LatticeTable(): ReactNode {
  const { words } = useTongue()
  const hosts = useLattice((state) => state.hosts)
  const components = useLattice((state) => state.components)
  const providers = useLattice((state) => state.providers)
  const say = words.table
  const list = Object.values(hosts).sort((a, b) => (a.friendlyName < b.friendlyName ? -1 : 1))
  return (
    <Popup className="lattice-table" title={say.title}>
      <div className="popup-body">
        {list.length === 0 ? <p className="muted">{say.empty}</p> : undefined}
        <table aria-label={say.nodes}>
          <thead>
            <tr>
              {[say.name, say.kind, say.state, say.version, say.calls, say.actions].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          {list.map((host) => (
            <tbody key={host.id}>
              <HostRow host={host} />
              {Object.values(components)
                .filter((one) => one.hostId === host.id)
                .map((actor) => (
                  <ActorRow key={actor.id} actor={actor} hostName={host.friendlyName} />
                ))}
              {Object.values(providers)
                .filter((one) => one.hostId === host.id)
                .map((provider) => (
                  <ProviderRow key={provider.id} provider={provider} />
                ))}
            </tbody>
          ))}
        </table>
        <Cables />
      </div>
    </Popup>
  )
}

function HostRow({ host }: { readonly host: Host }): ReactNode {
  const { perform, confirm } = useGround()
  const { words, format } = useTongue()
  const now = useNow(host.liveness === 'stale')
  const state =
    host.liveness === 'stale'
      ? words.place.lastHeard(format.age(now - host.heardAtMs))
      : host.liveness === 'gone'
        ? words.place.goneSince(format.time(host.heardAtMs))
        : host.cordoned
          ? words.place.cordoned
          : words.place.live
  const thing = { kind: 'place', id: host.id } as const
  return (
    <tr className="host-row">
      <th scope="row">
        <Glyph name={host.kind} size={14} /> {host.friendlyName}
      </th>
      <td>{words.hostKind[host.kind]}</td>
      <td className={host.liveness === 'fresh' ? '' : 'warn'}>{state}</td>
      <td className="mono">{host.version}</td>
      <td />
      <td className="row-actions">
        <Deed label={words.inspector.goTo} onPress={() => perform({ kind: 'look.go-to', thing })} />
        <Deed label={words.details} onPress={() => perform({ kind: 'inspect', thing })} />
        {host.liveness === 'gone' ? (
          <Deed
            label={words.place.forget}
            onPress={() =>
              confirm(forgetQuestion(words, host.friendlyName, () => perform({ kind: 'host.forget', id: host.id })))
            }
          />
        ) : undefined}
      </td>
    </tr>
  )
}

function ActorRow({ actor, hostName }: { readonly actor: Component; readonly hostName: string }): ReactNode {
  const { perform, confirm, openPalette } = useGround()
  const { words, format } = useTongue()
  const key = onHostKey(actor.hostId, actor.id)
  const name = actor.name ?? actor.id
  const thing = { kind: 'window', id: key } as const
  return (
    <tr>
      <th scope="row" className="inner">
        {name} {name === actor.id ? undefined : <span className="mono faint">{actor.id}</span>}
        <Managed one={actor} />
      </th>
      <td>{words.table.actor}</td>
      <td className={actor.state === 'failed' ? 'bad' : ''} title={actor.problem}>
        <Glyph name={actor.state} size={11} /> {words.state[actor.state]}
      </td>
      <td className="mono">{actor.version}</td>
      <td className="mono">{format.rate(actor.traffic?.perSecond ?? 0)}</td>
      <td className="row-actions">
        <Deed label={words.inspector.goTo} onPress={() => perform({ kind: 'look.go-to', thing })} />
        <Deed label={words.details} onPress={() => perform({ kind: 'inspect', thing })} />
        <Deed label={words.inspector.moveTo} onPress={() => openPalette(words.deed.move(name, '').trim())} />
        <Deed
          label={words.inspector.stop}
          onPress={() =>
            confirm(stopQuestion(words, { title: name, hostName }, () => perform({ kind: 'actor.stop', key })))
          }
        />
      </td>
    </tr>
  )
}

function Managed({ one }: { readonly one: Component | Provider }): ReactNode {
  const { words } = useTongue()
  const manager = managerOf(one)
  if (manager === undefined) return undefined
  return <span className="muted"> {words.tools.managed.short(manager.application)}</span>
}

function ProviderRow({ provider }: { readonly provider: Provider }): ReactNode {
  const { perform } = useGround()
  const { words, locale } = useTongue()
  const thing = { kind: 'provider', id: onHostKey(provider.hostId, provider.id) } as const
  return (
    <tr>
      <th scope="row" className="inner">
        {provider.name ?? provider.id} <Managed one={provider} />
        {providerName(provider, locale)}
      </th>
      <td>{words.table.provider}</td>
      <td className={provider.health === 'failed' ? 'bad' : ''}>{words.inspector.health[provider.health]}</td>
      <td />
      <td />
      <td className="row-actions">
        <Deed label={words.details} onPress={() => perform({ kind: 'inspect', thing })} />
      </td>
    </tr>
  )
}

function Cables(): ReactNode {
  const { perform, confirm } = useGround()
  const { words, format } = useTongue()
  const links = useLattice((state) => state.links)
  const cables = useScene((scene) => scene.cables)
  const say = words.table
  const list = Object.values(links)
  if (list.length === 0) return undefined
  return (
    <table aria-label={say.cables}>
      <thead>
        <tr>
          {[say.from, say.to, words.inspector.interfaces, words.inspector.transport, say.calls, say.actions].map(
            (title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {list.map((link) => {
          const key = linkKey(link)
          const transport = cables.get(key)?.transport
          const thing = { kind: 'link', id: key } as const
          const cut = (): void => perform({ kind: 'link.delete', link })
          return (
            <tr key={key}>
              <th scope="row">{link.sourceId}</th>
              <td>{link.target}</td>
              <td className="mono">{`${link.witNamespace}:${link.witPackage}/${link.interfaces.join(', ')}`}</td>
              <td>{transport === undefined ? words.unknown : words.transport[transport]}</td>
              <td className="mono">{format.rate(link.traffic?.perSecond ?? 0)}</td>
              <td className="row-actions">
                <Deed label={words.details} onPress={() => perform({ kind: 'inspect', thing })} />
                <Deed
                  label={words.cable.cut}
                  onPress={() => confirm(cutQuestion(words, link.sourceId, link.target, cut))}
                />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function Deed({ label, onPress }: { readonly label: string; readonly onPress: () => void }): ReactNode {
  return (
    <button type="button" className="link-button" onClick={onPress}>
      {label}
    </button>
  )
}
