// The page of the harness: the standing shell first, then the real renderer. Options are in the address:
// `?arranged=0` (nothing arranged), `?theme=light`.

import { openStandingShell } from './standing-shell.js'

const options = new URLSearchParams(location.search)
Object.defineProperty(window, 'shell', {
  value: openStandingShell({
    hasArrangement: options.get('arranged') !== '0',
    theme: options.get('theme') ?? 'dark',
  }),
})
void import('../../../renderer/index.jsx')
