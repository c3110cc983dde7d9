// The pool processes: which one a new instance goes to, how many there are, and what is learnt from those that died.
// Instances are spread so that a process that dies takes few with it; what died with processes before gets one to itself;
// a pool that keeps dying is started again more and more slowly; one that stands empty is ended.

import { TlosError } from '../failure.js'
import { PoolMember } from './pool-member.js'
import type { SpawnPool } from './pool-process.js'

export interface PoolMembersParts {
  readonly spawn: SpawnPool
  readonly entry: string
  readonly workerEntry: string
  /** Processes to spread over before one gets more than `fewInstances`; default 4. */
  readonly spread?: number | undefined
  /** An empty process is ended after this, the last one excepted, ms; default a minute. */
  readonly emptyMs?: number | undefined
}

export interface PoolMembers {
  /**
   * Runs `start` with a process that has room for an instance of this component, in the same turn in which it was found: it
   * must put the instance into it. May wait after many deaths.
   */
  place<T>(digest: string, memories: number, start: (member: PoolMember) => Promise<T>): Promise<T>
  list(): readonly PoolMember[]
  close(): void
}

/** Electron stalls at 250 Wasm memories in a process, and one of QuickJS has three; and a process that dies takes all. */
const maxInstances = 16
const maxMemories = 150
const fewInstances = 4
const defaultSpread = 4
const defaultEmptyMs = 60_000
/** Deaths are remembered for so long. */
const rememberMs = 60_000
/** A component that was in so many processes that died within that time is not put beside others. */
const suspectDeaths = 2
/** From the third death on a new process waits: so long, twice as long after each other, at most 10 s. */
const freeDeaths = 2
const firstDelayMs = 250
const maxDelayMs = 10_000

export function openPoolMembers(parts: PoolMembersParts): PoolMembers {
  const members = new Set<PoolMember>()
  /** Of processes that were not ended by us, with the components in them. */
  let deaths: { readonly atMs: number; readonly digests: ReadonlySet<string> }[] = []
  const emptySince = new Map<PoolMember, number>()
  let waiting: Promise<void> | undefined
  let isClosed = false

  const recentDeaths = (): typeof deaths => {
    const since = performance.now() - rememberMs
    deaths = deaths.filter(({ atMs }) => atMs > since)
    return deaths
  }
  const isSuspect = (digest: string): boolean =>
    recentDeaths().filter(({ digests }) => digests.has(digest)).length >= suspectDeaths

  const hasRoom = (member: PoolMember, memories: number): boolean =>
    !member.isOver && member.instanceCount < maxInstances && member.memoryCount + memories <= maxMemories

  function find(digest: string, memories: number): PoolMember | undefined {
    const isAlone = isSuspect(digest)
    const fit = [...members].filter((member) => {
      if (!hasRoom(member, memories)) return false
      const others = [...member.digests()]
      return isAlone ? others.every((other) => other === digest) : !others.some(isSuspect)
    })
    // After a crowd there are more processes than the rest needs: the emptiest get no new instances, until they can be ended.
    const total = [...members].reduce((sum, { instanceCount }) => sum + instanceCount, 0)
    const needed = Math.max(parts.spread ?? defaultSpread, Math.ceil((total + 1) / maxInstances))
    const kept = fit.sort((a, b) => b.instanceCount - a.instanceCount).slice(0, needed)
    const [least] = kept.sort((a, b) => a.instanceCount - b.instanceCount)
    const isSpread = members.size >= (parts.spread ?? defaultSpread)
    return least === undefined || isSpread || least.instanceCount < fewInstances ? least : undefined
  }

  function spawn(): PoolMember {
    const member: PoolMember = new PoolMember(parts.spawn, parts.entry, parts.workerEntry, (digests) => {
      members.delete(member)
      emptySince.delete(member)
      if (!isClosed && !member.wasClosed) deaths.push({ atMs: performance.now(), digests })
    })
    members.add(member)
    return member
  }

  const delayMs = (): number => {
    const over = recentDeaths().length - freeDeaths
    return over <= 0 ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (over - 1))
  }

  /** Ends processes that stand empty. */
  const sweep = setInterval(
    () => {
      const now = performance.now()
      for (const member of members) {
        if (member.instanceCount > 0) emptySince.delete(member)
        else if (!emptySince.has(member)) emptySince.set(member, now)
        else if (members.size > 1 && now - (emptySince.get(member) ?? now) >= (parts.emptyMs ?? defaultEmptyMs)) {
          member.close()
        }
      }
    },
    Math.min(5_000, parts.emptyMs ?? defaultEmptyMs),
  )
  sweep.unref()

  return {
    async place(digest, memories, start) {
      for (;;) {
        if (isClosed) throw new TlosError('unavailable', 'the component runtime was closed')
        const found = find(digest, memories)
        if (found !== undefined) return await start(found)
        const delay = delayMs()
        if (delay === 0) return await start(spawn())
        // All wait together: one new process, not one for each of them.
        waiting ??= new Promise<void>((resolve) => setTimeout(resolve, delay)).finally(() => {
          waiting = undefined
          if (!isClosed) spawn()
        })
        await waiting
      }
    },
    list: () => [...members],
    close() {
      isClosed = true
      clearInterval(sweep)
      for (const member of [...members]) member.close()
    },
  }
}
