// One field of the callable form: the control that a WIT type asks for, nested as the type is.

import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import type { WitHandle, WitType } from '../../../preload/wit.js'
import { useGround, useTongue } from '../hooks.js'
import { BytesField } from './bytes-field.js'
import { casesOf, draftOf, innerDraft, itemLimit, type Draft, type Problem } from './draft.js'
import { fits } from './held.js'
import { formatType } from './pretty.js'

interface FieldOf<T extends WitType = WitType> {
  readonly type: T
  readonly draft: Draft
  readonly path: string
  readonly label: string
  readonly problems: readonly Problem[]
  readonly onDraft: (draft: Draft) => void
}

/** Why the value at a path is not one, in words, under its field. */
function ProblemLine({ path, problems }: Pick<FieldOf, 'path' | 'problems'>): ReactNode {
  const { words } = useTongue()
  const problem = problems.find((one) => one.path === path)
  if (problem === undefined) return undefined
  const text =
    problem.word === 'range'
      ? words.form.wrong.range(problem.low ?? '', problem.high ?? '')
      : problem.word === 'tooLong'
        ? words.form.wrong.tooLong(problem.high ?? '')
        : words.form.wrong[problem.word]
  return (
    <span className="form-problem" role="alert">
      {text}
    </span>
  )
}

export function LabelledField(props: FieldOf): ReactNode {
  return (
    <div className="form-row">
      <span className="form-label" title={formatType(props.type)}>
        {props.label}
      </span>
      <div className="form-nested" style={{ padding: 0, border: 0 }}>
        <ValueField {...props} />
        <ProblemLine path={props.path} problems={props.problems} />
      </div>
    </div>
  )
}

function ValueField(props: FieldOf): ReactNode {
  const { type, draft, label, onDraft } = props
  switch (type.kind) {
    case 'bool':
      return (
        <span className="form-inline" style={{ minHeight: 26 }}>
          <input
            type="checkbox"
            className="check-box"
            aria-label={label}
            checked={draft.kind === 'check' && draft.isOn}
            onChange={(event) => onDraft({ kind: 'check', isOn: event.currentTarget.checked })}
          />
        </span>
      )
    case 'enum':
      return (
        <Choice
          {...props}
          tags={type.cases}
          onTag={(tag) => onDraft({ kind: 'choice', tag, inner: { kind: 'none' } })}
        />
      )
    case 'result':
    case 'variant':
      return <CaseField {...props} type={type} />
    case 'flags':
      return <FlagsField {...props} type={type} />
    case 'option':
      return <OptionField {...props} type={type} />
    case 'record':
      return (
        <Parts
          {...props}
          parts={type.fields.map((field) => ({ name: field.name, type: field.type, at: field.name }))}
        />
      )
    case 'tuple':
      return (
        <Parts
          {...props}
          parts={type.elements.map((part, index) => ({ name: String(index), type: part, at: String(index) }))}
        />
      )
    case 'list':
      if (draft.kind === 'bytes') return <BytesField draft={draft} label={label} onDraft={onDraft} />
      return <ListField {...props} type={type} />
    case 'own':
    case 'borrow':
      return <HandleField {...props} type={type} />
    case 'stream':
    case 'future':
      return <span className="mono muted">{formatType(type)}</span>
    default:
      return <TextInput {...props} />
  }
}

function TextInput({ type, draft, path, label, problems, onDraft }: FieldOf): ReactNode {
  const text = draft.kind === 'text' ? draft.text : ''
  const common = {
    className: 'field',
    'aria-label': label,
    'aria-invalid': problems.some((problem) => problem.path === path),
    value: text,
    placeholder: type.kind,
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) =>
      onDraft({ kind: 'text', text: event.currentTarget.value }),
  }
  if (type.kind === 'string' && text.includes('\n')) return <textarea {...common} rows={3} />
  const isNumber = type.kind !== 'string' && type.kind !== 'char'
  return <input type="text" inputMode={isNumber ? 'decimal' : 'text'} autoComplete="off" {...common} />
}

function Choice({
  draft,
  label,
  tags,
  onTag,
}: FieldOf & { readonly tags: readonly string[]; readonly onTag: (tag: string) => void }): ReactNode {
  return (
    <select
      className="field"
      aria-label={label}
      value={draft.kind === 'choice' ? draft.tag : ''}
      onChange={(event) => onTag(event.currentTarget.value)}
    >
      {tags.map((tag) => (
        <option key={tag} value={tag}>
          {tag}
        </option>
      ))}
    </select>
  )
}

/** One of those that are held by hand and fit, by its short name. */
function HandleField({ type, draft, label, onDraft }: FieldOf<WitHandle>): ReactNode {
  const { held: store } = useGround()
  const { words } = useTongue()
  const fitting = useStore(store, (state) => state.held).filter((each) => fits(type, each))
  const chosen = draft.kind === 'handle' ? fitting.find(({ handle }) => handle === draft.handle) : undefined
  return (
    <select
      className="field"
      aria-label={label}
      value={chosen?.name ?? ''}
      onChange={(event) => {
        const found = fitting.find(({ name }) => name === event.currentTarget.value)
        onDraft({ kind: 'handle', handle: found?.handle })
      }}
    >
      <option value="">{fitting.length === 0 ? words.form.noneHeld(formatType(type)) : words.form.choose}</option>
      {fitting.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  )
}

function CaseField(props: FieldOf): ReactNode {
  const { type, draft, path, problems, onDraft } = props
  const cases = casesOf(type)
  const tag = draft.kind === 'choice' ? draft.tag : ''
  const chosen = cases.find((one) => one.name === tag)
  return (
    <>
      <Choice
        {...props}
        tags={cases.map((one) => one.name)}
        onTag={(next) =>
          onDraft({ kind: 'choice', tag: next, inner: innerDraft(cases.find((one) => one.name === next)) })
        }
      />
      {chosen?.type === undefined || draft.kind !== 'choice' ? undefined : (
        <LabelledField
          type={chosen.type}
          draft={draft.inner}
          path={`${path}/${chosen.name}`}
          label={chosen.name}
          problems={problems}
          onDraft={(inner) => onDraft({ kind: 'choice', tag, inner })}
        />
      )}
    </>
  )
}

function FlagsField({ type, draft, onDraft }: FieldOf<Extract<WitType, { kind: 'flags' }>>): ReactNode {
  const on = draft.kind === 'flags' ? draft.on : []
  return (
    <span className="form-inline">
      {type.names.map((name) => (
        <label key={name} className="content-check">
          <input
            type="checkbox"
            className="check-box"
            checked={on.includes(name)}
            onChange={(event) =>
              onDraft({
                kind: 'flags',
                on: event.currentTarget.checked ? [...on, name] : on.filter((other) => other !== name),
              })
            }
          />
          <span>{name}</span>
        </label>
      ))}
    </span>
  )
}

function OptionField(props: FieldOf<Extract<WitType, { kind: 'option' }>>): ReactNode {
  const { type, draft, onDraft } = props
  const { words } = useTongue()
  const isGiven = draft.kind === 'option' && draft.isGiven
  return (
    <>
      <label className="content-check">
        <input
          type="checkbox"
          className="check-box"
          checked={isGiven}
          onChange={(event) => {
            const inner = draft.kind === 'option' && draft.inner.kind !== 'none' ? draft.inner : draftOf(type.inner)
            onDraft({ kind: 'option', isGiven: event.currentTarget.checked, inner })
          }}
        />
        <span className="muted">{words.form.given}</span>
      </label>
      {isGiven ? (
        <ValueField
          {...props}
          type={type.inner}
          draft={draft.inner}
          onDraft={(inner) => onDraft({ kind: 'option', isGiven: true, inner })}
        />
      ) : undefined}
    </>
  )
}

function Parts({
  draft,
  path,
  problems,
  parts,
  onDraft,
}: FieldOf & {
  readonly parts: readonly { readonly name: string; readonly type: WitType; readonly at: string }[]
}): ReactNode {
  const items = draft.kind === 'items' ? draft.items : []
  return (
    <div className="form-nested">
      {parts.map((part, index) => (
        <LabelledField
          key={part.at}
          type={part.type}
          draft={items[index] ?? draftOf(part.type)}
          path={`${path}/${part.at}`}
          label={part.name}
          problems={problems}
          onDraft={(next) =>
            onDraft({
              kind: 'items',
              items: parts.map((one, at) => (at === index ? next : (items[at] ?? draftOf(one.type)))),
            })
          }
        />
      ))}
    </div>
  )
}

function ListField(props: FieldOf<Extract<WitType, { kind: 'list' }>>): ReactNode {
  const { type, draft, path, label, problems, onDraft } = props
  const { words } = useTongue()
  const items = draft.kind === 'items' ? draft.items : []
  const put = (next: readonly Draft[]): void => onDraft({ kind: 'items', items: next })
  return (
    <div className="form-nested">
      {items.map((item, index) => (
        <div key={index} className="form-inline" style={{ flexWrap: 'nowrap', alignItems: 'flex-start' }}>
          <div className="grow">
            <ValueField
              type={type.element}
              draft={item}
              path={`${path}/${index}`}
              label={`${label} ${index}`}
              problems={problems}
              onDraft={(next) => put(items.map((one, at) => (at === index ? next : one)))}
            />
            <ProblemLine path={`${path}/${index}`} problems={problems} />
          </div>
          <button type="button" className="button" onClick={() => put(items.filter((_, at) => at !== index))}>
            {words.form.remove}
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button"
        disabled={items.length >= itemLimit}
        onClick={() => put([...items, draftOf(type.element)])}
      >
        {words.form.add}
      </button>
    </div>
  )
}
