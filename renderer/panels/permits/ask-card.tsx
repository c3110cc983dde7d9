// The lattice wants a provider started here, and nobody has permitted it: said in the shell's own chrome (look.md 4.6, grant
// dialog), over everything, but without taking the keyboard: whoever can write to the bus makes it come up.

import { useEffect, useId, useState, type ReactNode } from 'react'
import type { PermitAnswer, ProviderAsk } from '../../../preload/permits.js'
import { Glyph, Hallmark } from '../glyphs.js'
import { useGround, useInteraction, useTongue } from '../hooks.js'
import { usePermits } from './use-permits.js'

/** A card that comes up under a finger that is on its way is not what the finger meant. */
const deafMs = 600

export function ProviderAskCard(): ReactNode {
  const view = usePermits()
  const wanted = useInteraction((state) => state.askShown)
  const [put, setPut] = useState<ReadonlySet<string>>(new Set())
  const isListed = useInteraction((state) => state.panel === 'tool' && state.tool?.name === 'permits')
  const asks = view?.asks ?? []
  // The list of them is open: it has them all, and the card would cover it.
  const shown = asks.find(({ id }) => id === wanted) ?? (isListed ? undefined : asks.find(({ id }) => !put.has(id)))
  if (shown === undefined) return undefined
  return (
    <AskCard key={shown.id} ask={shown} more={asks.length - 1} onLater={() => setPut(new Set([...put, shown.id]))} />
  )
}

function AskCard({
  ask,
  more,
  onLater,
}: {
  readonly ask: ProviderAsk
  readonly more: number
  readonly onLater: () => void
}): ReactNode {
  const { shell, perform } = useGround()
  const { words, format } = useTongue()
  const say = words.permits.ask
  const [isDeaf, setIsDeaf] = useState(true)
  const [problem, setProblem] = useState<string>()
  const title = useId()
  const text = useId()
  useEffect(() => {
    const timer = setTimeout(() => setIsDeaf(false), deafMs)
    return () => clearTimeout(timer)
  }, [])
  const answer = (how: PermitAnswer) => (): void => {
    void shell.call('permit.answer', ask.id, how).then((outcome) => {
      setProblem(outcome.ok ? undefined : outcome.failure.message)
    })
  }
  const later = (): void => {
    onLater()
    perform({ kind: 'ask.show', id: undefined })
  }
  const isKnown = ask.kind !== 'process' || ask.digest !== undefined
  const isOff = isDeaf || !isKnown
  return (
    <section className="ask-card" role="alertdialog" aria-modal={false} aria-labelledby={title} aria-describedby={text}>
      <header>
        {ask.digest === undefined ? <Glyph name="provider" size={20} /> : <Hallmark digest={ask.digest} size={28} />}
        <h2 id={title} className="grow">
          {say.title[ask.kind]}
        </h2>
        <time className="mono faint">{format.time(ask.atMs)}</time>
      </header>
      <div className="ask-body">
        <p>{say.intro(ask.providerId)}</p>
        <p id={text} className={ask.kind === 'process' ? 'ask-means warn' : 'ask-means'}>
          {say.means[ask.kind]}
        </p>
        {ask.isOther ? <p className="bad">{say.other}</p> : undefined}
        <dl className="facts">
          <div>
            <dt>{say.reference}</dt>
            <dd className="mono selectable">{ask.ref}</dd>
          </div>
          {ask.kind === 'process' ? (
            <div>
              <dt>{say.digest}</dt>
              <dd className={ask.digest === undefined ? 'muted' : 'mono selectable'}>
                {ask.digest === undefined ? (ask.trouble === undefined ? say.looking : '–') : `sha256:${ask.digest}`}
              </dd>
            </div>
          ) : undefined}
        </dl>
        {ask.name === undefined ? undefined : <p className="muted">{say.says(ask.name)}</p>}
        {ask.trouble === undefined ? undefined : (
          <p className="bad selectable" role="alert">
            {say.cannot} {ask.trouble}
          </p>
        )}
        {problem === undefined ? undefined : (
          <p className="bad selectable" role="alert">
            {problem}
          </p>
        )}
      </div>
      <footer>
        <button type="button" className="button" disabled={isOff} onClick={answer('once')}>
          {say.once}
        </button>
        <button type="button" className="button" disabled={isOff} onClick={answer('always')}>
          {ask.kind === 'process' ? say.always : say.alwaysBuiltin}
        </button>
        <button type="button" className="button" disabled={isDeaf} onClick={answer('refuse')}>
          {say.refuse}
        </button>
        <button type="button" className="button" onClick={later}>
          {say.later}
        </button>
      </footer>
      {more <= 0 ? undefined : <p className="ask-more muted">{say.more(more)}</p>}
    </section>
  )
}
