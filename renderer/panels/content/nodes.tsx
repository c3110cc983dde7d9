// One node of an actor's window as our own control. The actor chooses which and what it says; how it looks and behaves
// is ours. Nothing an actor sends is markup, script or an address.

import { useEffect, useState, type ReactNode } from 'react'
import type { Content, ContentNode } from '../../../preload/frame.js'
import { ActorCanvas } from './canvas.js'
import type { ContentSession } from './content-session.js'
import { windowNode, type ContentTree } from './content-tree.js'
import { TextField } from './text-field.js'

interface Showing {
  readonly tree: ContentTree
  readonly session: ContentSession | undefined
}

export function ContentRoot({ tree, session }: Showing): ReactNode {
  return (
    <div className="content-root">
      <Children of={windowNode} tree={tree} session={session} />
    </div>
  )
}

function nodesOf(tree: ContentTree, parent: number): readonly ContentNode[] {
  return (tree.children.get(parent) ?? []).flatMap((id) => tree.nodes.get(id) ?? [])
}

function Children({ of, tree, session }: Showing & { readonly of: number }): ReactNode {
  return nodesOf(tree, of).map((node) => <NodeView key={node.id} node={node} tree={tree} session={session} />)
}

function NodeView({ node, tree, session }: Showing & { readonly node: ContentNode }): ReactNode {
  const { id, content } = node
  switch (content.tag) {
    case 'column':
    case 'row':
      return (
        <div className={`content-${content.tag}`}>
          <Children of={id} tree={tree} session={session} />
        </div>
      )
    case 'entries':
      return (
        <ul className="content-entries">
          {nodesOf(tree, id).map((child) => (
            <li key={child.id}>
              <NodeView node={child} tree={tree} session={session} />
            </li>
          ))}
        </ul>
      )
    case 'heading':
      return <h3 className="content-heading">{content.val}</h3>
    case 'text':
      return <TextView text={content.val} />
    case 'button':
      return (
        <button
          type="button"
          className={content.val.primary ? 'button primary' : 'button'}
          disabled={content.val.disabled}
          onClick={() => session?.send({ target: id, action: { tag: 'press' } })}
        >
          {content.val.label}
        </button>
      )
    case 'input':
      return <TextField id={id} input={content.val} session={session} />
    case 'checkbox':
      return (
        <label className={content.val.done ? 'content-check done' : 'content-check'}>
          <input
            type="checkbox"
            className="check-box"
            checked={content.val.checked}
            onChange={(event) =>
              session?.send({ target: id, action: { tag: 'checked', val: event.currentTarget.checked } })
            }
          />
          <span>{content.val.label}</span>
        </label>
      )
    case 'select':
      return (
        <select
          className="field"
          aria-label={content.val.label}
          value={content.val.selected}
          onChange={(event) =>
            session?.send({ target: id, action: { tag: 'selected', val: Number(event.currentTarget.value) } })
          }
        >
          {content.val.options.map((option, index) => (
            <option key={index} value={index}>
              {option}
            </option>
          ))}
        </select>
      )
    case 'slider':
      return <SliderView id={id} slider={content.val} session={session} />
    case 'table':
      return <TableView table={content.val} />
    case 'image':
      return <ImageView image={content.val} />
    case 'progress':
      return <ProgressView label={content.val.label} value={content.val.value} />
    case 'canvas':
      return <ActorCanvas id={id} content={content.val} session={session} />
  }
}

type ValOf<T extends Content['tag']> = Extract<Content, { tag: T; val: unknown }>['val']

const tones = { plain: '', muted: ' muted', good: ' good', warn: ' warn', bad: ' bad' } as const

function TextView({ text }: { readonly text: ValOf<'text'> }): ReactNode {
  const shape = text.big ? ' big' : text.mono ? ' mono' : ''
  return <p className={`content-text${shape}${tones[text.tone]}`}>{text.text}</p>
}

function SliderView({
  id,
  slider,
  session,
}: {
  readonly id: number
  readonly slider: ValOf<'slider'>
  readonly session: ContentSession | undefined
}): ReactNode {
  const [held, setHeld] = useState<number>()
  return (
    <label className="content-slider">
      <span className="muted">{slider.label}</span>
      <input
        type="range"
        min={slider.min}
        max={slider.max}
        step={slider.step > 0 ? slider.step : 'any'}
        value={held ?? slider.value}
        onChange={(event) => {
          const value = Number(event.currentTarget.value)
          setHeld(value)
          session?.send({ target: id, action: { tag: 'number', val: value } })
        }}
        onPointerUp={() => setHeld(undefined)}
        onKeyUp={() => setHeld(undefined)}
      />
      <span className="mono">{held ?? slider.value}</span>
    </label>
  )
}

function TableView({ table }: { readonly table: ValOf<'table'> }): ReactNode {
  return (
    <table className="content-table">
      <thead>
        <tr>
          {table.columns.map((column, index) => (
            <th key={index} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, column) => (
              <td key={column}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function ImageView({ image }: { readonly image: ValOf<'image'> }): ReactNode {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    // Copied because a view of shared memory is no part of a Blob.
    const made = URL.createObjectURL(new Blob([new Uint8Array(image.bytes)], { type: image.mediaType }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [image.bytes, image.mediaType])
  return <img className="content-image" src={url} alt={image.alt} draggable={false} />
}

/** A labelled bar; without a value nobody knows how far it is, and it stands still. */
export function ProgressView({
  label,
  value,
}: {
  readonly label: string
  readonly value: number | undefined
}): ReactNode {
  const share = value === undefined ? undefined : Math.min(1, Math.max(0, value))
  return (
    <div className="content-progress">
      <span className="muted">{label}</span>
      <div
        className={share === undefined ? 'bar-track unknown' : 'bar-track'}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
      >
        {share === undefined ? undefined : <div className="bar-fill" style={{ width: `${share * 100}%` }} />}
      </div>
    </div>
  )
}
