// One form for everything that can be asked of a lattice: judges what is typed, asks, waits with a way out, shows what went
// wrong beside what was typed. A form that is given up while it waits leaves the outcome to a notice.

import { useEffect, useId, useMemo, useRef, useState, type FormEvent, type ReactNode } from 'react'
import type { Outcome } from '../../../preload/contract.js'
import type { Failure } from '../../../preload/records.js'
import type { FormName, OpenTool } from '../../state/interaction.js'
import { useGround, useLattice, useTongue } from '../hooks.js'
import { Popup } from '../popups/popup.js'
import { type Field, isAsked, judge, valuesOf, type Wrong } from './fields.js'
import type { Done, FormSpec } from './form-spec.js'
import { formOf } from './forms.js'

export function FormPanel({ tool }: { readonly tool: OpenTool & { readonly name: FormName } }): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const lattice = useLattice((state) => state)
  // The form stays as it was opened: what is typed does not change under the hand.
  const [opened] = useState(lattice)
  const spec = useMemo(() => formOf(tool, { lattice: opened, words }), [tool, opened, words])
  const leave = (): void =>
    perform(tool.back === undefined ? { kind: 'panel', panel: 'none' } : { kind: 'tool', tool: tool.back })
  if (spec === undefined) {
    return (
      <Popup className="tool-form" title={words.details} onClose={leave}>
        <p className="popup-body muted">{words.inspector.notThere}</p>
      </Popup>
    )
  }
  return <OpenForm spec={spec} onLeave={leave} />
}

type Progress = 'typing' | 'waiting'

function OpenForm({ spec, onLeave }: { readonly spec: FormSpec; readonly onLeave: () => void }): ReactNode {
  const { shell, perform } = useGround()
  const { words } = useTongue()
  const say = words.tools.form
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(spec.fields.map((field) => [field.name, field.initial ?? ''])),
  )
  const [wrong, setWrong] = useState<Readonly<Record<string, Wrong>>>({})
  const [progress, setProgress] = useState<Progress>('typing')
  const [problem, setProblem] = useState<string>()
  const [answer, setAnswer] = useState<Done>()
  const isOpen = useRef(true)
  const form = useRef<HTMLFormElement>(null)

  useEffect(() => {
    isOpen.current = true
    return () => {
      isOpen.current = false
    }
  }, [])

  useEffect(() => {
    let isWanted = true
    void spec.load?.(shell).then((outcome) => {
      if (!isWanted) return
      if (outcome.ok) setTexts((before) => ({ ...before, ...outcome.value }))
      else setProblem(outcome.failure.message)
    })
    return () => {
      isWanted = false
    }
  }, [spec, shell])

  const said = (failure: Failure): string => spec.trouble?.(failure, valuesOf(texts)) ?? failure.message

  const tell = (outcome: Outcome<Done>): void => {
    const atMs = Date.now()
    perform({
      kind: 'notice.raise',
      notice: outcome.ok
        ? { id: `form ${atMs}`, atMs, tone: 'good', title: outcome.value.title, text: outcome.value.text ?? '' }
        : { id: `form ${atMs}`, atMs, tone: 'bad', title: spec.title, text: said(outcome.failure) },
    })
  }

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (progress === 'waiting') return
    const asked = spec.fields.filter((field) => isAsked(field, texts))
    const found = asked.flatMap((field) => {
      const what = judge(field, texts[field.name] ?? '')
      return what === undefined ? [] : [[field.name, what] as const]
    })
    setWrong(Object.fromEntries(found))
    setProblem(undefined)
    const [first] = found
    if (first !== undefined) {
      form.current?.querySelector<HTMLElement>(`[name="${first[0]}"]`)?.focus()
      return
    }
    setProgress('waiting')
    void spec.run(shell, valuesOf(texts)).then((outcome) => {
      // Given up meanwhile: it went on, and what came of it still has to be said.
      if (!isOpen.current) return tell(outcome)
      setProgress('typing')
      if (!outcome.ok) setProblem(said(outcome.failure))
      else if (outcome.value.text !== undefined) setAnswer(outcome.value)
      else {
        tell(outcome)
        onLeave()
      }
    })
  }

  const isWaiting = progress === 'waiting'
  return (
    <Popup className="tool-form" title={spec.title} isSticky onClose={onLeave}>
      <form ref={form} className="popup-body tool-fields" noValidate onSubmit={submit}>
        {spec.note === undefined ? undefined : <p className="muted">{spec.note}</p>}
        {spec.fields
          .filter((field) => isAsked(field, texts))
          .map((field, index) => (
            <FieldRow
              key={field.name}
              field={field}
              isFirst={index === 0}
              isWaiting={isWaiting}
              text={texts[field.name] ?? ''}
              wrong={wrong[field.name]}
              onText={(text) => setTexts((before) => ({ ...before, [field.name]: text }))}
            />
          ))}
        {problem === undefined ? undefined : (
          <p className="bad selectable" role="alert">
            {problem}
          </p>
        )}
        {answer === undefined ? undefined : (
          <div role="status">
            <p className="good">{answer.title}</p>
            <pre className="raw-json">{answer.text}</pre>
          </div>
        )}
        {isWaiting ? (
          <p className="muted" role="status">
            {say.waiting} {say.stopWaitingText}
          </p>
        ) : undefined}
        <div className="tool-deeds">
          <button type="submit" className="button primary" aria-disabled={isWaiting}>
            {spec.submit}
          </button>
          <button type="button" className="button" onClick={onLeave}>
            {isWaiting ? say.stopWaiting : words.cancel}
          </button>
        </div>
      </form>
    </Popup>
  )
}

function FieldRow({
  field,
  text,
  wrong,
  isFirst,
  isWaiting,
  onText,
}: {
  readonly field: Field
  readonly text: string
  readonly wrong: Wrong | undefined
  readonly isFirst: boolean
  readonly isWaiting: boolean
  readonly onText: (text: string) => void
}): ReactNode {
  const { words } = useTongue()
  const say = words.tools.form
  const id = useId()
  const hints = [
    field.kind === 'pairs' ? say.pairs : field.kind === 'names' ? say.names : undefined,
    field.isOptional === true ? say.optional : undefined,
  ].filter((hint) => hint !== undefined)
  const common = {
    id,
    name: field.name,
    className: 'field',
    value: text,
    placeholder: field.placeholder,
    readOnly: field.isFixed === true || isWaiting,
    spellCheck: false,
    autoComplete: 'off',
    'aria-invalid': wrong !== undefined,
    'aria-describedby': `${id}-more`,
    ...(isFirst ? { 'data-first': true } : {}),
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => onText(event.currentTarget.value),
  }
  return (
    <div className="tool-field">
      <label htmlFor={id}>{field.label}</label>
      {field.kind === 'choice' ? (
        <select
          id={id}
          name={field.name}
          className="field"
          value={text}
          disabled={isWaiting}
          aria-describedby={`${id}-more`}
          onChange={common.onChange}
        >
          {(field.options ?? []).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      ) : field.kind === 'pairs' ? (
        <textarea rows={Math.min(8, Math.max(2, text.split('\n').length))} {...common} />
      ) : (
        <input type={field.kind === 'secret' ? 'password' : 'text'} {...common} />
      )}
      <p id={`${id}-more`} className={wrong === undefined ? 'faint' : 'bad'}>
        {wrong === undefined ? hints.join('; ') : say.wrong[wrong]}
      </p>
    </div>
  )
}
