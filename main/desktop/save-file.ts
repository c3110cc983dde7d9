// Asks a person where a text, or bytes, shall be saved, and saves it there. The page gives a name to begin with and never a path.

import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { app, BrowserWindow, dialog } from 'electron'

/** Resolves to the file, or to undefined when the person gave up. */
export async function saveFile(suggestedName: string, data: string | Uint8Array): Promise<string | undefined> {
  const options = { defaultPath: path.join(app.getPath('documents'), path.basename(suggestedName)) }
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
  const chosen =
    window === undefined ? await dialog.showSaveDialog(options) : await dialog.showSaveDialog(window, options)
  if (chosen.canceled || chosen.filePath === undefined || chosen.filePath === '') return undefined
  await writeFile(chosen.filePath, data)
  return chosen.filePath
}
