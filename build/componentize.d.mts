// Types of componentize.mjs.

export declare const engineOptions: Readonly<Record<string, boolean>>
export declare function componentizeSource(witFolder: string, world: string, source: string): Promise<Uint8Array>
