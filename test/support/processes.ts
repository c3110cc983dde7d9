// Looks at the processes of this machine (Linux `/proc`), so that tests can find and kill the real ones of one shell.

import { readdir, readFile } from 'node:fs/promises'

export interface FoundProcess {
  readonly pid: number
  /** Arguments joined by blanks. */
  readonly command: string
}

/** Live processes whose command line names this folder and contains this text. */
export async function processesUnder(folder: string, text: string): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid): Promise<FoundProcess | undefined> => {
      const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      const command = raw.split('\0').join(' ').trim()
      return command === '' ? undefined : { pid, command }
    }),
  )
  return found.filter(
    (p): p is FoundProcess => p !== undefined && p.command.includes(folder) && p.command.includes(text),
  )
}
