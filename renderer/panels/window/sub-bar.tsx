// The line under the rim of the focused window: image, short digest, cables. Each opens the inspector there. A window
// whose node is not heard says here how old its content is.

import type { ReactNode } from 'react'
import type { Component } from '../../../preload/records.js'
import type { WindowNode } from '../../scene/types.js'
import { useGround, useLattice, useNow, useTongue } from '../hooks.js'
import { managerOf } from '../managed.js'

/** An image reference without its tag and without the digest that stands beside it. */
function shortImage(imageRef: string): string {
  const digest = /^tlos:\/\/sha256\/([0-9a-f]{4,})/.exec(imageRef)
  if (digest !== null) return 'tlos://sha256'
  return imageRef
    .replace(/^(?:oci|file):\/\//, '')
    .replace(/@sha256:.*$/, '')
    .replace(/:[^/:]+$/, '')
}

function shortDigest(digest: string): string {
  const hex = digest.replace(/^sha256:/, '')
  return `${hex.slice(0, 4)}…${hex.slice(-2)}`
}

export function SubBar({
  node,
  component,
}: {
  readonly node: WindowNode
  readonly component: Component | undefined
}): ReactNode {
  const { perform } = useGround()
  const { words, format } = useTongue()
  const isHeard = node.state !== 'not-heard'
  const heardAtMs = useLattice((state) => state.hosts[node.hostId]?.heardAtMs)
  const links = useLattice((state) => state.links)
  const now = useNow(!isHeard)
  const cables = Object.values(links).filter((link) => link.sourceId === node.componentId).length
  const manager = component === undefined ? undefined : managerOf(component)
  const inspect = (): void => perform({ kind: 'inspect', thing: { kind: 'window', id: node.key } })
  if (!isHeard) {
    return (
      <div className="sub-bar">
        <span className="warn">{words.window.heard(format.age(now - (heardAtMs ?? now)))}</span>
      </div>
    )
  }
  return (
    <div className="sub-bar">
      <button type="button" className="clip" title={component?.imageRef} onClick={inspect}>
        {component === undefined ? words.window.noImage : shortImage(component.imageRef)}
      </button>
      {node.digest === undefined ? undefined : (
        <button type="button" className="whole" title={node.digest} onClick={inspect}>
          {shortDigest(node.digest)}
        </button>
      )}
      {manager === undefined ? undefined : (
        <button type="button" className="clip" onClick={inspect}>
          {words.tools.managed.short(manager.application)}
        </button>
      )}
      <span className="grow" />
      {cables === 0 ? undefined : (
        <button type="button" onClick={inspect}>
          {words.window.grants(cables)}
        </button>
      )}
    </div>
  )
}
