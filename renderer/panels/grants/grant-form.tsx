// The form in which one thing is granted: typed, or a folder chosen in the system's own dialog. What cannot be meant is said at
// its field before anything is asked of main.

import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from 'react'
import type { GrantKind, GrantPart, Lack } from '../../../preload/grants.js'
import { useGround, useTongue } from '../hooks.js'
import { formatLack, guestNameOf, readHost, readPort, readVariable, splitArguments } from './grant-text.js'

interface Typed {
  readonly text: string
  /** Of a folder: where it is seen; undefined while it follows the folder's name. */
  readonly guest: string | undefined
  /** Of a folder: it may be changed. Of a host: also in a private network. */
  readonly isMore: boolean
}

function partOf(kind: GrantKind, { text, guest, isMore }: Typed): GrantPart | undefined {
  switch (kind) {
    case 'directory': {
      const host = text.trim()
      const at = (guest ?? guestNameOf(host)).trim()
      if (!host.startsWith('/') || at === '') return undefined
      return { kind, host, guest: at, access: isMore ? 'read-write' : 'read' }
    }
    case 'host': {
      const read = readHost(text)
      return read === undefined ? undefined : { kind, ...read, private: isMore }
    }
    case 'serve':
    case 'listen': {
      const port = readPort(text.trim())
      return port === undefined ? undefined : { kind, port }
    }
    case 'variable': {
      const read = readVariable(text)
      return read === undefined ? undefined : { kind, ...read }
    }
    case 'arguments': {
      const list = splitArguments(text)
      return list === undefined || list.length === 0 ? undefined : { kind, list: [...list] }
    }
    case 'stdin':
      return text === '' ? undefined : { kind, text }
  }
}

/** Examples that are the same in every language. */
const examples: Partial<Record<GrantKind, string>> = {
  directory: '/home/me/data',
  host: 'example.com:443',
  serve: '8088',
  listen: '7000',
}

const begin = (wish: Lack | undefined): Typed => ({
  text: wish === undefined ? '' : (formatLack(wish) ?? ''),
  guest: undefined,
  isMore: wish?.kind === 'host' && wish.address !== undefined,
})

export function GrantForm({
  kind,
  wish,
  onGrant,
  onCancel,
}: {
  readonly kind: GrantKind
  /** What was asked for and refused: the form begins with it. */
  readonly wish: Lack | undefined
  readonly onGrant: (part: GrantPart) => void
  readonly onCancel: () => void
}): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const say = words.grants
  const [typed, setTyped] = useState(() => begin(wish))
  const [isWrong, setIsWrong] = useState(false)
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  const id = useId()
  useEffect(() => field.current?.focus(), [])
  const type = (more: Partial<Typed>): void => {
    setTyped({ ...typed, ...more })
    setIsWrong(false)
  }
  const grant = (event: FormEvent): void => {
    event.preventDefault()
    const part = partOf(kind, typed)
    if (part === undefined) setIsWrong(true)
    else onGrant(part)
  }
  const choose = async (): Promise<void> => {
    const outcome = await shell.call('grant.choose-folder')
    if (outcome.ok && outcome.value !== null) type({ text: outcome.value })
  }
  const hint = kind === 'arguments' || kind === 'variable' ? say.hint[kind] : (examples[kind] ?? '')
  const common = {
    id,
    ref: field,
    className: kind === 'stdin' ? 'field mono' : 'field',
    value: typed.text,
    placeholder: hint,
    spellCheck: false,
    autoComplete: 'off',
    'aria-invalid': isWrong,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      type({ text: event.currentTarget.value }),
  }
  const more = kind === 'directory' ? say.mayChange : kind === 'host' ? say.mayPrivate : undefined
  return (
    <form
      className="grant-form"
      onSubmit={grant}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onCancel()
      }}
    >
      <div className="grant-field">
        <label htmlFor={id}>{say.field[kind]}</label>
        {kind === 'stdin' ? <textarea rows={3} {...common} /> : <input type="text" {...common} />}
        {kind === 'directory' ? (
          <button type="button" className="button" onClick={() => void choose()}>
            {say.choose}
          </button>
        ) : undefined}
      </div>
      {kind === 'directory' ? (
        <div className="grant-field">
          <label htmlFor={`${id}-guest`}>{say.field.guest}</label>
          <input
            id={`${id}-guest`}
            type="text"
            className="field"
            spellCheck={false}
            autoComplete="off"
            value={typed.guest ?? (typed.text === '' ? '' : guestNameOf(typed.text.trim()))}
            onChange={(event) => type({ guest: event.currentTarget.value })}
          />
        </div>
      ) : undefined}
      {more === undefined ? undefined : (
        <label className="content-check">
          <input
            type="checkbox"
            className="check-box"
            checked={typed.isMore}
            onChange={(event) => type({ isMore: event.currentTarget.checked })}
          />
          <span>{more}</span>
        </label>
      )}
      {isWrong ? (
        <p className="bad" role="alert">
          {say.wrong[kind]}
        </p>
      ) : undefined}
      <div className="grant-deeds">
        <button type="submit" className="button">
          {say.grant}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
      </div>
    </form>
  )
}
