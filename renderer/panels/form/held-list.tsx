// The resources that a person holds of one component, each with its short name and a way to let go of it.

import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { Component } from '../../../preload/records.js'
import { dropFunction } from '../../../preload/wit.js'
import { useGround, useTongue } from '../hooks.js'
import { heldWithout, type HeldHandle } from './held.js'

export function HeldList({ component }: { readonly component: Component }): ReactNode {
  const { held } = useGround()
  const { words } = useTongue()
  const mine = useStore(held, (state) => state.held).filter(({ componentId }) => componentId === component.id)
  if (mine.length === 0) return undefined
  return (
    <section aria-label={words.form.held}>
      <div className="form-interface">{words.form.held}</div>
      <ul className="form-held">
        {mine.map((each) => (
          <HeldRow key={each.name} component={component} held={each} />
        ))}
      </ul>
    </section>
  )
}

function HeldRow({ component, held }: { readonly component: Component; readonly held: HeldHandle }): ReactNode {
  const { shell, held: store } = useGround()
  const { words } = useTongue()
  const [problem, setProblem] = useState<string>()
  const [isDropping, setIsDropping] = useState(false)
  const { handle, home, name } = held

  const forget = (): void => store.setState((state) => ({ held: heldWithout(state.held, [handle]) }))

  const drop = async (): Promise<void> => {
    if (isDropping) return
    // Somebody else's: who that is, only the component knows that it came from.
    if (home.isImported) return forget()
    setIsDropping(true)
    const fn = dropFunction(home.instance, home.name).name
    const outcome = await shell.call('component.call', component.id, component.hostId, home.instance, fn, [handle])
    setIsDropping(false)
    // One that nobody knows any more is as good as dropped.
    if (outcome.ok || outcome.failure.code === 'not-found') forget()
    else setProblem(outcome.failure.message)
  }

  return (
    <li className="form-inline">
      <span className="mono grow" title={home.instance}>
        {name}
      </span>
      <button type="button" className="button" disabled={isDropping} onClick={() => void drop()}>
        {home.isImported ? words.form.putAway : words.form.drop}
      </button>
      {problem === undefined ? undefined : (
        <span className="form-problem" role="alert">
          {problem}
        </span>
      )}
    </li>
  )
}
