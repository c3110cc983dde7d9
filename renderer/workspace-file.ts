// The workspace as main keeps it: read with suspicion (an older version, or a hand, may have written it) and written back
// some time after the last change. Stands on the bridge and the workspace store.

import type { Shell } from '../preload/contract.js'
import type { Failure, OnHostKey } from '../preload/records.js'
import {
  defaultWorkspace,
  type PlaceArrangement,
  type Viewpoint,
  type WindowArrangement,
  type WorkspaceState,
  type WorkspaceStore,
} from './state/workspace.js'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

function tableOf<T>(value: unknown, parse: (fields: Fields) => T | undefined): Readonly<Record<string, T>> {
  if (!isFields(value)) return {}
  const table: Record<string, T> = {}
  for (const [key, fields] of Object.entries(value)) {
    const parsed = isFields(fields) ? parse(fields) : undefined
    if (parsed !== undefined) table[key] = parsed
  }
  return table
}

function parsePlace({ x, y, width, depth }: Fields): PlaceArrangement | undefined {
  if (!isNumber(x) || !isNumber(y)) return undefined
  return { x, y, ...(isNumber(width) ? { width } : {}), ...(isNumber(depth) ? { depth } : {}) }
}

function parseWindow({ x, y, width, height, isMinimised }: Fields): WindowArrangement | undefined {
  if (!isNumber(x) || !isNumber(y) || !isNumber(width) || !isNumber(height) || width <= 0 || height <= 0)
    return undefined
  // As it was written: what is saved again unchanged is the same file.
  return { x, y, width, height, ...(typeof isMinimised === 'boolean' ? { isMinimised } : {}) }
}

function parseViewpoint({ x, y, pitch, zoom }: Fields): Viewpoint | undefined {
  if (!isNumber(x) || !isNumber(y) || !isNumber(pitch) || !isNumber(zoom)) return undefined
  return zoom > 0 && pitch > 0 && pitch <= 90 ? { x, y, pitch, zoom } : undefined
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

const themes = ['system', 'dark', 'light', 'contrast-dark', 'contrast-light'] as const

/** What of a saved workspace can be used; the rest is as in a new one. */
export function parseWorkspace(file: unknown): WorkspaceState {
  if (!isFields(file) || file['version'] !== 1) return defaultWorkspace
  return {
    version: 1,
    places: tableOf(file['places'], parsePlace),
    windows: tableOf(file['windows'], parseWindow),
    // Keys of windows; one that names nothing orders nothing.
    order: textsOf(file['order']) as readonly OnHostKey[],
    viewpoint: isFields(file['viewpoint']) ? parseViewpoint(file['viewpoint']) : undefined,
    viewpoints: tableOf(file['viewpoints'], parseViewpoint),
    forgotten: textsOf(file['forgotten']),
    theme: themes.find((theme) => theme === file['theme']) ?? defaultWorkspace.theme,
    locale: file['locale'] === 'ru' ? 'ru' : 'en',
    hasSeenHint: file['hasSeenHint'] === true,
  }
}

/** From the last change to the save. */
const calmMs = 300

/** Saves after every change until the returned function is called, which saves what is left; at once when the window closes. */
export function keepWorkspace(
  shell: Shell,
  workspace: WorkspaceStore,
  onTrouble: (failure: Failure) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> = Promise.resolve()
  const save = (): void => {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    // `undefined` is no value of a file.
    const file = Object.fromEntries(Object.entries(workspace.getState()).filter(([, value]) => value !== undefined))
    saving = shell.call('workspace.save', file).then((outcome) => {
      if (!outcome.ok) onTrouble(outcome.failure)
    })
  }
  const unsubscribes = [
    workspace.subscribe(() => {
      clearTimeout(timer)
      timer = setTimeout(save, calmMs)
    }),
    shell.on('shell.closing', () => {
      save()
      void saving.then(() => shell.call('shell.settled'))
    }),
  ]
  // A reload closes the page and not the window.
  window.addEventListener('pagehide', save)
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe()
    window.removeEventListener('pagehide', save)
    save()
  }
}
