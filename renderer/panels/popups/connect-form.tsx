// Joining another lattice: where its NATS server is, the lattice's name, how to sign in. What is typed as a secret goes over
// the bridge once and is kept nowhere in the page.

import { useId, useState, type FormEvent, type ReactNode } from 'react'
import type { ConnectRequest } from '../../../preload/contract.js'
import { useGround, useLattice, useTongue } from '../hooks.js'

/** By hand: the page's own `URL` finds no host in schemes that it does not know. Main reads it properly. */
const server = /^(?:wss?|nats|tls):\/\/[^\s/?#]+\/?\S*$/i
const latticeName = /^[A-Za-z0-9_-]{1,64}$/

type SignIn = 'none' | 'user' | 'token'

export function ConnectForm(): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const say = words.connection
  const connection = useLattice((state) => state.connection)
  const [url, setUrl] = useState(connection.embedded ? '' : connection.url)
  const [lattice, setLattice] = useState(connection.lattice === '' ? 'default' : connection.lattice)
  const [signIn, setSignIn] = useState<SignIn>('none')
  const [user, setUser] = useState('')
  const [secret, setSecret] = useState('')
  const [wrong, setWrong] = useState<'url' | 'lattice'>()
  const [problem, setProblem] = useState<string>()
  const [isBusy, setIsBusy] = useState(false)
  const id = useId()

  const run = async (outcome: Promise<{ ok: true } | { ok: false; failure: { message: string } }>): Promise<void> => {
    setIsBusy(true)
    setProblem(undefined)
    const done = await outcome
    setIsBusy(false)
    setSecret('')
    if (!done.ok) setProblem(done.failure.message)
  }

  const connect = (event: FormEvent): void => {
    event.preventDefault()
    if (!server.test(url.trim())) return setWrong('url')
    if (!latticeName.test(lattice.trim())) return setWrong('lattice')
    setWrong(undefined)
    const request: ConnectRequest = {
      url: url.trim(),
      lattice: lattice.trim(),
      ...(signIn === 'user' ? { user, password: secret } : {}),
      ...(signIn === 'token' ? { token: secret } : {}),
    }
    void run(shell.call('lattice.connect', request))
  }

  const row = (name: string, label: string, field: ReactNode, trouble?: string): ReactNode => (
    <div className="connect-row">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      {field}
      {trouble === undefined ? undefined : <p className="bad">{trouble}</p>}
    </div>
  )
  const text = (name: string, value: string, onValue: (value: string) => void, more: object = {}): ReactNode => (
    <input
      id={`${id}-${name}`}
      className="field"
      spellCheck={false}
      autoComplete="off"
      value={value}
      onChange={(event) => onValue(event.target.value)}
      {...more}
    />
  )
  return (
    <form className="connect-form" onSubmit={connect}>
      <h3>{say.join}</h3>
      {row(
        'url',
        say.server,
        text('url', url, setUrl, { placeholder: 'nats://host:4222', 'aria-invalid': wrong === 'url' }),
        wrong === 'url' ? say.wrongUrl : undefined,
      )}
      {row(
        'lattice',
        say.lattice,
        text('lattice', lattice, setLattice, { 'aria-invalid': wrong === 'lattice' }),
        wrong === 'lattice' ? say.wrongLattice : undefined,
      )}
      {row(
        'sign-in',
        say.signIn,
        <select
          id={`${id}-sign-in`}
          className="field"
          value={signIn}
          // The options below are the type's.
          onChange={(event) => setSignIn(event.target.value as SignIn)}
        >
          <option value="none">{say.signIns.none}</option>
          <option value="user">{say.signIns.user}</option>
          <option value="token">{say.signIns.token}</option>
        </select>,
      )}
      {signIn === 'user' ? row('user', say.user, text('user', user, setUser)) : undefined}
      {signIn === 'none'
        ? undefined
        : row('secret', say.secrets[signIn], text('secret', secret, setSecret, { type: 'password' }))}
      {problem === undefined ? undefined : (
        <p className="bad selectable" role="alert">
          {problem}
        </p>
      )}
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
      <p className="muted">{say.notKept}</p>
    </form>
  )
}
