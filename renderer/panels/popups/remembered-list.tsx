// The connections that are remembered on this machine: taken up again or forgotten. Their secrets stay in main.

import type { ReactNode } from 'react'
import type { RememberedConnection } from '../../../preload/remembered.js'
import { useTongue } from '../hooks.js'

export function RememberedList({
  list,
  isBusy,
  onConnect,
  onForget,
}: {
  readonly list: readonly RememberedConnection[]
  readonly isBusy: boolean
  readonly onConnect: (id: string) => void
  readonly onForget: (id: string) => void
}): ReactNode {
  const say = useTongue().words.connection
  return (
    <section aria-label={say.remembered}>
      <h3>{say.remembered}</h3>
      <ul className="remembered">
        {list.map(({ id, lattice, url }) => (
          <li key={id}>
            <span className="grow selectable">
              {lattice} <span className="mono muted">{url}</span>
            </span>
            <button
              type="button"
              className="button"
              disabled={isBusy}
              aria-label={say.reconnect(id)}
              onClick={() => onConnect(id)}
            >
              {say.connect}
            </button>
            <button type="button" className="button" disabled={isBusy} onClick={() => onForget(id)}>
              {say.forget}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
