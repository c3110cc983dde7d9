// What a provider process writes, as lines of the node's log: cut to a length and to a number in a time, so that one that
// floods costs little and never waits for us. Whatever it says is text; nothing in it is obeyed.

import type { Readable } from 'node:stream'

const longestLine = 1_000
const mostLines = 100
const inMs = 10_000

export interface OutputParts {
  readonly write: (line: string) => void
  readonly nowMs: () => number
}

/** Reads to the end of the stream, always. */
export function logLines(stream: Readable, { write, nowMs }: OutputParts): void {
  let rest = ''
  let sinceMs = nowMs()
  let count = 0
  let left = 0

  const tell = (line: string): void => {
    const now = nowMs()
    if (now - sinceMs >= inMs) {
      if (left > 0) write(`(${left} more lines within ${inMs / 1000} s were left out)`)
      sinceMs = now
      count = 0
      left = 0
    }
    count += 1
    if (count > mostLines) left += 1
    // Control characters could rewrite the terminal that shows the log.
    else if (line.trim() !== '') write(line.slice(0, longestLine).replace(/\p{Cc}/gu, ' '))
  }

  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) tell(line)
    if (rest.length > longestLine) {
      tell(rest)
      rest = ''
    }
  })
  stream.on('end', () => {
    if (rest !== '') tell(rest)
    if (left > 0) write(`(${left} more lines were left out)`)
  })
  stream.on('error', () => stream.destroy())
}
