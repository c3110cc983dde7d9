/** Arguments of Electron, before all others. */
export function holdReady(): readonly string[]
