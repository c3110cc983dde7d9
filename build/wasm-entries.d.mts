// Types of wasm-entries.mjs.

export declare const browserShimAliases: Readonly<Record<string, string>>
export declare const transpilerWasm: readonly string[]
export declare function bundleWasmEntries(
  folder: string,
): Promise<{ readonly pool: string; readonly worker: string; readonly transpile: string }>
