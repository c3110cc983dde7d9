// How the glue lets go of an object that stands for a resource.

/** As jco has it. */
export const disposeSymbol: symbol = (Symbol as { dispose?: symbol }).dispose ?? Symbol.for('dispose')

/** Runs the guest's destructor; whatever it throws is a failure of the guest. */
export function dispose(object: object): void {
  const run: unknown = Reflect.get(object, disposeSymbol)
  if (typeof run === 'function') Reflect.apply(run, object, [])
}
