// Everything that had to be said since the start, newest first.

import type { ReactNode } from 'react'
import { useInteraction, useTongue } from '../hooks.js'
import { NoticeCard } from './notice-card.js'
import { Popup } from './popup.js'

const shownAtOnce = 100

export function NoticesPanel(): ReactNode {
  const { words } = useTongue()
  const notices = useInteraction((state) => state.notices)
  const newestFirst = [...notices].sort((a, b) => b.atMs - a.atMs).slice(0, shownAtOnce)
  return (
    <Popup className="notices" title={words.notices.title}>
      <div className="popup-body">
        {newestFirst.length === 0 ? <p className="muted">{words.notices.none}</p> : undefined}
        {newestFirst.map((notice) => (
          <NoticeCard key={notice.id} notice={notice} onDismiss={undefined} />
        ))}
      </div>
    </Popup>
  )
}
