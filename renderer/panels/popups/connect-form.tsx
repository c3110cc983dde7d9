// Joining another lattice: where its NATS server is, the lattice's name, how to sign in. What is typed as a secret goes over
// the bridge once and is kept nowhere in the page (main remembers it, when the person says so, in the system's key store); files are named here and read by main at each connect.

import { useCallback, useState, type FormEvent, type ReactNode } from 'react'
import { useGround, useLattice, useTongue } from '../hooks.js'
import { type ConnectDraft, emptyEnd, findWrong, toRequest, type WrongField } from './connect-draft.js'
import { RememberedList } from './remembered-list.js'
import { useAsked } from '../tools/use-asked.js'
import { SignInFields, TextField, TrustFields } from './connect-fields.js'

/** What is wrong is in the part that is folded away: it has to be seen. */
const isWrongInside = (wrong: WrongField | undefined): boolean => wrong === 'calls-url' || wrong === 'prefix'

export function ConnectForm(): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const say = words.connection
  const connection = useLattice((state) => state.connection)
  const [draft, setDraft] = useState<ConnectDraft>(() => ({
    lattice: connection.lattice === '' ? 'default' : connection.lattice,
    control: emptyEnd(connection.embedded ? '' : connection.url),
    hasCalls: false,
    calls: emptyEnd(connection.rpcUrl ?? ''),
    jsDomain: connection.jsDomain ?? '',
    inboxPrefix: '',
    ctlTopicPrefix: '',
  }))
  const [wrong, setWrong] = useState<WrongField>()
  const [problem, setProblem] = useState<string>()
  const [isBusy, setIsBusy] = useState(false)
  const [isKept, setIsKept] = useState(false)
  const ask = useCallback(() => shell.call('connection.remembered'), [shell])
  const { value: remembered, refresh } = useAsked(ask, undefined)
  const canKeep = remembered?.store === 'ready'
  const change = (part: Partial<ConnectDraft>): void => setDraft((before) => ({ ...before, ...part }))

  const run = async (outcome: Promise<{ ok: true } | { ok: false; failure: { message: string } }>): Promise<void> => {
    setIsBusy(true)
    setProblem(undefined)
    const done = await outcome
    setIsBusy(false)
    refresh()
    setDraft((before) => ({
      ...before,
      control: { ...before.control, secret: '' },
      calls: { ...before.calls, secret: '' },
    }))
    if (!done.ok) setProblem(done.failure.message)
  }

  const connect = (event: FormEvent): void => {
    event.preventDefault()
    const found = findWrong(draft)
    setWrong(found)
    if (found === undefined) {
      void run(shell.call('lattice.connect', { ...toRequest(draft), isRemembered: isKept && canKeep }))
    }
  }

  return (
    <form className="connect-form" onSubmit={connect}>
      {remembered === undefined || remembered.list.length === 0 ? undefined : (
        <RememberedList
          list={remembered.list}
          isBusy={isBusy}
          onConnect={(id) => void run(shell.call('lattice.reconnect', id))}
          onForget={(id) => void run(shell.call('connection.forget', id))}
        />
      )}
      <h3>{say.join}</h3>
      <TextField
        label={say.server}
        value={draft.control.url}
        placeholder="nats://host:4222"
        trouble={wrong === 'url' ? say.wrongUrl : undefined}
        onValue={(url) => change({ control: { ...draft.control, url } })}
      />
      <TextField
        label={say.lattice}
        value={draft.lattice}
        trouble={wrong === 'lattice' ? say.wrongLattice : undefined}
        onValue={(lattice) => change({ lattice })}
      />
      <SignInFields end={draft.control} onEnd={(control) => change({ control })} />
      <details className="connect-more" open={isWrongInside(wrong) || undefined}>
        <summary>{say.more}</summary>
        <TrustFields end={draft.control} onEnd={(control) => change({ control })} />
        <TextField label={say.jsDomain} value={draft.jsDomain} onValue={(jsDomain) => change({ jsDomain })} />
        <TextField
          label={say.inboxPrefix}
          value={draft.inboxPrefix}
          placeholder="_INBOX"
          onValue={(inboxPrefix) => change({ inboxPrefix })}
        />
        <TextField
          label={say.ctlTopicPrefix}
          value={draft.ctlTopicPrefix}
          placeholder="wasmbus.ctl"
          trouble={wrong === 'prefix' ? say.wrongPrefix : undefined}
          onValue={(ctlTopicPrefix) => change({ ctlTopicPrefix })}
        />
        <label className="connect-check">
          <input
            type="checkbox"
            checked={draft.hasCalls}
            onChange={(event) => change({ hasCalls: event.target.checked })}
          />
          {say.callsElsewhere}
        </label>
        {draft.hasCalls ? (
          <fieldset className="connect-calls">
            <legend>{say.calls}</legend>
            <TextField
              label={say.server}
              value={draft.calls.url}
              placeholder="nats://host:4222"
              trouble={wrong === 'calls-url' ? say.wrongUrl : undefined}
              onValue={(url) => change({ calls: { ...draft.calls, url } })}
            />
            <SignInFields end={draft.calls} onEnd={(calls) => change({ calls })} />
            <TrustFields end={draft.calls} onEnd={(calls) => change({ calls })} />
          </fieldset>
        ) : undefined}
      </details>
      {problem === undefined ? undefined : (
        <p className="bad selectable" role="alert">
          {problem}
        </p>
      )}
      <label className="connect-check">
        <input
          type="checkbox"
          checked={isKept && canKeep}
          disabled={!canKeep}
          onChange={(event) => setIsKept(event.target.checked)}
        />
        {say.remember}
      </label>
      {remembered === undefined ? undefined : <p className="muted">{say.store[remembered.store]}</p>}
      <div className="connect-deeds">
        <button type="submit" className="button primary" disabled={isBusy}>
          {isBusy ? say.joining : say.connect}
        </button>
        {connection.embedded ? undefined : (
          <button
            type="button"
            className="button"
            disabled={isBusy}
            onClick={() => void run(shell.call('lattice.own'))}
          >
            {say.own}
          </button>
        )}
      </div>
      <p className="muted">{say.away}</p>
    </form>
  )
}
