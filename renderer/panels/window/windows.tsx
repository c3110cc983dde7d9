// All window-objects in one flat list, outside of their places (which own them by aria-owns), so that React keeps the
// DOM of an actor that moves.

import { memo, useRef, type ReactNode } from 'react'
import type { OnHostKey } from '../../../preload/records.js'
import type { WindowNode } from '../../scene/types.js'
import { useLattice, useScene } from '../hooks.js'
import { keepHolders, reactKeyOf } from './window-keys.js'
import { WindowFrame } from './window-frame.js'

export function Windows(): ReactNode {
  const windows = useScene((scene) => scene.windows)
  const holders = useRef<ReadonlyMap<string, OnHostKey>>(new Map())
  const list = [...windows.values()]
  holders.current = keepHolders(holders.current, list)
  const keyed = list.map((node) => ({ node, reactKey: reactKeyOf(holders.current, node) }))
  // By key and not by rank: raising a window must not move its DOM, which would take the keyboard from it.
  keyed.sort((a, b) => (a.reactKey < b.reactKey ? -1 : 1))
  return keyed.map(({ node, reactKey }) => <WindowOf key={reactKey} node={node} />)
}

const WindowOf = memo(function WindowOf({ node }: { readonly node: WindowNode }): ReactNode {
  const component = useLattice((state) => state.components[node.key])
  return <WindowFrame node={node} component={component} />
})
