// The fields of one NATS server in the form that joins a lattice: where it is, how to sign in, whom to trust.

import { useId, type ReactNode } from 'react'
import { useTongue } from '../hooks.js'
import { type EndDraft, type SignIn, signIns } from './connect-draft.js'

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly placeholder?: string
  readonly isSecret?: boolean
  /** What is wrong with it, in words. */
  readonly trouble?: string | undefined
}

export function TextField({ label, value, onValue, placeholder, isSecret, trouble }: FieldProps): ReactNode {
  const id = useId()
  return (
    <div className="connect-row">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="field"
        type={isSecret === true ? 'password' : 'text'}
        spellCheck={false}
        autoComplete="off"
        placeholder={placeholder}
        aria-invalid={trouble !== undefined}
        value={value}
        onChange={(event) => onValue(event.target.value)}
      />
      {trouble === undefined ? undefined : <p className="bad">{trouble}</p>}
    </div>
  )
}

interface EndProps {
  readonly end: EndDraft
  readonly onEnd: (end: EndDraft) => void
}

export function SignInFields({ end, onEnd }: EndProps): ReactNode {
  const { words } = useTongue()
  const say = words.connection
  const id = useId()
  const { signIn } = end
  return (
    <>
      <div className="connect-row">
        <label htmlFor={id}>{say.signIn}</label>
        <select
          id={id}
          className="field"
          value={signIn}
          // The options below are the type's.
          onChange={(event) => onEnd({ ...end, signIn: event.target.value as SignIn, secret: '', file: '' })}
        >
          {signIns.map((way) => (
            <option key={way} value={way}>
              {say.signIns[way]}
            </option>
          ))}
        </select>
      </div>
      {signIn === 'user' ? (
        <TextField label={say.user} value={end.user} onValue={(user) => onEnd({ ...end, user })} />
      ) : undefined}
      {signIn === 'user' || signIn === 'token' ? (
        <TextField
          label={say.secrets[signIn]}
          value={end.secret}
          isSecret
          onValue={(secret) => onEnd({ ...end, secret })}
        />
      ) : undefined}
      {signIn === 'seed' || signIn === 'creds' ? (
        <TextField
          label={say.files[signIn]}
          value={end.file}
          placeholder={say.pathHint}
          onValue={(file) => onEnd({ ...end, file })}
        />
      ) : undefined}
    </>
  )
}

export function TrustFields({ end, onEnd }: EndProps): ReactNode {
  const { words } = useTongue()
  const { files, pathHint } = words.connection
  return (['caFile', 'certFile', 'keyFile'] as const).map((name) => (
    <TextField
      key={name}
      label={files[name]}
      value={end[name]}
      placeholder={pathHint}
      onValue={(value) => onEnd({ ...end, [name]: value })}
    />
  ))
}
