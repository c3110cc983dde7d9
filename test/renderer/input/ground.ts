// What deeds stand on, with real stores and the real picture, an eye without a window, and the far side of the bridge as a
// script: what each call answers, and what was called.

import type { CallName, Shell } from '../../../preload/contract.js'
import type { LatticeState } from '../../../preload/records.js'
import type { Eye, Ground } from '../../../renderer/input/ground.js'
import { createNotices } from '../../../renderer/input/notices.js'
import { createPerformer } from '../../../renderer/input/perform.js'
import { createPicture } from '../../../renderer/picture.js'
import { fit, projectionOf, tiltedPitch, type Viewport } from '../../../renderer/scene/projection.js'
import { createInteractionStore } from '../../../renderer/state/interaction.js'
import { createLatticeStore } from '../../../renderer/state/lattice.js'
import { createWorlds } from '../../../renderer/state/worlds.js'
import { createWorkspaceStore } from '../../../renderer/state/workspace.js'

export const viewport: Viewport = { width: 1440, height: 900, left: 0, right: 0, top: 40, bottom: 44 }

type Answer = (...args: readonly unknown[]) => unknown

/** An answer that throws is the failure that main would send. */
export function scriptedShell(answers: Partial<Record<CallName, Answer>>) {
  const called: (readonly [CallName, ...unknown[]])[] = []
  const listeners = new Map<string, Set<(payload: never) => void>>()
  const shell: Shell = {
    async call(name, ...args) {
      called.push([name, ...args])
      const answer = answers[name]
      try {
        return { ok: true, value: (await answer?.(...args)) as never }
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        return { ok: false, failure: { code: 'refused', message } }
      }
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      set.add(listener)
      return () => set.delete(listener)
    },
  }
  const tell = (name: string, payload: unknown): void => {
    for (const listener of listeners.get(name) ?? []) listener(payload as never)
  }
  const namesCalled = (): readonly CallName[] => called.map(([name]) => name)
  return { shell, called, namesCalled, tell }
}

/** Everything that was asked for and already answered has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve()
}

export async function openGround(state: LatticeState, answers: Partial<Record<CallName, Answer>> = {}) {
  const stores = {
    lattice: createLatticeStore(),
    workspace: createWorkspaceStore(),
    interaction: createInteractionStore(),
  }
  stores.lattice.setState(state, true)
  const picture = createPicture(stores, () => undefined)
  await settled()
  const scene = () => picture.store.getState()
  const whole = fit(viewport, { places: [...scene().places.values()], windows: [] }, tiltedPitch)
  let viewpoint = whole ?? { x: 0, y: 0, pitch: tiltedPitch, zoom: 1 }
  const eye: Eye = {
    get viewpoint() {
      return viewpoint
    },
    get destination() {
      return viewpoint
    },
    get projection() {
      return projectionOf(viewpoint, viewport)
    },
    projectionAt: (at) => projectionOf(at, viewport),
    set(at) {
      viewpoint = at
    },
    fly(at) {
      viewpoint = at
    },
  }
  const clock = { ms: 1_000_000 }
  const timers: { readonly atMs: number; readonly deed: () => void; isOff: boolean }[] = []
  const script = scriptedShell(answers)
  const ground: Ground = {
    stores,
    shell: script.shell,
    worlds: createWorlds(script.shell),
    eye,
    scene,
    homes: () => picture.described().homes,
    notices: createNotices(stores.interaction, () => clock.ms),
    now: () => clock.ms,
    later(ms, deed) {
      const timer = { atMs: clock.ms + ms, deed, isOff: false }
      timers.push(timer)
      return () => {
        timer.isOff = true
      }
    },
  }
  /** Lets time go by: timers that are due run, in their order. */
  const wait = async (ms: number): Promise<void> => {
    clock.ms += ms
    const due = timers.filter((timer) => timer.atMs <= clock.ms && !timer.isOff)
    for (const timer of due.sort((a, b) => a.atMs - b.atMs)) {
      timer.isOff = true
      timer.deed()
    }
    await settled()
  }
  return { ...stores, ...script, ground, scene, eye, wait, clock, ...createPerformer(ground) }
}
