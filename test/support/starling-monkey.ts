// JavaScript made into a component on the engine of Firefox, by componentize-js.

/** Parts of its WASI that it can leave out; nothing of it is left then. */
export const withoutWasi: readonly string[] = ['random', 'stdio', 'clocks', 'http', 'fetch-event']

/** The component of a world in a folder of WIT; `undefined` when the tool is not installed. Takes seconds. */
export async function componentizeOnStarlingMonkey(
  witPath: string,
  worldName: string,
  source: string,
  disableFeatures: readonly string[],
): Promise<Uint8Array | undefined> {
  // Comes with jco, which may leave it out one day.
  const tool = '@bytecodealliance/componentize-js'
  const found = (await import(tool).catch(() => undefined)) as
    { componentize(source: string, options: object): Promise<{ component: Uint8Array }> } | undefined
  if (found === undefined) return undefined
  // It reads its files through a shim that gives none by itself.
  const shim = '@bytecodealliance/preview2-shim/filesystem'
  const { _setPreopens } = (await import(shim)) as { _setPreopens(preopens: Record<string, string>): void }
  _setPreopens({ '/': '/' })
  return (await found.componentize(source, { witPath, worldName, disableFeatures })).component
}
