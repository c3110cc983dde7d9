// Which subjects a component may use: its words to others, never the lattice's own control, events, calls and stores.
// Pure.

/** Longest subject, characters; servers take 4 KiB for the whole line. */
const longest = 1_000
/** First tokens that belong to the lattice, to its tools and to the NATS server; all that begin with `$` as well. */
const reservedFirst: readonly string[] = ['_INBOX', 'tlos', 'wasmbus', 'wasmcloud', 'wadm']

/** Subjects that a component's answer may be sent to although they are nobody's own: requesters listen there. */
export const isInbox = (subject: string): boolean => subject.startsWith('_INBOX.')

/** Belongs to a lattice or to the server: no component sends there, and none is given what is sent there. */
export function isReserved(subject: string): boolean {
  const tokens = subject.split('.')
  const first = tokens[0] ?? ''
  // `{lattice}.{id}.wrpc.…` is where components and providers are called, in whatever lattice.
  return first.startsWith('$') || reservedFirst.includes(first) || tokens[2] === 'wrpc'
}

/** Why a component may not publish to this subject; undefined when it may. */
export function findPublishTrouble(subject: string): string | undefined {
  if (!isSubject(subject, /^[^\s.*>\p{Cc}]+$/u)) return `${quote(subject)} is not a subject to publish to`
  return isReserved(subject) ? `the subject ${subject} belongs to the lattice` : undefined
}

/** Why no component may be given what is published under this pattern; undefined when it may. */
export function findSubscribeTrouble(pattern: string, lattice: string): string | undefined {
  const tokens = pattern.split('.')
  const isPattern =
    isSubject(pattern, /^(?:[^\s.*>\p{Cc}]+|\*|>)$/u) &&
    tokens.every((token, at) => token !== '>' || at === tokens.length - 1)
  if (!isPattern) return `${quote(pattern)} is not a subject to subscribe to`
  const first = tokens[0] ?? ''
  if (first === '*' || first === '>')
    return `${pattern} would take in subjects of the lattice: it must begin with a name`
  // Another lattice's calls under such a pattern are left out message by message.
  const mayHoldCalls =
    first === lattice && (tokens.length > 2 ? ['*', '>', 'wrpc'].includes(tokens[2] ?? '') : tokens.includes('>'))
  return isReserved(pattern) || mayHoldCalls ? `${pattern} belongs to the lattice` : undefined
}

function isSubject(text: string, token: RegExp): boolean {
  return text.length <= longest && text.split('.').every((each) => token.test(each))
}

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
