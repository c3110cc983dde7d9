// What lies on `window` of the shell's page: the bridge, put there by preload/index.ts before the page's own code, and the
// locator, put there by renderer/index.tsx. Tests that evaluate code in the page compile against the same names.

import type { Shell } from '../preload/contract.js'
import type { Locator } from './locate.js'

declare global {
  interface Window {
    readonly shell: Shell
    tlos: Locator
  }
}
