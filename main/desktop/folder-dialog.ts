// Asks the person for a folder, in the system's own dialog over the window: what it gives was chosen by a person.

import { BrowserWindow, dialog, type OpenDialogOptions, type WebContents } from 'electron'

/** Null: none was chosen. */
export async function chooseFolder(page: WebContents | undefined): Promise<string | null> {
  const window = page === undefined ? null : BrowserWindow.fromWebContents(page)
  const options: OpenDialogOptions = { properties: ['openDirectory', 'createDirectory'] }
  const chosen = await (window === null ? dialog.showOpenDialog(options) : dialog.showOpenDialog(window, options))
  return chosen.canceled ? null : (chosen.filePaths[0] ?? null)
}
