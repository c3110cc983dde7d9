// What a component was refused or could not have, in one sentence. Pure.

import type { Lack } from '../../../preload/grants.js'
import type { Words } from '../i18n/en.js'
import { formatLack } from './grant-text.js'

export function lackSentence(lack: Lack, say: Words['grants']['refused']): string {
  if (lack.kind === 'directory') return say.directory
  if (lack.kind === 'listen') return lack.isTaken === true ? say.taken(lack.port) : say.listen(lack.port)
  const what = formatLack(lack)
  if (what === undefined) return say.anyHost
  return lack.address === undefined ? say.host(what) : say.leads(what, lack.address)
}

/** The one to be said first: what it named is more than that it wanted something at all. */
export function foremostLack(lacks: readonly Lack[], hasFailed: boolean): Lack | undefined {
  const hosts = lacks.filter((lack) => lack.kind !== 'directory')
  const named = hosts.filter((lack) => lack.kind === 'listen' || (lack.host !== undefined && lack.port !== undefined))
  // Many look for folders as they begin and need none: only of one that failed it is news.
  return named.at(-1) ?? hosts.at(-1) ?? (hasFailed ? lacks.at(-1) : undefined)
}
