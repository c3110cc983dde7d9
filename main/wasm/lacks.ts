// What an instance asked for and was not granted, each once and not without end: a guest can ask for anything it can spell.
// Said to a person, who may want to grant it; it changes nothing about what the guest is answered.

import type { Lack } from '../../preload/grants.js'

/** Hears of a refusal. Names come from the guest and may be anything. */
export type Lacked = (lack: Lack) => void

const most = 16
const longestName = 253

/** Hands on what it has not handed on before. */
export function createLackList(tell: Lacked): { readonly add: Lacked } {
  const told = new Set<string>()
  return {
    add(lack) {
      const isOdd = lack.kind === 'host' && (lack.host?.length ?? 0) > longestName
      const key = JSON.stringify(lack)
      if (isOdd || told.size >= most || told.has(key)) return
      told.add(key)
      tell(lack)
    },
  }
}
