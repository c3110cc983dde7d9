// The connection to the lattice: what it is, why it is not, what can be done; and the strip that says so when it is lost.

import type { ReactNode } from 'react'
import { Glyph } from '../glyphs.js'
import { useGround, useInteraction, useLattice, useTongue } from '../hooks.js'
import { ConnectForm } from './connect-form.js'
import { Popup } from './popup.js'

export function ConnectPanel(): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const connection = useLattice((state) => state.connection)
  const { connection: say } = words
  return (
    <Popup className="connect" title={say.title}>
      <div className="popup-body">
        <p className={connection.state === 'live' ? '' : 'bad'}>{say[`${connection.state}Text`]}</p>
        {connection.problem === undefined ? undefined : <p className="selectable">{connection.problem}</p>}
        <dl className="facts">
          <div>
            <dt>{say.lattice}</dt>
            <dd className="mono">{connection.lattice}</dd>
          </div>
          <div>
            <dt>{say.server}</dt>
            <dd className="mono selectable">
              {connection.url === '' ? words.unknown : connection.url}
              {connection.embedded ? `, ${say.embedded}` : ''}
            </dd>
          </div>
          <div>
            <dt>{say.jetStream}</dt>
            <dd>
              {connection.hasJetStream ? say.yes : say.no}
              {connection.jsDomain === undefined ? '' : ` (${say.jsDomain}: ${connection.jsDomain})`}
            </dd>
          </div>
          {connection.rpcUrl === undefined ? undefined : (
            <div>
              <dt>{say.calls}</dt>
              <dd className="mono selectable">{connection.rpcUrl}</dd>
            </div>
          )}
          {connection.refused === undefined ? undefined : (
            <div>
              <dt>{say.refused}</dt>
              <dd className="warn selectable">
                {connection.refused.map(({ operation, subject }) => (
                  <div key={`${operation} ${subject}`}>
                    {say.operations[operation]} <span className="mono">{subject}</span>
                  </div>
                ))}
              </dd>
            </div>
          )}
        </dl>
        {connection.state === 'live' ? undefined : (
          <button type="button" className="button primary" onClick={() => perform({ kind: 'lattice.retry' })}>
            {words.retry}
          </button>
        )}
        <ConnectForm />
      </div>
    </Popup>
  )
}

/** Says over the plane that the picture is old, and why; nothing while all is well. */
export function ConnectionStrip(): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const connection = useLattice((state) => state.connection)
  const panel = useInteraction((state) => state.panel)
  // Live with a problem: the second connection, over which calls go, is away.
  const isWell = connection.state === 'starting' || (connection.state === 'live' && connection.problem === undefined)
  if (isWell || panel === 'connect') return undefined
  return (
    <div className="connection-strip" role="alert">
      <Glyph name="failed" size={14} />
      <div className="grow">
        <strong>{words.bar[connection.state]}</strong>
        <p>{connection.problem ?? words.connection[`${connection.state}Text`]}</p>
        {connection.state === 'lost' ? <p className="muted">{words.connection.lostText}</p> : undefined}
      </div>
      <button type="button" className="button" onClick={() => perform({ kind: 'lattice.retry' })}>
        {words.retry}
      </button>
      <button type="button" className="button" onClick={() => perform({ kind: 'panel', panel: 'connect' })}>
        {words.details}
      </button>
    </div>
  )
}
