// One exported function as a form: its fields, a button, and what it returned. Problems stand at the fields, what the
// call answers stands below, with how long it took.

import { useState, type ReactNode } from 'react'
import type { Component } from '../../../preload/records.js'
import { spellFunction, type WitFunction } from '../../../preload/wit.js'
import { useGround, useTongue } from '../hooks.js'
import { whyNotCallable } from './callable.js'
import { draftOf, readDraft, type Draft, type Problem } from './draft.js'
import { handlesOf, heldAfter, heldWithout } from './held.js'
import { formatSignature, formatValue } from './pretty.js'
import { LabelledField } from './value-field.js'

interface Result {
  readonly isGood: boolean
  readonly text: string
  readonly tookMs: number
}

export function FunctionForm({
  component,
  interfaceName,
  fn,
  isOpenAtFirst,
}: {
  readonly component: Component
  readonly interfaceName: string
  readonly fn: WitFunction
  readonly isOpenAtFirst: boolean
}): ReactNode {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst)
  const { words } = useTongue()
  const obstacle = whyNotCallable(fn)
  return (
    <div className="form-function">
      <button type="button" className="form-signature" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <b>{spellFunction(fn.name)}</b> {formatSignature(fn)}
      </button>
      {!isOpen ? undefined : obstacle !== undefined ? (
        <p className="content-text muted">{words.form.notCallable[obstacle]}</p>
      ) : (
        <CallForm component={component} interfaceName={interfaceName} fn={fn} />
      )}
    </div>
  )
}

const emptyDraft = (fn: WitFunction, at: number): Draft => draftOf(fn.params[at]?.type ?? { kind: 'bool' })

/** A handle that went away meanwhile is no choice any more. */
const isChosen = (draft: Draft | undefined, gone: readonly Uint8Array[]): boolean =>
  draft?.kind === 'handle' && draft.handle !== undefined && gone.includes(draft.handle)

function CallForm({
  component,
  interfaceName,
  fn,
}: {
  readonly component: Component
  readonly interfaceName: string
  readonly fn: WitFunction
}): ReactNode {
  const { shell, held } = useGround()
  const { words, format } = useTongue()
  const [drafts, setDrafts] = useState<readonly Draft[]>(() => fn.params.map((param) => draftOf(param.type)))
  const [problems, setProblems] = useState<readonly Problem[]>([])
  const [result, setResult] = useState<Result>()
  const [isCalling, setIsCalling] = useState(false)

  const call = async (): Promise<void> => {
    if (isCalling) return
    const values: unknown[] = []
    const found: Problem[] = []
    fn.params.forEach((param, index) => {
      const read = readDraft(param.type, drafts[index] ?? draftOf(param.type), param.name)
      if (read.ok) values.push(read.value)
      else found.push(...read.problems)
    })
    setProblems(found)
    if (found.length > 0) return
    setIsCalling(true)
    const since = performance.now()
    const outcome = await shell.call('component.call', component.id, component.hostId, interfaceName, fn.name, values)
    const tookMs = performance.now() - since
    setIsCalling(false)
    const before = held.getState().held
    const after = outcome.ok
      ? heldAfter(before, component.id, fn, values, outcome.value)
      : outcome.failure.code === 'not-found' && handlesOf(fn, values).length === 1
        ? heldWithout(before, handlesOf(fn, values))
        : before
    held.setState({ held: after })
    const gone = before.filter((each) => !after.includes(each)).map(({ handle }) => handle)
    setDrafts((now) => now.map((draft, at) => (isChosen(draft, gone) ? emptyDraft(fn, at) : draft)))
    if (!outcome.ok) setResult({ isGood: false, text: outcome.failure.message, tookMs })
    else {
      const text = fn.result === undefined ? words.form.noResult : formatValue(fn.result, outcome.value)
      setResult({ isGood: !(fn.result?.kind === 'result' && text.startsWith('err')), text, tookMs })
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void call()
      }}
    >
      <div className="form-rows">
        {fn.params.map((param, index) => (
          <LabelledField
            key={param.name}
            type={param.type}
            draft={drafts[index] ?? draftOf(param.type)}
            path={param.name}
            label={param.name}
            problems={problems}
            onDraft={(next) => setDrafts(drafts.map((one, at) => (at === index ? next : one)))}
          />
        ))}
      </div>
      <div className="form-call">
        <button type="submit" className="button" disabled={isCalling}>
          {isCalling ? words.form.calling : words.form.call}
        </button>
        {result === undefined ? undefined : (
          <span className="mono muted">
            {(result.isGood ? words.form.returned : words.form.failedAfter)(format.ms(result.tookMs))}
          </span>
        )}
      </div>
      {result === undefined ? undefined : (
        <pre className={result.isGood ? 'form-result' : 'form-result bad'} role="status">
          {result.text}
        </pre>
      )}
    </form>
  )
}
