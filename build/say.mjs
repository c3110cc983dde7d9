// What the scripts say, one line at a time, on stderr: stdout belongs to the program that a script runs.

/** Prints one line, with who says it. */
export function say(who, text) {
  for (const line of String(text).split('\n')) process.stderr.write(`${who}: ${line}\n`)
}

/** An outcome that a person can act on: printed without a stack, the script then exits with this code. */
export class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.name = 'Stop'
    this.exitCode = exitCode
  }
}

/** Runs a script's main function and turns what it throws into a line and an exit code. */
export async function main(who, run) {
  try {
    process.exitCode = (await run()) ?? 0
  } catch (error) {
    if (error instanceof Stop) {
      say(who, error.message)
      process.exitCode = error.exitCode
      return
    }
    say(who, error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exitCode = 70
  }
}
