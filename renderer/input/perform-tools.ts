// Deeds of the lattice's tools that need no form: calling the roll, stopping a provider, taking a label off a host, cutting
// all cables. Each is a call over the bridge; what came of it is said in a notice.

import type { Notice } from '../../preload/records.js'
import type { Ground } from './ground.js'
import type { Intent } from './intents.js'
import { asHostId, partsOf } from './keys.js'
import { words } from './words.js'

type ToolIntent = Extract<
  Intent,
  { readonly kind: 'lattice.refresh' | 'provider.stop' | 'label.delete' | 'links.delete' }
>

export function createToolDeeds({ stores: { lattice, workspace }, shell, notices, now }: Ground) {
  const say = () => words[workspace.getState().locale]
  const nameOf = (hostId: string): string => lattice.getState().hosts[hostId]?.friendlyName ?? hostId

  const refresh = async (): Promise<void> => {
    const outcome = await shell.call('lattice.refresh')
    if (!outcome.ok) return notices.trouble(say().notRefreshed, outcome.failure)
    const { answered, silent } = outcome.value
    const names = (ids: readonly string[]): string => ids.map(nameOf).sort().join(', ')
    const isWhole = silent.length === 0
    const notice: Notice = {
      id: `roll ${now()}`,
      atMs: now(),
      tone: isWhole ? 'good' : 'warn',
      title: isWhole ? say().rollAll : say().rollSome,
      text: [
        answered.length === 0 ? '' : `${say().answered(names(answered))}.`,
        isWhole ? '' : say().notAnswered(names(silent)),
      ]
        .filter((part) => part !== '')
        .join(' '),
    }
    notices.raise(notice)
  }

  const cutAll = async (sourceId: string | undefined): Promise<void> => {
    const outcome = await shell.call('link.delete-all', sourceId ?? null)
    if (!outcome.ok) return notices.trouble(say().linksNotCut, outcome.failure)
    const { cut, left, failure } = outcome.value
    if (failure !== undefined) return notices.trouble(say().someLinksCut(cut, left), failure)
    notices.raise({
      id: `cut all ${now()}`,
      atMs: now(),
      tone: 'good',
      title: sourceId === undefined ? say().allLinksCut : say().itsLinksCut(sourceId),
      text: say().linksCut(cut),
    })
  }

  return (intent: ToolIntent): void => {
    switch (intent.kind) {
      case 'lattice.refresh':
        void refresh()
        return
      case 'links.delete':
        void cutAll(intent.sourceId)
        return
      case 'provider.stop': {
        const { hostId, id } = partsOf(intent.key)
        void shell.call('provider.stop', id, hostId).then((outcome) => {
          if (!outcome.ok) notices.trouble(say().providerNotStopped(id, nameOf(hostId)), outcome.failure)
        })
        return
      }
      case 'label.delete': {
        const { id, label } = intent
        void shell.call('label.delete', asHostId(id), label).then((outcome) => {
          if (!outcome.ok) notices.trouble(say().labelNotRemoved(label, nameOf(id)), outcome.failure)
        })
        return
      }
    }
  }
}
