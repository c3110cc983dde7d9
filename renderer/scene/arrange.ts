// Where every slab and window stands: what the person arranged, else where it stood in the previous picture, else where
// the layout puts it. Slabs grow to hold their windows and never shrink by themselves. Pure.

import type { Component, Host, LatticeState, OnHostKey } from '../../preload/records.js'
import type { WindowArrangement, WorkspaceState } from '../state/workspace.js'
import {
  clampFoot,
  defaultSlab,
  defaultWindow,
  desktopSlab,
  grownSlab,
  placeSlab,
  placeWindow,
  roomOf,
  type Slab,
  type Standing,
} from './layout.js'
import type { SceneDescription, WindowNode } from './types.js'

/** A slab with its windows; feet are relative to its front-left corner. */
export interface ArrangedPlace {
  readonly host: Host
  readonly slab: Slab
  readonly windows: ReadonlyMap<OnHostKey, Standing & { readonly isMinimised: boolean }>
}

/** The hosts that are shown, this desktop first, then by name: all but those that are gone and were dismissed. */
function shownHosts(lattice: LatticeState, workspace: WorkspaceState): readonly Host[] {
  const rankOf = (host: Host): string => `${host.kind === 'desktop' ? 0 : 1}${host.friendlyName}\u0000${host.id}`
  return Object.values(lattice.hosts)
    .filter((host) => host.liveness !== 'gone' || !workspace.forgotten.includes(host.id))
    .sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1))
}

/** What is known of a thing on a host by its key. */
function componentKey(component: Pick<Component, 'hostId' | 'id'>): OnHostKey {
  // The one spelling of the key (records.ts); rebuilt here since the scene imports types only.
  return `${component.hostId}/${component.id}` as OnHostKey
}

/** Every shown thing that has a window, by host: components, and what stood on a host that is gone. */
function windowedOf(
  lattice: LatticeState,
  hosts: readonly Host[],
  previous: SceneDescription,
): ReadonlyMap<string, readonly { readonly key: OnHostKey; readonly componentId: string }[]> {
  const byHost = new Map<string, { readonly key: OnHostKey; readonly componentId: string }[]>()
  const known = new Set<string>()
  for (const host of hosts) byHost.set(host.id, [])
  for (const component of Object.values(lattice.components)) {
    byHost.get(component.hostId)?.push({ key: componentKey(component), componentId: component.id })
    known.add(component.id)
  }
  for (const node of previous.windows.values()) {
    const host = lattice.hosts[node.hostId]
    if (host?.liveness === 'gone' && !known.has(node.componentId))
      byHost.get(node.hostId)?.push({ key: node.key, componentId: node.componentId })
  }
  for (const list of byHost.values()) list.sort((a, b) => (a.key < b.key ? -1 : 1))
  return byHost
}

function placeSlabs(
  hosts: readonly Host[],
  workspace: WorkspaceState,
  previous: SceneDescription,
): ReadonlyMap<string, Slab> {
  const slabs = new Map<string, Slab>()
  for (const host of hosts) {
    const size = host.kind === 'desktop' ? desktopSlab : defaultSlab
    const arranged = workspace.places[host.id]
    const before = previous.places.get(host.id)
    if (arranged !== undefined) {
      slabs.set(host.id, {
        x: arranged.x,
        y: arranged.y,
        width: arranged.width ?? before?.width ?? size.width,
        depth: arranged.depth ?? before?.depth ?? size.depth,
      })
    } else if (before !== undefined) {
      slabs.set(host.id, { x: before.x, y: before.y, width: before.width, depth: before.depth })
    }
  }
  for (const host of hosts) {
    if (slabs.has(host.id)) continue
    const isDesktop = host.kind === 'desktop'
    slabs.set(host.id, placeSlab(isDesktop, isDesktop ? desktopSlab : defaultSlab, [...slabs.values()], host.seat))
  }
  return slabs
}

type Placed = Standing & { readonly isMinimised: boolean }

function sizeOf(wish: WindowArrangement | undefined, before: WindowNode | undefined) {
  const { width, height } = wish ?? before ?? defaultWindow
  return { width, height, isMinimised: wish?.isMinimised ?? before?.isMinimised ?? false }
}

/** Everything that stands, and where. A dragged window is still where it was: its foot is only in the hand. */
export function arrange(
  lattice: LatticeState,
  workspace: WorkspaceState,
  previous: SceneDescription,
  homes: ReadonlyMap<OnHostKey, Standing>,
): ReadonlyMap<string, ArrangedPlace> {
  const hosts = shownHosts(lattice, workspace)
  const windowed = windowedOf(lattice, hosts, previous)
  const slabs = new Map(placeSlabs(hosts, workspace, previous))
  const arranged = new Map<string, ArrangedPlace>()
  for (const host of hosts) {
    let slab = slabs.get(host.id)
    if (slab === undefined) continue
    const windows = new Map<OnHostKey, Placed>()
    const newcomers: { readonly key: OnHostKey; readonly componentId: string }[] = []
    for (const { key, componentId } of windowed.get(host.id) ?? []) {
      const own = workspace.windows[key]
      const home = homes.get(key)
      const size = sizeOf(own ?? workspace.windows[componentId], previous.windows.get(key))
      const at = own ?? home
      if (at === undefined) newcomers.push({ key, componentId })
      else windows.set(key, { ...size, x: at.x, y: at.y })
    }
    const others = [...slabs].filter(([id]) => id !== host.id).map(([, other]) => other)
    for (const { key, componentId } of newcomers) {
      const size = sizeOf(workspace.windows[componentId], undefined)
      const spot = placeWindow(size, slab, [...windows.values()], roomOf(slab, others))
      windows.set(key, { ...spot, isMinimised: size.isMinimised })
      slab = { ...slab, ...grownSlab(slab, [...windows.values()]) }
    }
    slab = { ...slab, ...grownSlab(slab, [...windows.values()]) }
    for (const [key, window] of windows) windows.set(key, { ...window, ...clampFoot(window, window.width, slab) })
    slabs.set(host.id, slab)
    arranged.set(host.id, { host, slab, windows })
  }
  return arranged
}

/** What stands somewhere without being arranged yet: written down once, it stands there again at the next start. */
export function unarranged(
  scene: SceneDescription,
  homes: ReadonlyMap<OnHostKey, Standing>,
  workspace: WorkspaceState,
): Pick<WorkspaceState, 'places' | 'windows'> | undefined {
  const places: Record<string, WorkspaceState['places'][string]> = {}
  const windows: Record<string, WindowArrangement> = {}
  for (const place of scene.places.values()) {
    const known = workspace.places[place.id]
    if (known?.width === place.width && known.depth === place.depth) continue
    places[place.id] = { x: place.x, y: place.y, width: place.width, depth: place.depth }
  }
  for (const [key, home] of homes) {
    const node = scene.windows.get(key)
    if (node === undefined || workspace.windows[key] !== undefined) continue
    windows[key] = { x: home.x, y: home.y, width: node.width, height: node.height, isMinimised: node.isMinimised }
  }
  if (Object.keys(places).length + Object.keys(windows).length === 0) return undefined
  return { places, windows }
}
