// Notices as they come, bottom right: 8 s, longer under the pointer or the keyboard; what failed stays until closed.

import { useEffect, useState, type ReactNode } from 'react'
import type { Notice } from '../../../preload/records.js'
import { useGround, useInteraction } from '../hooks.js'
import { NoticeCard } from './notice-card.js'

const stayMs = 8_000
const atOnce = 4

export function Toasts(): ReactNode {
  const toasts = useInteraction((state) => state.toasts)
  const notices = useInteraction((state) => state.notices)
  const hasInspector = useInteraction((state) => state.inspector !== undefined)
  const shown = toasts.slice(-atOnce).flatMap((id) => notices.find((notice) => notice.id === id) ?? [])
  return (
    <div className={hasInspector ? 'toasts beside-inspector' : 'toasts'}>
      {shown.map((notice) => (
        <Toast key={notice.id} notice={notice} />
      ))}
    </div>
  )
}

function Toast({ notice }: { readonly notice: Notice }): ReactNode {
  const { perform } = useGround()
  const [isHeld, setIsHeld] = useState(false)
  const stays = notice.tone === 'bad' || notice.receipt?.outcome === 'failed'
  useEffect(() => {
    if (stays || isHeld) return undefined
    const timer = setTimeout(() => perform({ kind: 'notice.dismiss', id: notice.id }), stayMs)
    return () => clearTimeout(timer)
  }, [perform, notice.id, stays, isHeld])
  return (
    <div
      className="toast"
      role={stays ? 'alert' : 'status'}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      <NoticeCard notice={notice} onDismiss={() => perform({ kind: 'notice.dismiss', id: notice.id })} />
    </div>
  )
}
