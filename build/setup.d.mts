// Types of setup.mjs, for the tests and the scripts that are TypeScript.

export interface FoundElectron {
  readonly file: string
  readonly source: 'environment' | 'official' | 'carried'
  readonly version: string
}

export interface Setup {
  readonly electron: FoundElectron | undefined
  readonly natsServer: { readonly file: string; readonly version: string } | undefined
  readonly xvfb: { readonly file: string } | undefined
  /** The virtual display that was started, if there was none. */
  readonly display: { readonly DISPLAY: string; stop(): Promise<void> } | undefined
  readonly env: Record<string, string | undefined>
}

export function ensureSetup(options?: {
  readonly needs?: readonly ('electron' | 'display' | 'nats-server')[]
  readonly fresh?: boolean
  readonly startVirtual?: boolean
}): Promise<Setup>
