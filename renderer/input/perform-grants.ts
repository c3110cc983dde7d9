// Giving a component of this desktop something of this machine, and taking it away: one call over the bridge, a word on the
// window while its actor is started again, and a notice that can undo it.

import type { GrantPart } from '../../preload/grants.js'
import type { OnHostKey } from '../../preload/records.js'
import type { Ground } from './ground.js'
import { partsOf } from './keys.js'
import { words } from './words.js'

export interface Granting {
  give(key: OnHostKey, part: GrantPart): Promise<void>
  take(key: OnHostKey, part: GrantPart): Promise<void>
}

/** What a notice calls it. */
function nameOf(part: GrantPart): string {
  switch (part.kind) {
    case 'directory':
      return part.host
    case 'host':
      return `${part.host}:${part.port}`
    case 'serve':
      return `http://127.0.0.1:${part.port}/`
    case 'listen':
      return `127.0.0.1:${part.port}`
    case 'variable':
      return part.name
    case 'arguments':
      return part.list.join(' ')
    case 'stdin':
      return part.text.slice(0, 40)
  }
}

export function createGranting({ stores, shell, notices, now }: Ground): Granting {
  const { interaction, workspace } = stores
  let count = 0

  const change = async (kind: 'give' | 'take', key: OnHostKey, part: GrantPart): Promise<void> => {
    const say = words[workspace.getState().locale]
    const { id, hostId } = partsOf(key)
    interaction.setState({ busy: { ...interaction.getState().busy, [id]: say.restarting } })
    const before = await shell.call('grant.list', id, hostId)
    const outcome = await shell.call(`grant.${kind}`, id, hostId, part)
    const { busy, grantTurn } = interaction.getState()
    const { [id]: _over, ...rest } = busy
    interaction.setState({ busy: rest, grantTurn: grantTurn + 1 })
    if (!outcome.ok) {
      notices.trouble(kind === 'give' ? say.notGranted(id) : say.notTaken(id), outcome.failure)
      return
    }
    // What took the place of another, or of what was granted to other bytes, is not undone by one deed.
    const isUndoable = before.ok && before.value.keptFor !== 'others' && sizeOf(before) !== sizeOf(outcome)
    count += 1
    notices.raise({
      id: `grant-${now()}-${count}`,
      atMs: now(),
      tone: kind === 'give' ? 'good' : 'plain',
      title: `${id} ${kind === 'give' ? 'may use' : 'may no longer use'} ${nameOf(part)}`,
      text: 'It was started again.',
      said: { code: kind === 'give' ? 'granted' : 'taken', args: { actor: id, what: nameOf(part) } },
      about: id,
      grant: { hostId, part },
      ...(isUndoable
        ? { offer: { label: say.undo, kind: kind === 'give' ? 'take-again' : 'give-again', about: id } as const }
        : {}),
    })
  }

  return {
    give: (key, part) => change('give', key, part),
    take: (key, part) => change('take', key, part),
  }
}

const sizeOf = (outcome: { readonly value: { readonly kept: readonly unknown[] } }): number => outcome.value.kept.length
