// Mounts all panels into one element: the only face of this folder. Stands on React and what `context.ts` names; knows
// nothing of Three.js nor of how intents are carried out.

import './styles/fonts.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/window.css'
import './styles/content.css'
import './styles/lattice.css'
import './styles/chrome.css'
import './styles/popups.css'
import './styles/grants.css'
import './styles/permits.css'
import './styles/tools.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.js'
import type { PanelsContext } from './context.js'
import { openRuns } from './form/runs.js'
import { followTheme } from './theme.js'
import { openTicker } from './ticker.js'

/** Draws the panels until the returned function is called. `root` must cover the page, over the canvas. */
export function mountPanels(root: HTMLElement, context: PanelsContext): () => void {
  const page = root.ownerDocument
  const unfollow = followTheme(context.stores.workspace, page)
  const ticker = openTicker(page)
  const runs = openRuns(context.shell)
  const tree = createRoot(root)
  tree.render(<App context={context} ticker={ticker} runs={runs} />)
  return () => {
    tree.unmount()
    runs.close()
    ticker.close()
    unfollow()
  }
}
