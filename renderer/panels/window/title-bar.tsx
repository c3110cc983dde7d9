// Title bar of a window-object: hallmark, name, version, instances, state in a sign and a word, buttons. Drawn by the
// shell alone. `data-drag-key` is what the pointer input takes hold of.

import type { KeyboardEvent, ReactNode } from 'react'
import type { Component } from '../../../preload/records.js'
import type { WindowNode } from '../../scene/types.js'
import { Glyph, Hallmark } from '../glyphs.js'
import { useGround, useTongue } from '../hooks.js'
import { stopQuestion } from '../popups/questions.js'
import { titlePartsOf } from './title-parts.js'

const step = 20

export function TitleBar({
  node,
  component,
}: {
  readonly node: WindowNode
  readonly component: Component | undefined
}): ReactNode {
  const { perform, confirm } = useGround()
  const { words, format } = useTongue()
  const state = node.isDragged ? 'moving' : node.state
  // The end of a long name tells apart more than its middle, so it is never cut.
  const head = node.title.length > 16 ? node.title.slice(0, -6) : node.title
  const tail = node.title.length > 16 ? node.title.slice(-6) : ''

  const count = node.instances > 1 ? words.window.instances(format.count(node.instances)) : undefined
  const parts = titlePartsOf(
    node.width,
    { name: node.title, version: node.version, count, stateWord: words.state[state] },
    node.isFocused && !node.isDragged,
  )

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!event.altKey) return
    const grow = { ArrowRight: [step, 0], ArrowLeft: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key]
    if (grow === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const [width = 0, height = 0] = grow
    perform({ kind: 'window.resize', key: node.key, width: node.width + width, height: node.height + height })
  }

  return (
    <div
      className="title-bar"
      data-drag-key={node.key}
      onDoubleClick={() => perform({ kind: 'window.maximise', key: node.key })}
      onKeyDown={onKeyDown}
    >
      <button
        type="button"
        className="title-mark"
        aria-label={words.window.moveByKeyboard}
        title={words.window.resizeHint}
        onClick={(event) => {
          // A click without a pointer: Enter or space. The pointer drags instead.
          if (event.detail === 0) perform({ kind: 'drag.start', key: node.key, byKeyboard: true })
        }}
      >
        <Hallmark digest={node.digest} />
      </button>
      <span className="title-name" title={node.title}>
        <span className="clip">{head}</span>
        {tail === '' ? undefined : <span className="tail">{tail}</span>}
      </span>
      {!parts.hasVersion ? undefined : <span className="title-version">{node.version}</span>}
      {!parts.hasCount ? undefined : <span className="title-count">{count}</span>}
      <span className="title-state" title={node.problem ?? words.state[state]}>
        <Glyph name={state} />
        <span className={parts.hasStateWord && state !== 'starting' ? 'word' : 'sr-only'}>{words.state[state]}</span>
      </span>
      <span className="title-buttons" onPointerDown={(event) => event.stopPropagation()}>
        <TitleButton
          glyph="minimise"
          label={node.isMinimised ? words.window.restore : words.window.minimise}
          onPress={() => perform({ kind: 'window.minimise', key: node.key, isMinimised: !node.isMinimised })}
        />
        <TitleButton
          glyph="maximise"
          label={words.window.maximise}
          onPress={() => perform({ kind: 'window.maximise', key: node.key })}
        />
        <TitleButton
          glyph="close"
          label={words.window.stop}
          onPress={() => {
            if (component === undefined || component.state === 'stopped') perform({ kind: 'actor.stop', key: node.key })
            else confirm(stopQuestion(words, node, () => perform({ kind: 'actor.stop', key: node.key })))
          }}
        />
      </span>
    </div>
  )
}

function TitleButton({
  glyph,
  label,
  onPress,
}: {
  readonly glyph: 'minimise' | 'maximise' | 'close'
  readonly label: string
  readonly onPress: () => void
}): ReactNode {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={onPress}>
      <Glyph name={glyph} size={13} />
    </button>
  )
}
