// One notice: what happened, in words, and what can be done about it. A receipt is unfolded in place.

import { useState, type ReactNode } from 'react'
import type { Notice, Receipt } from '../../../preload/records.js'
import { noticeWords } from '../../state/notice-words.js'
import { Glyph, type GlyphName } from '../glyphs.js'
import { useGround, useTongue, type Tongue } from '../hooks.js'

const glyphs: Readonly<Record<Notice['tone'], GlyphName>> = {
  good: 'check',
  warn: 'triangle',
  bad: 'failed',
  plain: 'running',
}

/** The words of a notice; those of a receipt are made here, so that they are in the language of the person. */
function wordsOf(notice: Notice, { words, format, locale }: Tongue): { readonly title: string; readonly text: string } {
  const { receipt } = notice
  if (receipt === undefined) return noticeWords(notice, locale)
  if (receipt.outcome === 'failed') {
    const title = words.receipt.toastFailed(receipt.componentId, receipt.fromName)
    return { title, text: receipt.reason ?? notice.text }
  }
  const lost =
    receipt.callsLost === 0
      ? words.receipt.noneLost
      : words.receipt.someLost(receipt.callsLost, format.count(receipt.callsLost))
  return {
    title: words.receipt.toastMoved(receipt.componentId, receipt.toName),
    text: words.receipt.toastText(receipt.fromName, format.ms(receipt.pauseMs), lost),
  }
}

export function NoticeCard({
  notice,
  onDismiss,
}: {
  readonly notice: Notice
  readonly onDismiss: (() => void) | undefined
}): ReactNode {
  const { perform } = useGround()
  const tongue = useTongue()
  const { words, format } = tongue
  const [isUnfolded, setIsUnfolded] = useState(false)
  const { title, text } = wordsOf(notice, tongue)
  const { offer, receipt } = notice
  return (
    <article className="notice">
      <header>
        <span className={notice.tone === 'plain' ? 'muted' : notice.tone}>
          <Glyph name={glyphs[notice.tone]} size={14} />
        </span>
        <strong className="grow">{title}</strong>
        <time className="faint mono">{format.time(notice.atMs)}</time>
        {onDismiss === undefined ? undefined : (
          <button
            type="button"
            className="icon-button"
            aria-label={words.notices.dismiss}
            title={words.notices.dismiss}
            onClick={onDismiss}
          >
            <Glyph name="close" size={10} />
          </button>
        )}
      </header>
      {text === '' ? undefined : <p className="selectable">{text}</p>}
      {offer === undefined && receipt === undefined ? undefined : (
        <div className="notice-actions">
          {offer === undefined ? undefined : (
            <button
              type="button"
              className="link-button"
              onClick={() => perform({ kind: 'notice.take', id: notice.id })}
            >
              {words.notices.offers[offer.kind]}
            </button>
          )}
          {receipt === undefined ? undefined : (
            <button
              type="button"
              className="link-button"
              aria-expanded={isUnfolded}
              onClick={() => setIsUnfolded(!isUnfolded)}
            >
              {words.receipt.receipt}
            </button>
          )}
        </div>
      )}
      {receipt !== undefined && isUnfolded ? <ReceiptRows receipt={receipt} /> : undefined}
    </article>
  )
}

/** What a move did, number by number. */
export function ReceiptRows({ receipt }: { readonly receipt: Receipt }): ReactNode {
  const { words, format } = useTongue()
  const say = words.receipt
  const rows: readonly (readonly [string, string])[] = [
    [say.receipt, `${say.moved(receipt.fromName, receipt.toName)}, ${say.outcome[receipt.outcome]}`],
    [say.pause, format.ms(receipt.pauseMs)],
    [say.state, receipt.stateKind === 'none' ? say.stateNone : format.bytes(receipt.stateBytes)],
    [say.queued, format.count(receipt.callsQueued)],
    [say.lost, format.count(receipt.callsLost)],
    [say.twice, format.count(receipt.callsTwice)],
    [say.epoch, String(receipt.epoch)],
    [say.askedBy, receipt.askedBy],
    [say.phases, receipt.phases.map(({ phase, ms }) => `${say.phase[phase]} ${format.ms(ms)}`).join(', ')],
  ]
  return (
    <dl className="facts receipt">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {receipt.reason === undefined ? undefined : <p className="bad">{receipt.reason}</p>}
    </dl>
  )
}
