// Notices and toasts: everything that went well or wrong and has to be said goes through here, whoever found it. Writes
// the interaction store only.

import type { Failure, Notice } from '../../preload/records.js'
import type { InteractionStore } from '../state/interaction.js'

/** Notices that are kept; older ones are forgotten first. */
const most = 200

export interface Notices {
  /** Into the list, and onto the screen as a toast. A second notice of the same id takes the place of the first. */
  raise(notice: Notice): void
  /** What was said before this shell was started: into the list only. */
  fill(notices: readonly Notice[]): void
  /** Trouble as a notice: what was wanted, in words, and why it is not so. */
  trouble(title: string, failure: Failure, offer?: Notice['offer']): void
  /** Trouble that the shell's page found itself and says in the person's language. */
  refuse(title: string, text: string, about: string): void
  /** A toast goes from the screen; a notice without a toast goes from the list. */
  dismiss(id: string): void
  find(id: string): Notice | undefined
}

export function createNotices(interaction: InteractionStore, now: () => number): Notices {
  let count = 0
  const list = (): readonly Notice[] => interaction.getState().notices
  const raise = (notice: Notice): void => {
    const { toasts } = interaction.getState()
    interaction.setState({
      notices: [...list().filter(({ id }) => id !== notice.id), notice].slice(-most),
      toasts: [...toasts.filter((id) => id !== notice.id), notice.id],
    })
  }
  return {
    raise,
    fill(notices) {
      const known = new Set(list().map(({ id }) => id))
      const fresh = notices.filter(({ id }) => !known.has(id))
      interaction.setState({ notices: [...fresh, ...list()].slice(-most) })
    },
    trouble(title, failure, offer) {
      count += 1
      raise({
        id: `shell-${now()}-${count}`,
        atMs: now(),
        tone: 'bad',
        title,
        text: failure.message,
        // Main speaks English; what kind of failure it is can be said in any language.
        said: { code: 'failure', args: { title, kind: failure.code, detail: failure.message } },
        ...(failure.about === undefined ? {} : { about: failure.about }),
        ...(offer === undefined ? {} : { offer }),
      })
    },
    refuse(title, text, about) {
      count += 1
      raise({ id: `shell-${now()}-${count}`, atMs: now(), tone: 'bad', title, text, about })
    },
    dismiss(id) {
      const { toasts } = interaction.getState()
      if (toasts.includes(id)) interaction.setState({ toasts: toasts.filter((each) => each !== id) })
      else interaction.setState({ notices: list().filter((notice) => notice.id !== id) })
    },
    find: (id) => list().find((notice) => notice.id === id),
  }
}
