// What the permissions of our credentials forbid, said to the person: many subjects are refused at once when an account
// is narrow, so they are gathered for a moment and said together.

import type { Refusal, Transport } from './nats/transport.js'
import type { Notices } from './notices.js'

const gatherMs = 500
/** Named in one notice; the connection panel has more of them. */
const mostNamed = 6

/** Returns the function that stops it. */
export function tellRefusals(transports: readonly Transport[], notices: Notices): () => void {
  const said = new Set<string>()
  let waiting: Refusal[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function say(): void {
    timer = undefined
    const named = waiting.slice(0, mostNamed)
    const more = Math.max(0, waiting.length - mostNamed)
    waiting = []
    const subjects = (operation: Refusal['operation']): string =>
      named.flatMap((one) => (one.operation === operation ? [one.subject] : [])).join(', ')
    notices.raise({
      tone: 'warn',
      title: 'The NATS server does not permit everything that the shell needs',
      said: {
        code: 'credentials-narrow',
        args: { publish: subjects('publish'), subscribe: subjects('subscribe'), more },
      },
      text: `These credentials may not ${named.map(wordsOf).join(', ')}${more > 0 ? ` and ${more} more` : ''}. What needs it will not work.`,
    })
  }

  const offs = transports.map((transport) =>
    transport.onRefused((refusal) => {
      const text = wordsOf(refusal)
      if (said.has(text) || said.size >= 200) return
      said.add(text)
      waiting.push(refusal)
      timer ??= setTimeout(say, gatherMs)
    }),
  )
  return () => {
    clearTimeout(timer)
    for (const off of offs) off()
  }
}

const wordsOf = ({ operation, subject }: Refusal): string =>
  `${operation === 'publish' ? 'publish to' : 'subscribe to'} ${subject}`
