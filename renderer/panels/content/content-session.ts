// Keeps the content of one window true: opens it, sends what the person does one after another, applies the answers,
// asks again when a change was missed, ticks while it can be seen. Stands on the bridge; knows no DOM.

import type { Outcome, Shell } from '../../../preload/contract.js'
import type { Frame, WindowEvent } from '../../../preload/frame.js'
import type { ComponentId, HostId } from '../../../preload/records.js'
import { applyFrame, emptyTree, type ContentTree } from './content-tree.js'

/** Why the content is not what it should be; `ours` are words of the dictionary, `theirs` come over the bridge. */
export type ContentTrouble =
  | { readonly kind: 'ours'; readonly word: 'brokenContent' | 'timedOut' | 'tooMany' }
  | { readonly kind: 'theirs'; readonly message: string }

export interface ContentView {
  /** `opening`: nothing was ever got; `failed`: the last answer was trouble, the tree is what was there before. */
  readonly phase: 'opening' | 'ready' | 'failed'
  readonly tree: ContentTree
  readonly trouble: ContentTrouble | undefined
}

export interface ContentSession {
  view(): ContentView
  onView(listener: () => void): () => void
  send(event: WindowEvent): void
  /** Is something the person typed at this node not answered yet? */
  hasPending(target: number): boolean
  /** The `activity` of the component record; when it grows somebody used the actor, perhaps changing what is shown. */
  noteActivity(activity: number): void
  /** Ticks come only while the content is on the screen. */
  setSeen(isSeen: boolean): void
  reopen(): void
  close(): void
}

const answerLimitMs = 30_000
const queueLimit = 64
const reopenMs = 250
const slowestReopenMs = 4_000
const fastestTickMs = 50

type Job = { readonly kind: 'open' } | { readonly kind: 'send'; readonly event: WindowEvent }

export function openContentSession(
  shell: Shell,
  of: { readonly componentId: ComponentId; readonly hostId: HostId },
  kept: ContentTree | undefined,
): ContentSession {
  const listeners = new Set<() => void>()
  const queue: Job[] = [{ kind: 'open' }]
  let view: ContentView = {
    phase: kept === undefined ? 'opening' : 'ready',
    tree: kept ?? emptyTree,
    trouble: undefined,
  }
  let running: Job | undefined
  let isClosed = false
  let isSeen = false
  let hasOpened = false
  let lastActivity: number | undefined
  let isStaleUnseen = false
  let waitMs = reopenMs
  let reopenTimer: ReturnType<typeof setTimeout> | undefined
  let tickTimer: ReturnType<typeof setTimeout> | undefined
  let tickMs: number | undefined
  /** When the last answer came: a wait that began before the content was out of sight goes on from there. */
  let answeredAtMs = 0

  const show = (next: ContentView): void => {
    if (next.phase === view.phase && next.tree === view.tree && next.trouble === view.trouble) return
    view = next
    for (const listener of [...listeners]) listener()
  }
  const fail = (trouble: ContentTrouble): void => show({ phase: 'failed', tree: view.tree, trouble })

  function take(frame: Frame, job: Job): void {
    const isNews = !frame.whole || !hasOpened || frame.revision !== view.tree.revision
    // An actor used by somebody else without a change of its window is asked less and less often.
    if (job.kind === 'open' && hasOpened) waitMs = isNews ? reopenMs : Math.min(waitMs * 2, slowestReopenMs)
    tickMs = frame.tickMs
    if (!isNews) return show({ phase: 'ready', tree: view.tree, trouble: undefined })
    const applied = applyFrame(view.tree, frame)
    if (applied.kind === 'gap') return void queue.unshift({ kind: 'open' })
    if (applied.kind === 'broken') return fail({ kind: 'ours', word: 'brokenContent' })
    if (job.kind === 'open') hasOpened = true
    show({ phase: 'ready', tree: applied.tree, trouble: undefined })
  }

  async function pump(): Promise<void> {
    if (running !== undefined || isClosed) return
    const job = queue.shift()
    if (job === undefined) return planTick()
    running = job
    const outcome = await withLimit(
      job.kind === 'open'
        ? shell.call('window.open', of.componentId, of.hostId)
        : shell.call('window.send', of.componentId, of.hostId, job.event),
    )
    running = undefined
    answeredAtMs = performance.now()
    if (isClosed) return
    if (outcome === undefined) fail({ kind: 'ours', word: 'timedOut' })
    else if (outcome.ok) take(outcome.value, job)
    else if (job.kind === 'open' || job.event.action.tag !== 'tick') {
      fail({ kind: 'theirs', message: outcome.failure.message })
    }
    await pump()
  }

  function planTick(): void {
    if (tickTimer !== undefined || tickMs === undefined || !isSeen || isClosed || view.phase !== 'ready') return
    tickTimer = setTimeout(
      () => {
        tickTimer = undefined
        if (!isSeen || queue.length > 0 || running !== undefined) return
        queue.push({ kind: 'send', event: { target: 0, action: { tag: 'tick' } } })
        void pump()
      },
      Math.max(fastestTickMs, answeredAtMs + tickMs - performance.now()),
    )
  }

  function reopen(): void {
    if (isClosed || queue.some((job) => job.kind === 'open')) return
    queue.push({ kind: 'open' })
    void pump()
  }

  void pump()
  return {
    view: () => view,
    onView(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    send(event) {
      const last = queue.at(-1)
      // Of a burst of typing, sliding or moving only the last state matters.
      if (last?.kind === 'send' && last.event.target === event.target && replaces(event, last.event)) queue.pop()
      if (queue.length >= queueLimit) return fail({ kind: 'ours', word: 'tooMany' })
      queue.push({ kind: 'send', event })
      void pump()
    },
    hasPending: (target) =>
      (running?.kind === 'send' && running.event.target === target && running.event.action.tag === 'text') ||
      queue.some((job) => job.kind === 'send' && job.event.target === target && job.event.action.tag === 'text'),
    noteActivity(activity) {
      const isFirst = lastActivity === undefined
      if (activity === lastActivity) return
      lastActivity = activity
      if (isFirst || reopenTimer !== undefined) return
      if (!isSeen) {
        isStaleUnseen = true
        return
      }
      reopenTimer = setTimeout(() => {
        reopenTimer = undefined
        reopen()
      }, waitMs)
    },
    setSeen(next) {
      if (next === isSeen) return
      isSeen = next
      if (!isSeen) {
        clearTimeout(tickTimer)
        tickTimer = undefined
        return
      }
      if (isStaleUnseen) {
        isStaleUnseen = false
        reopen()
      } else if (queue.length === 0 && running === undefined) planTick()
    },
    reopen,
    close() {
      isClosed = true
      clearTimeout(reopenTimer)
      clearTimeout(tickTimer)
      listeners.clear()
      queue.length = 0
    },
  }
}

function replaces(next: WindowEvent, last: WindowEvent): boolean {
  const { action } = next
  if (action.tag !== last.action.tag) return false
  if (action.tag === 'pointer') return last.action.tag === 'pointer' && action.val.down === last.action.val.down
  return action.tag === 'text' || action.tag === 'number'
}

async function withLimit<T>(answer: Promise<Outcome<T>>): Promise<Outcome<T> | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), answerLimitMs)
  })
  try {
    return await Promise.race([answer, limit])
  } finally {
    clearTimeout(timer)
  }
}
