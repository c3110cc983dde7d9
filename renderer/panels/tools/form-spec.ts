// What a form of the lattice's tools is, and the one way in which each of them asks the bridge.

import type { CallArgs, CallName, CallResult, Outcome, Shell } from '../../../preload/contract.js'
import type { ComponentId, Failure, LatticeState } from '../../../preload/records.js'
import type { Words } from '../i18n/en.js'
import type { Field, Values } from './fields.js'

export interface FormSpec {
  readonly title: string
  readonly note?: string | undefined
  readonly submit: string
  readonly fields: readonly Field[]
  /** Texts that have to be asked for before the form can be shown. */
  readonly load?: ((shell: Shell) => Promise<Outcome<Readonly<Record<string, string>>>>) | undefined
  /** A failure in the words of the language; undefined: as it came. */
  trouble?(failure: Failure, values: Values): string | undefined
  /** Does it; resolves to the words of the success. */
  run(shell: Shell, values: Values): Promise<Outcome<Done>>
}

/** `text` is more than a line of a notice holds, such as an answer. */
export interface Done {
  readonly title: string
  readonly text?: string | undefined
}

export interface FormSources {
  readonly lattice: Pick<LatticeState, 'hosts' | 'components' | 'providers'>
  readonly words: Words
}

/** Fields are judged by the same rules as the bridge's schemas, which check again. */
export const asId = (id: string): ComponentId => id as ComponentId

/** Makes the call; a success becomes the words for it. */
export async function ask<N extends CallName>(
  shell: Shell,
  done: (value: CallResult<N>) => Done,
  name: N,
  ...args: CallArgs<N>
): Promise<Outcome<Done>> {
  const outcome = await shell.call(name, ...args)
  return outcome.ok ? { ok: true, value: done(outcome.value) } : outcome
}
