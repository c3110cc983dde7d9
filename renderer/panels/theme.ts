// Puts the theme on <html>: `data-theme` is always one of the four sets of tokens, `system` is resolved here and
// follows the operating system. WebGL reads the same properties when the attribute changes.

import type { Theme, WorkspaceStore } from '../state/workspace.js'

type Resolved = Exclude<Theme, 'system'>

/** The set of tokens a choice stands for, given what the system prefers. */
export function resolveTheme(choice: Theme, prefers: { readonly dark: boolean; readonly contrast: boolean }): Resolved {
  if (choice !== 'system') return choice
  const tone = prefers.dark ? 'dark' : 'light'
  return prefers.contrast ? `contrast-${tone}` : tone
}

/** Keeps `data-theme` and `lang` of the page right until the returned function is called. */
export function followTheme(workspace: WorkspaceStore, page: Document): () => void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const contrast = window.matchMedia('(prefers-contrast: more)')
  const update = (): void => {
    const { theme, locale } = workspace.getState()
    const resolved = resolveTheme(theme, { dark: dark.matches, contrast: contrast.matches })
    if (page.documentElement.dataset['theme'] !== resolved) page.documentElement.dataset['theme'] = resolved
    if (page.documentElement.lang !== locale) page.documentElement.lang = locale
  }
  update()
  const unsubscribe = workspace.subscribe(update)
  dark.addEventListener('change', update)
  contrast.addEventListener('change', update)
  return () => {
    unsubscribe()
    dark.removeEventListener('change', update)
    contrast.removeEventListener('change', update)
  }
}
