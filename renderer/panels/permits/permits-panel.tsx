// Which providers the lattice may start on this desktop: what is asked for, what is permitted and since when, what was
// refused; each can be taken back.

import { useState, type ReactNode } from 'react'
import type { Outcome } from '../../../preload/contract.js'
import { Hallmark } from '../glyphs.js'
import { useGround, useTongue } from '../hooks.js'
import { Popup } from '../popups/popup.js'
import { usePermits } from './use-permits.js'

export function PermitsPanel(): ReactNode {
  const { shell, confirm, perform } = useGround()
  const { words, format } = useTongue()
  const say = words.permits.panel
  const view = usePermits()
  const [problem, setProblem] = useState<string>()
  const after = (outcome: Outcome<undefined>): void => setProblem(outcome.ok ? undefined : outcome.failure.message)
  const revoke = (ref: string): void =>
    confirm({
      title: say.revokeTitle(ref),
      text: say.revokeText,
      yes: say.revoke,
      deed: () => void shell.call('permit.revoke', ref).then(after),
    })
  const { asks = [], permits = [], refused = [], given = [] } = view ?? {}
  const isEmpty = asks.length + permits.length + refused.length + given.length === 0
  return (
    <Popup className="tool-wide permits" title={say.title}>
      <div className="popup-body">
        <p className="muted">{say.intro}</p>
        {problem === undefined ? undefined : (
          <p className="bad selectable" role="alert">
            {problem}
          </p>
        )}
        {isEmpty ? <p>{say.none}</p> : undefined}
        {asks.length === 0 ? undefined : (
          <Group title={say.asked}>
            {asks.map((ask) => (
              <li key={ask.id}>
                <span className="grow">
                  {ask.providerId} <span className="mono muted">{ask.ref}</span>
                </span>
                <button type="button" className="button" onClick={() => perform({ kind: 'ask.show', id: ask.id })}>
                  {say.show}
                </button>
              </li>
            ))}
          </Group>
        )}
        {permits.length === 0 ? undefined : (
          <Group title={say.kept}>
            {permits.map(({ ref, digest, name, givenAtMs }) => (
              <li key={ref}>
                {digest === undefined ? undefined : <Hallmark digest={digest} size={20} />}
                <span className="grow selectable">
                  <span className="mono">{ref}</span>
                  <br />
                  <span className="muted">
                    {[name, say.since(format.date(givenAtMs))].filter((part) => part !== undefined).join(', ')}
                    {', '}
                    {digest === undefined ? say.any : <span className="mono">sha256:{digest.slice(0, 16)}…</span>}
                  </span>
                </span>
                <button type="button" className="button" onClick={() => revoke(ref)}>
                  {say.revoke}
                </button>
              </li>
            ))}
          </Group>
        )}
        {given.length === 0 ? undefined : (
          <Group title={say.given}>
            {given.map((ref) => (
              <li key={ref}>
                <span className="mono selectable grow">{ref}</span>
              </li>
            ))}
          </Group>
        )}
        {refused.length === 0 ? undefined : (
          <Group title={say.refused}>
            {refused.map((ref) => (
              <li key={ref}>
                <span className="mono selectable grow">{ref}</span>
                <button
                  type="button"
                  className="button"
                  onClick={() => void shell.call('permit.ask-again', ref).then(after)}
                >
                  {say.askAgain}
                </button>
              </li>
            ))}
          </Group>
        )}
      </div>
    </Popup>
  )
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul className="permit-rows">{children}</ul>
    </section>
  )
}
