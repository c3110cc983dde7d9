// One DOM element over the plane: writes where it is to its style, and only what is different from the last time.

import type { Level } from './levels.js'

/** px of the page; width and height are the element's own, before it is scaled. Without them it keeps its natural size. */
export interface Spot {
  readonly x: number
  readonly y: number
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly scale: number
  readonly z: number
  readonly level: Level
  /** x, y are its middle. */
  readonly isCentred?: boolean | undefined
}

export interface Slot {
  /** `undefined` hides it. */
  put(spot: Spot | undefined): void
}

const round = (value: number): number => Math.round(value * 1000) / 1000

export function createSlots(): (element: HTMLElement) => Slot {
  return (element) => {
    const written = new Map<string, string>()
    const write = (name: string, value: string): void => {
      if (written.get(name) === value) return
      written.set(name, value)
      element.style.setProperty(name, value)
    }
    const level = (value: Level): void => {
      if (element.dataset['level'] !== value) element.dataset['level'] = value
    }
    return {
      put(spot) {
        if (spot === undefined || spot.level === 'hidden') {
          level('hidden')
          return
        }
        const centre = spot.isCentred === true ? ' translate(-50%, -50%)' : ''
        write('transform', `translate(${round(spot.x)}px, ${round(spot.y)}px) scale(${round(spot.scale)})${centre}`)
        if (spot.width !== undefined) write('width', `${round(spot.width)}px`)
        if (spot.height !== undefined) write('height', `${round(spot.height)}px`)
        write('z-index', String(spot.z))
        level(spot.level)
      },
    }
  }
}
