// What happened and has to be said: receipts, losses, refusals, broken files. Kept in order, bounded, newest last.

import { randomUUID } from 'node:crypto'
import type { Notice } from '../preload/records.js'

const kept = 200

/** With an id of its own when the page may say the same of itself: it is shown once. */
export type NewNotice = Omit<Notice, 'id' | 'atMs'> & { readonly id?: string | undefined }

export interface Notices {
  raise(notice: NewNotice): void
  list(): readonly Notice[]
  onRaised(listener: (notice: Notice) => void): () => void
}

export function createNotices(now: () => number): Notices {
  const notices: Notice[] = []
  const listeners = new Set<(notice: Notice) => void>()
  return {
    raise(fields) {
      const notice = { ...fields, id: fields.id ?? randomUUID(), atMs: now() }
      notices.push(notice)
      if (notices.length > kept) notices.splice(0, notices.length - kept)
      for (const listener of listeners) listener(notice)
    },
    list: () => notices,
    onRaised(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
