// Runs one program to its end on a person's behalf: its stdin and stdout are theirs, the first SIGINT, SIGTERM or SIGHUP
// is passed on once (the terminal and npm both send it), a later one ends it by force, and its exit code is ours.

import { spawn } from 'node:child_process'
import os from 'node:os'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** The same signal arrives twice within this time when both the terminal and npm pass it on. */
const echoMs = 1_000

/**
 * Resolves to the exit code. The program gets a process group of its own, so that a signal reaches it through us alone;
 * `onForce` is called when a second signal ends it by force.
 */
export async function runChild(command, args, { onForce = () => undefined, ...options } = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options, detached: process.platform !== 'win32' })
  let firstAt
  const pass = (signal) => {
    const now = performance.now()
    if (firstAt === undefined) {
      firstAt = now
      child.kill(signal)
    } else if (now - firstAt > echoMs) {
      onForce()
      endGroup()
    }
  }
  const endGroup = () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      child.kill('SIGKILL') // No group of its own on this platform.
    }
  }
  for (const signal of signals) process.on(signal, pass)
  process.once('exit', endGroup)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(code ?? 128 + (os.constants.signals[signal] ?? 0)))
    })
  } finally {
    process.removeListener('exit', endGroup)
    for (const signal of signals) process.removeListener(signal, pass)
  }
}
