// What stands in a window under the title bar: the actor's own content, or in words why there is none (starting,
// failed, stopped, not answering) and what can be done.

import type { ReactNode } from 'react'
import type { Component } from '../../../preload/records.js'
import { onHostKey } from '../../../preload/records.js'
import type { WindowNode } from '../../scene/types.js'
import { foremostLack, lackSentence } from '../grants/lack-sentence.js'
import { GrantButton, LackStrip } from '../grants/lack-strip.js'
import { MadeWindow } from '../form/made-window.js'
import { useGround, useInteraction, useTongue } from '../hooks.js'
import type { ContentTrouble } from './content-session.js'
import { ContentRoot, ProgressView } from './nodes.js'
import { useContent } from './use-content.js'

interface Shown {
  readonly node: WindowNode
  readonly component: Component
  readonly isSeen: boolean
}

export function WindowContent(props: Shown): ReactNode {
  const { component } = props
  if (component.state === 'starting') return <Starting component={component} />
  if (component.state === 'failed') return <Failed component={component} />
  if (component.state === 'stopped') return <Stopped component={component} />
  return (
    <>
      <LackStrip component={component} />
      {component.hasWindow ? <OwnContent {...props} /> : <MadeWindow component={component} isSeen={props.isSeen} />}
    </>
  )
}

function OwnContent({ node, component, isSeen }: Shown): ReactNode {
  const { words } = useTongue()
  const isHeard = node.state !== 'not-heard'
  const { session, view } = useContent(component, isSeen && isHeard)
  if (view.tree.nodes.size === 0) {
    if (view.trouble !== undefined) {
      return <Trouble title={words.content.noWindow} trouble={view.trouble} onRetry={() => session?.reopen()} />
    }
    if (view.phase === 'opening') return <ProgressView label={words.content.opening} value={undefined} />
    return <p className="content-text muted">{words.content.empty}</p>
  }
  return (
    <>
      {view.trouble === undefined ? undefined : (
        <div className="content-strip" role="alert">
          <span className="grow">{troubleText(view.trouble, words.content)}</span>
          <button type="button" className="button" onClick={() => session?.reopen()}>
            {words.retry}
          </button>
        </div>
      )}
      <ContentRoot tree={view.tree} session={session} />
    </>
  )
}

type TroubleWords = Readonly<Record<'brokenContent' | 'timedOut' | 'tooMany', string>>

function troubleText(trouble: ContentTrouble, words: TroubleWords): string {
  return trouble.kind === 'ours' ? words[trouble.word] : trouble.message
}

function Trouble({
  title,
  trouble,
  onRetry,
}: {
  readonly title: string
  readonly trouble: ContentTrouble
  readonly onRetry: () => void
}): ReactNode {
  const { words } = useTongue()
  return (
    <div className="content-problem" role="alert">
      <span className="first-line">{title}</span>
      <span className="mono selectable">{troubleText(trouble, words.content)}</span>
      <div className="actions">
        <button type="button" className="button primary" onClick={onRetry}>
          {words.retry}
        </button>
      </div>
    </div>
  )
}

function Starting({ component }: { readonly component: Component }): ReactNode {
  const { words } = useTongue()
  const busy = useInteraction((state) => state.busy[component.id])
  const step = component.step === undefined ? undefined : words.content.step[component.step]
  return <ProgressView label={step ?? busy ?? words.content.starting} value={undefined} />
}

function Failed({ component }: { readonly component: Component }): ReactNode {
  const { words } = useTongue()
  const { perform } = useGround()
  const key = onHostKey(component.hostId, component.id)
  const [first, ...rest] = (component.problem ?? words.content.failedTitle).split('\n')
  const lack = foremostLack(component.lacks ?? [], true)
  return (
    <div className="content-problem">
      <span className="first-line">{first}</span>
      {rest.length === 0 ? undefined : <span className="mono selectable">{rest.join('\n')}</span>}
      {lack === undefined ? undefined : <span>{lackSentence(lack, words.grants.refused)}</span>}
      <div className="actions">
        {lack === undefined ? undefined : <GrantButton component={component} lack={lack} />}
        <button type="button" className="button" onClick={() => perform({ kind: 'actor.restart', key })}>
          {words.content.restart}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => perform({ kind: 'inspect', thing: { kind: 'window', id: key }, tab: 'log' })}
        >
          {words.content.log}
        </button>
      </div>
    </div>
  )
}

function Stopped({ component }: { readonly component: Component }): ReactNode {
  const { words } = useTongue()
  const { perform } = useGround()
  const { id, imageRef, hostId } = component
  return (
    <div className="content-problem">
      <span className="muted">{words.content.stopped}</span>
      <div className="actions">
        <button
          type="button"
          className="button"
          onClick={() => perform({ kind: 'actor.start', componentId: id, imageRef, hostId })}
        >
          {words.content.start}
        </button>
      </div>
    </div>
  )
}
