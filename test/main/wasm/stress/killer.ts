// Pool processes that can be ended from outside, one at a time, as a crash would.

import type { PoolProcess, SpawnPool } from '../../../../main/wasm/pool-process.js'

export interface Killer {
  readonly spawn: SpawnPool
  /** Processes that have not ended. */
  readonly running: number
  /** The oldest; false: there is none. */
  readonly killOne: () => boolean
}

export function createKiller(spawn: SpawnPool): Killer {
  const running = new Set<PoolProcess>()
  return {
    spawn(entry, args, listeners) {
      const child = spawn(entry, args, {
        ...listeners,
        onExit(reason) {
          running.delete(child)
          listeners.onExit(reason)
        },
      })
      running.add(child)
      return child
    },
    get running() {
      return running.size
    },
    killOne() {
      const [oldest] = running
      oldest?.kill()
      return oldest !== undefined
    },
  }
}
