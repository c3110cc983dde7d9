// Names of WIT on the two sides they meet: how jco spells them in JavaScript, and how wRPC spells them in subjects
// (SPEC W1, W2). Pure.

/** `reply-to` as `replyTo`; capitals of an acronym go (`HTTP-status` is `httpStatus`). */
export function toCamelCase(name: string): string {
  if (!name.includes('-') && name.toLowerCase() === name) return name
  return name
    .split('-')
    .map((part, index) => {
      const lower = part.toLowerCase()
      return index === 0 ? lower : lower.charAt(0).toUpperCase() + lower.slice(1)
    })
    .join('')
}

/** `[method]bucket.get` as `bucket.get`: the ABI's bracket does not travel. */
const functionToken = (name: string): string => name.replace(/^\[(?:constructor|method|static)\]/, '')

/** Subject of an invocation; an empty prefix or instance leaves no empty token. */
export function invocationSubject(prefix: string, instance: string, functionName: string): string {
  const start = prefix === '' ? '' : `${prefix}.`
  const middle = instance === '' ? '' : `${instance}.`
  return `${start}wrpc.0.0.1.${middle}${functionToken(functionName)}`
}
