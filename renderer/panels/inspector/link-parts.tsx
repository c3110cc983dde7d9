// A cable and a provider in the inspector.

import type { ReactNode } from 'react'
import type { Link, Provider } from '../../../preload/records.js'
import { linkKey, onHostKey } from '../../../preload/records.js'
import { providerName } from '../../state/provider-names.js'
import { capabilityGlyph, Glyph } from '../glyphs.js'
import { useGround, useLattice, useScene, useTongue } from '../hooks.js'
import { isInsideNode } from '../managed.js'
import { cutQuestion, stopProviderQuestion } from '../popups/questions.js'
import { CableSample, Facts, Section } from './facts.js'
import { useManaged } from './managed-row.js'

export function LinkHead({ link }: { readonly link: Link }): ReactNode {
  return (
    <>
      <Glyph name="cable" size={20} />
      <h2 className="clip grow">
        {link.sourceId} → {link.target}
      </h2>
    </>
  )
}

export function LinkOverview({ link }: { readonly link: Link }): ReactNode {
  const { words, format } = useTongue()
  const transport = useScene((scene) => scene.cables.get(linkKey(link))?.transport)
  const say = words.inspector
  const { traffic } = link
  const config = [...link.sourceConfig, ...link.targetConfig]
  return (
    <Section title={say.cables}>
      <Facts
        rows={[
          { label: say.from, value: link.sourceId, isMono: true },
          { label: say.to, value: link.target, isMono: true },
          {
            label: say.interfaces,
            value: link.interfaces.map((name) => `${link.witNamespace}:${link.witPackage}/${name}`).join(', '),
            isMono: true,
          },
          {
            label: say.transport,
            value:
              transport === undefined ? undefined : (
                <>
                  <CableSample transport={transport} /> {words.transport[transport]}
                </>
              ),
          },
          { label: say.rate, value: words.cable.perSecond(format.rate(traffic?.perSecond ?? 0)), isMono: true },
          {
            label: say.latency,
            value:
              traffic?.p50Ms === undefined || traffic.p99Ms === undefined
                ? undefined
                : `${format.ms(traffic.p50Ms)}, ${format.ms(traffic.p99Ms)}`,
            isMono: true,
          },
          { label: say.config, value: config.length === 0 ? undefined : config.join(', '), isMono: true },
        ]}
      />
      <p className="note">{words.cable.atMostOnce}</p>
    </Section>
  )
}

export function LinkActions({ link }: { readonly link: Link }): ReactNode {
  const { perform, confirm } = useGround()
  const { words } = useTongue()
  const cut = (): void => {
    perform({ kind: 'link.delete', link })
    perform({ kind: 'inspect', thing: undefined })
  }
  return (
    <button
      type="button"
      className="button primary"
      data-deed="cut"
      onClick={() => confirm(cutQuestion(words, link.sourceId, link.target, cut))}
    >
      {words.inspector.cut}
    </button>
  )
}

/** Nothing for a provider that is part of its node: nobody can stop it. */
export function ProviderActions({ provider }: { readonly provider: Provider }): ReactNode {
  const { perform, confirm } = useGround()
  const { words } = useTongue()
  if (isInsideNode(provider)) return <p className="muted">{words.tools.provider.inside}</p>
  const stop = (): void => perform({ kind: 'provider.stop', key: onHostKey(provider.hostId, provider.id) })
  return (
    <button
      type="button"
      className="button primary"
      onClick={() => confirm(stopProviderQuestion(words, provider.id, stop))}
    >
      {words.inspector.stop}
    </button>
  )
}

export function ProviderHead({ provider }: { readonly provider: Provider }): ReactNode {
  const { words, locale } = useTongue()
  return (
    <>
      <Glyph name={capabilityGlyph(provider.name ?? provider.id)} size={18} />
      <h2 className="clip grow">{providerName(provider, locale)}</h2>
      <span className={provider.health === 'failed' ? 'state bad' : 'state muted'}>
        {words.inspector.health[provider.health]}
      </span>
    </>
  )
}

export function ProviderOverview({ provider }: { readonly provider: Provider }): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const host = useLattice((state) => state.hosts[provider.hostId])
  const links = useLattice((state) => state.links)
  const managed = useManaged(provider)
  const users = Object.values(links).filter((link) => link.target === provider.id)
  const say = words.inspector
  return (
    <>
      <Section title={say.where}>
        <Facts
          rows={[
            { label: say.node, value: host?.friendlyName ?? words.unknown },
            { label: 'id', value: provider.id, isMono: true },
            { label: say.image, value: provider.imageRef, isMono: true },
            { label: words.tools.managed.label, value: managed },
          ]}
        />
      </Section>
      <Section title={say.cables}>
        {users.length === 0 ? <p className="muted">{say.noCables}</p> : undefined}
        {users.map((link) => (
          <button
            key={linkKey(link)}
            type="button"
            className="cable-row"
            onClick={() => perform({ kind: 'inspect', thing: { kind: 'link', id: linkKey(link) } })}
          >
            <CableSample transport={undefined} />
            <span className="clip grow">{link.sourceId}</span>
            <span className="muted">{link.interfaces.join(', ')}</span>
          </button>
        ))}
      </Section>
    </>
  )
}
