// Pool processes that run in Electron's Node, as the runtime of a shell has them but without a window.

import { fork } from 'node:child_process'
import type { SpawnPool } from '../../main/wasm/runtime.js'

/** `file` is the program of Electron. */
export const poolOfElectron =
  (file: string): SpawnPool =>
  (entry, args, listeners) => {
    const child = fork(entry, [...args], {
      execPath: file,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child.stderr?.on('data', (chunk: Buffer) => listeners.onOutput(chunk.toString('utf8')))
    child.on('message', listeners.onMessage)
    child.on('exit', () => listeners.onExit('it ended'))
    return {
      pid: child.pid,
      post: (message) => void child.send(message),
      kill: () => void child.kill('SIGKILL'),
    }
  }
