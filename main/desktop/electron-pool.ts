// Pool processes of the component runtime as Electron utility processes: sandboxed by the system where it can be, listed
// as ours, ended with us. The same shape as `forkPool` of the runtime, which declares it (`main/wasm/pool-process.ts`).

import { utilityProcess } from 'electron'

interface Listeners {
  readonly onMessage: (message: unknown) => void
  readonly onExit: (reason: string) => void
  readonly onOutput: (text: string) => void
}

interface PoolProcess {
  readonly pid: number | undefined
  post(message: unknown): void
  kill(): void
}

/** A `SpawnPool`: starts `entry` with `args`. */
export function spawnUtilityPool(entry: string, args: readonly string[], listeners: Listeners): PoolProcess {
  const child = utilityProcess.fork(entry, [...args], {
    serviceName: 'tLOS components',
    stdio: ['ignore', 'ignore', 'pipe'],
    execArgv: [],
  })
  let isOver = false
  let isKilled = false
  const kill = (): void => {
    isKilled = true
    // Its own `kill` asks politely; a guest that spins must not decide.
    if (child.pid !== undefined) {
      try {
        process.kill(child.pid, 'SIGKILL')
      } catch {
        child.kill()
      }
    }
  }
  child.once('spawn', () => isKilled && kill())
  child.stderr?.on('data', (chunk: Buffer) => listeners.onOutput(chunk.toString('utf8')))
  child.on('message', (message: unknown) => listeners.onMessage(message))
  child.once('exit', (code) => {
    isOver = true
    listeners.onExit(isKilled ? 'the pool process was ended' : `the pool process ended (exit code ${code})`)
  })
  return {
    get pid() {
      return child.pid
    },
    post(message) {
      if (!isOver) child.postMessage(message)
    },
    kill() {
      if (!isOver) kill()
    },
  }
}
