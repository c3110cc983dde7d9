// From a file that a person dropped or chose to the intent that installs it; what is no component is said before it is
// read.

import type { Notice } from '../../../preload/records.js'
import type { Perform } from '../../input/intents.js'
import type { Tongue } from '../hooks.js'
import { judgeFile, judgeHead, sizeLimitBytes } from './wasm-file.js'

/** Installs the file and starts it on a host (`undefined`: this desktop). */
export async function installFile(
  file: File,
  startOn: string | undefined,
  { words, format }: Tongue,
  perform: Perform,
): Promise<void> {
  const refuse = (title: string, text: string): void => {
    const atMs = Date.now()
    const notice: Notice = { id: `file-${atMs}-${file.name}`, atMs, tone: 'bad', title, text, about: file.name }
    perform({ kind: 'notice.raise', notice })
  }
  const { drop } = words
  try {
    switch (judgeFile(file.name, file.size)) {
      case 'not-wasm':
        return refuse(drop.notWasm(file.name), drop.notWasmText)
      case 'empty':
        return refuse(drop.notComponent(file.name), drop.empty)
      case 'too-large':
        return refuse(
          drop.tooLarge(file.name),
          drop.tooLargeText(format.bytes(file.size), format.bytes(sizeLimitBytes)),
        )
      case 'fine':
        break
    }
    const head = new Uint8Array(await file.slice(0, 8).arrayBuffer())
    if (judgeHead(head) !== 'fine') return refuse(drop.notComponent(file.name), drop.notComponentText)
    const bytes = new Uint8Array(await file.arrayBuffer())
    perform({ kind: 'actor.install', fileName: file.name, bytes, startOn })
  } catch {
    // Reading fails when the file went away or is not ours to read; the browser does not tell which.
    refuse(drop.unreadable(file.name), drop.unreadableText)
  }
}
