// `capture replay FILE`: what is in a capture, in the order of its time, as text for a terminal. Reads a file and nothing else: no
// lattice is asked, and nothing of it is said again on one.

import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { formatChain } from './failure.js'
import { readCapture, type ReadCapture } from './lattice/capture-read.js'
import type { Inventory } from './lattice/protocol/inventory.js'

const mostFileBytes = 256 * 1024 * 1024
/** Of one message. */
const mostShown = 300

export const captureUsage = `Usage: npm run node -- capture replay FILE

Lists what is in a capture (.washcapture) of a lattice: hosts, and messages to providers in the order of their time.`

export interface Said {
  readonly text: string
  /** Of the process. */
  readonly code: number
}

/** `args`: what follows `capture`. Never rejects. */
export async function replayCapture(args: readonly string[], cwd: string): Promise<Said> {
  const [command, file, ...more] = args
  if (command === '--help') return { text: captureUsage, code: 0 }
  if (command !== 'replay' || file === undefined || more.length > 0) return { text: captureUsage, code: 2 }
  try {
    const full = path.resolve(cwd, file)
    const { size } = await stat(full)
    if (size > mostFileBytes) return { text: `${file} has ${size} bytes; the most is ${mostFileBytes}`, code: 1 }
    return { text: formatCapture(file, await readCapture(await readFile(full))), code: 0 }
  } catch (error) {
    return { text: `${file}: ${formatChain(error)}`, code: 1 }
  }
}

export function formatCapture(file: string, { inventories, messages }: ReadCapture): string {
  const first = messages[0]?.atMs ?? 0
  const span = [first, messages.at(-1)?.atMs ?? 0].map((atMs) => new Date(atMs).toISOString()).join(' to ')
  return [
    `CAPTURE ${plain(file)}: what was recorded, not what is now`,
    `${count(inventories.length, 'host')}, ${count(messages.length, 'message')}${messages.length === 0 ? '' : `, ${span}`}`,
    '',
    ...inventories.flatMap(formatHost),
    ...(messages.length === 0 ? [] : ['']),
    ...messages.map(({ subject, data, atMs }) => `+${seconds(atMs - first)}  ${plain(subject)}  ${formatData(data)}`),
  ].join('\n')
}

function formatHost(host: Inventory): string[] {
  const up = host.uptimeSeconds === undefined ? '' : `, up ${host.uptimeSeconds} s`
  return [
    `host ${plain(host.friendlyName)}  ${plain(host.hostId)}  ${plain(host.version)}${up}`,
    ...host.components.map((c) => `  component ${plain(c.id)}  ${plain(c.imageRef)}  at most ${c.maxInstances}`),
    ...host.providers.map((p) => `  provider ${plain(p.id)}  ${plain(p.imageRef ?? '')}`),
  ]
}

function formatData(data: Uint8Array): string {
  if (data.length === 0) return 'empty'
  try {
    const text = plain(new TextDecoder('utf-8', { fatal: true }).decode(data))
    return text.length > mostShown ? `${text.slice(0, mostShown)}… (${data.length} bytes)` : text
  } catch {
    // No text.
    return count(data.length, 'byte')
  }
}

/** What a terminal would take as a command is written out: a capture comes from anywhere. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (at) => `\\u${(at.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3).padStart(9) + ' s'
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
