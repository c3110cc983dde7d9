// A display: the person's own, or, where there is none, a virtual one (Xvfb) on a free number, with a cookie of its own so
// that no other user of the machine can look in. It ends when the process that asked for it ends, also when that is killed.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Stop } from '../say.mjs'
import { findProgram } from './programs.mjs'

/** Larger than the windows of the shell and of the tests. */
const screen = '1680x1050x24'
const startMs = 15_000

export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
}

/** One entry of an Xauthority file that fits any display and any host name (family "wild"). */
function authority(cookie) {
  const field = (bytes) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
  const name = Buffer.from('MIT-MAGIC-COOKIE-1')
  return Buffer.concat([
    Buffer.from([255, 255]),
    field(Buffer.alloc(0)),
    field(Buffer.alloc(0)),
    field(name),
    field(cookie),
  ])
}

function displayNumber(child) {
  return new Promise((resolve, reject) => {
    let said = ''
    let number = ''
    const timer = setTimeout(
      () => reject(new Stop(`Xvfb did not start within ${startMs / 1000} s: ${said.trim()}`)),
      startMs,
    )
    const fail = (error) => {
      clearTimeout(timer)
      reject(error)
    }
    child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-2000)))
    child.stdio[3].on('data', (chunk) => {
      number += chunk
      if (!number.includes('\n')) return
      clearTimeout(timer)
      resolve(number.trim())
    })
    child.on('error', fail)
    child.on('exit', (code, signal) => fail(new Stop(`Xvfb ended with ${signal ?? code}: ${said.trim()}`)))
  })
}

/** Starts Xvfb: `{ env: { DISPLAY, XAUTHORITY }, stop }`. `stop` may be called twice. */
export async function startDisplay(xvfb) {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'tlos-display-'))
  const file = path.join(folder, 'authority')
  await fs.writeFile(file, authority(randomBytes(16)), { mode: 0o600 })
  const args = ['-displayfd', '3', '-screen', '0', screen, '-dpi', '96', '-nolisten', 'tcp', '-noreset', '-auth', file]
  // setpriv (util-linux) asks the kernel to end Xvfb when this process is gone, even by SIGKILL.
  const setpriv = await findProgram('setpriv', ['/usr/bin'])
  const [command, ...first] = setpriv === undefined ? [xvfb] : [setpriv, '--pdeathsig', 'TERM', '--', xvfb]
  // A session of its own: Ctrl+C in the terminal must reach the shell, not the display under it.
  const child = spawn(command, [...first, ...args], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const end = () => {
    child.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', end)
  const stop = async () => {
    process.removeListener('exit', end)
    end()
    const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
    if (child.exitCode === null && child.signalCode === null) await exited
    clearTimeout(timer)
  }
  let number
  try {
    number = await displayNumber(child)
  } catch (error) {
    await stop()
    throw error
  }
  child.unref()
  child.stderr.unref?.()
  child.stdio[3].unref?.()
  return { env: { DISPLAY: `:${number}`, XAUTHORITY: file }, stop }
}
