// Labels of a host in the inspector, each with the way to take it off, and the way to put one more.

import type { ReactNode } from 'react'
import type { Host } from '../../../preload/records.js'
import { useGround, useTongue } from '../hooks.js'
import { Facts, Section } from './facts.js'

export function HostLabels({ host }: { readonly host: Host }): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const say = words.tools.label
  const labels = Object.entries(host.labels)
  // Hosts of wasmCloud v2 take no orders of a lattice.
  const isFixed = host.liveness === 'gone' || host.v2 !== undefined
  return (
    <Section title={words.inspector.labels}>
      {labels.length === 0 ? <p className="muted">{words.inspector.noLabels}</p> : undefined}
      <Facts
        rows={labels.map(([label, value]) => ({
          label,
          isMono: true,
          value: (
            <span className="label-row">
              <span className="grow">{value}</span>
              {isFixed ? undefined : (
                <button
                  type="button"
                  className="link-button"
                  aria-label={say.remove(label, host.friendlyName)}
                  onClick={() => perform({ kind: 'label.delete', id: host.id, label })}
                >
                  {say.removeShort}
                </button>
              )}
            </span>
          ),
        }))}
      />
      {isFixed ? undefined : (
        <button
          type="button"
          className="button"
          onClick={() => perform({ kind: 'tool', tool: { name: 'label', about: host.id } })}
        >
          {say.add}
        </button>
      )}
    </Section>
  )
}
