// By whom something is managed, with the way to the application.

import type { ReactNode } from 'react'
import type { Component, Provider } from '../../../preload/records.js'
import { useGround, useTongue } from '../hooks.js'
import { managerOf } from '../managed.js'

/** Undefined for what nobody manages, so that its row is left out. */
export function useManaged(one: Pick<Component | Provider, 'annotations'>): ReactNode {
  const { perform } = useGround()
  const { words } = useTongue()
  const say = words.tools.managed
  const manager = managerOf(one)
  if (manager === undefined) return undefined
  return (
    <>
      {say.by(manager.by, manager.application)}{' '}
      <button
        type="button"
        className="link-button"
        onClick={() => perform({ kind: 'tool', tool: { name: 'applications', about: manager.application } })}
      >
        {say.open}
      </button>
    </>
  )
}
