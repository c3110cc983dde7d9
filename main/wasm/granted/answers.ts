// How an operation on something granted fails: with the error code that its WIT interface knows, which the guest is told.
// Anything else that is thrown is a fault of ours and ends the instance.

/** `code`: a case of the interface's `error-code`, as jco has it (an enum's name, or `{ tag, val? }`). */
export class OperationError extends Error {
  readonly code: unknown

  constructor(code: unknown) {
    super(`the operation failed: ${JSON.stringify(code)}`)
    this.code = code
  }
}

export type Operation = (...args: readonly unknown[]) => unknown

/** Names of operations, as the worker asks for them, with what does them. */
export type Operations = Readonly<Record<string, Operation>>

/** Words of a system error (`ENOENT`), if it is one. */
export const systemCode = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | undefined)?.code // read only, and checked
  return typeof code === 'string' ? code : undefined
}
