// The colours of the theme in use, read from the CSS custom properties of the page, as WebGL wants them. The panels set
// `data-theme` on <html>; nothing here knows which theme it is.

import { Color, LinearSRGBColorSpace } from 'three'

const names = [
  'plane',
  'tick',
  'slab',
  'slab-hi',
  'lip',
  'well',
  'win',
  'win-line',
  'bar',
  'ink',
  'ink2',
  'ink3',
  'lit',
  'on-lit',
  'on-lit2',
  'proc',
  'worker',
  'lattice',
  'bad',
  'bad-bg',
  'warn',
  'good',
  'good-bg',
  'shadow',
] as const

export type ColourName = (typeof names)[number]

/** One theme: colours by name, how dark a shadow is (0: none), px of a line, and whether there are ticks at all. */
export interface Palette {
  readonly colours: Readonly<Record<ColourName, Color>>
  /** The same as CSS, for 2D canvases. */
  readonly css: Readonly<Record<ColourName, string>>
  readonly shadowAlpha: number
  readonly line: number
  readonly hasTicks: boolean
}

/** Reads the theme from the computed style of an element; any CSS colour will do (forced colours are keywords). */
export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element)
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const colours: Partial<Record<ColourName, Color>> = {}
  const css: Partial<Record<ColourName, string>> = {}
  let hasTicks = true
  for (const name of names) {
    const text = style.getPropertyValue(`--${name}`).trim() || 'transparent'
    css[name] = text
    if (probe === null) throw new Error('this page has no 2D canvas')
    probe.clearRect(0, 0, 1, 1)
    probe.fillStyle = text
    probe.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0, alpha = 0] = probe.getImageData(0, 0, 1, 1).data
    // The numbers go to the screen as they are, so that a blend looks as it does in CSS.
    colours[name] = new Color().setRGB(red / 255, green / 255, blue / 255, LinearSRGBColorSpace)
    if (name === 'tick' && alpha === 0) hasTicks = false
  }
  return {
    // Every name was just set.
    colours: colours as Record<ColourName, Color>,
    css: css as Record<ColourName, string>,
    shadowAlpha: Number.parseFloat(style.getPropertyValue('--shadow-a')) || 0,
    line: Number.parseFloat(style.getPropertyValue('--line')) || 1,
    hasTicks,
  }
}

/** Calls back when the theme of the page changes, however it does. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'style', 'class'] })
  const forced = window.matchMedia('(forced-colors: active)')
  forced.addEventListener('change', listener)
  return () => {
    observer.disconnect()
    forced.removeEventListener('change', listener)
  }
}
