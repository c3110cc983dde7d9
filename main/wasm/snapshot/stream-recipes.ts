// Recipes for the three standard streams: there is one of each in an instance, and one of each in any other. Knows the
// shape of the shim's cli package.

import type { Recipes } from './recipes.js'

type OutputStream = object & { checkWrite?(): unknown }

export interface StandardStreams {
  readonly stdin: { getStdin(): object }
  readonly stdout: { getStdout(): OutputStream }
  readonly stderr: { getStderr(): OutputStream }
}

export function addStreamRecipes({ stdin, stdout, stderr }: StandardStreams, recipes: Recipes): void {
  const streams = new Map<unknown, OutputStream>([
    ['stdin', stdin.getStdin()],
    ['stdout', stdout.getStdout()],
    ['stderr', stderr.getStderr()],
  ])
  for (const [name, stream] of streams) recipes.add(stream, () => ['stream', String(name)])
  recipes.onMake('stream', ([name]) => {
    const stream = streams.get(name)
    // The guest may have asked how much it can write before it was copied, and write now.
    stream?.checkWrite?.()
    return stream
  })
}
