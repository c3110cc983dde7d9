// The window of a component that knows nothing of tLOS, made from what it is: its functions as forms, its log, its
// numbers. Stands on `component.describe`.

import { useEffect, useId, useState, type ReactNode } from 'react'
import type { Component } from '../../../preload/records.js'
import type { WitInterface, WitWorld } from '../../../preload/wit.js'
import { ProgressView } from '../content/nodes.js'
import { useGround, useTongue } from '../hooks.js'
import { ownExports, runInterface, whyNotCallable } from './callable.js'
import { FunctionForm } from './function-form.js'
import { HeldList } from './held-list.js'
import { LogView } from './log-view.js'
import { NumbersView } from './numbers-view.js'
import { RunView } from './run-view.js'

type Described = { readonly world: WitWorld } | { readonly problem: string } | undefined

function useWorld(component: Component, turn: number): Described {
  const { worlds } = useGround()
  const [described, setDescribed] = useState<Described>()
  const { id, hostId, imageRef, digest } = component
  useEffect(() => {
    let isWanted = true
    void worlds.of({ id, hostId, imageRef, digest }).then((outcome) => {
      if (!isWanted) return
      setDescribed((before) => {
        if (outcome.ok) return { world: outcome.value }
        return before !== undefined && 'world' in before ? before : { problem: outcome.failure.message }
      })
    })
    return () => {
      isWanted = false
    }
  }, [worlds, id, hostId, imageRef, digest, turn])
  return described
}

const tabs = ['functions', 'log', 'numbers'] as const

export function MadeWindow({ component }: { readonly component: Component; readonly isSeen: boolean }): ReactNode {
  const { words } = useTongue()
  const [tab, setTab] = useState<(typeof tabs)[number]>('functions')
  const [turn, setTurn] = useState(0)
  const described = useWorld(component, turn)
  const panel = useId()
  if (described === undefined) return <ProgressView label={words.form.describing} value={undefined} />
  return (
    <>
      <div className="form-tabs" role="tablist">
        {tabs.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab === name}
            aria-controls={panel}
            onClick={() => setTab(name)}
          >
            {words.form[name]}
          </button>
        ))}
      </div>
      <div id={panel} role="tabpanel">
        {tab === 'log' ? (
          <LogView component={component} />
        ) : tab === 'numbers' ? (
          <NumbersView component={component} />
        ) : 'problem' in described ? (
          <div className="content-problem" role="alert">
            <span className="selectable">{described.problem}</span>
            <button type="button" className="button primary" onClick={() => setTurn(turn + 1)}>
              {words.retry}
            </button>
          </div>
        ) : (
          <Functions component={component} world={described.world} />
        )}
      </div>
    </>
  )
}

function Functions({ component, world }: { readonly component: Component; readonly world: WitWorld }): ReactNode {
  const { words } = useTongue()
  const own = ownExports(world)
  const run = runInterface(world)
  const first = own.flatMap(({ functions }) => functions).find((fn) => whyNotCallable(fn) === undefined)
  if (own.length === 0 && run !== undefined) return <RunView component={component} interfaceName={run} />
  if (own.length === 0) {
    return (
      <>
        <p className="content-text muted">
          {world.exports.length === 0 ? words.form.noFunctions : words.form.wasiOnly}
        </p>
        <Interfaces title={words.form.offers} interfaces={world.exports} />
        <Interfaces title={words.form.needs} interfaces={world.imports} />
      </>
    )
  }
  const forms = own.map((exported) => (
    <section key={exported.name}>
      {exported.name === '' ? undefined : <div className="form-interface">{exported.name}</div>}
      {exported.functions.map((fn) => (
        <FunctionForm
          key={fn.name}
          component={component}
          interfaceName={exported.name}
          fn={fn}
          isOpenAtFirst={fn === first}
        />
      ))}
    </section>
  ))
  return (
    <>
      <HeldList component={component} />
      {run === undefined ? undefined : <RunView component={component} interfaceName={run} />}
      {forms}
    </>
  )
}

function Interfaces({
  title,
  interfaces,
}: {
  readonly title: string
  readonly interfaces: readonly WitInterface[]
}): ReactNode {
  const { words } = useTongue()
  return (
    <section>
      <div className="form-interface">{title}</div>
      {interfaces.length === 0 ? <p className="content-text muted">{words.none}</p> : undefined}
      <ul className="content-entries">
        {interfaces.map(({ name }) => (
          <li key={name} className="mono">
            {name}
          </li>
        ))}
      </ul>
    </section>
  )
}
