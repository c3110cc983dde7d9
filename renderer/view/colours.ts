// The colours of WebGL, read from the same CSS custom properties as the panels' (look.md 2.1). The Color objects stay the
// same when the theme changes: materials hold them by reference, so a theme change repaints nothing by itself.

import { Color } from 'three'

const colourNames = [
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
export type ColourName = (typeof colourNames)[number]

export type Colours = Readonly<Record<ColourName, Color>> & {
  /** Opacity of baked shadows; ticks and shadows are left out where their colour is transparent. */
  readonly shadowAlpha: { value: number }
  readonly tickAlpha: { value: number }
  /** Width of lines in px: 2 in the contrast themes. */
  readonly line: { value: number }
}

export function createColours(): Colours {
  const entries = colourNames.map((name) => [name, new Color(0x808080)] as const)
  return {
    // fromEntries forgets the keys it was given.
    ...(Object.fromEntries(entries) as Record<ColourName, Color>),
    shadowAlpha: { value: 0 },
    tickAlpha: { value: 1 },
    line: { value: 1 },
  }
}

/** Reads the properties that hold now. Values are kept as they are on the screen (sRGB): nothing here is lit. */
export function readColours(colours: Colours, page: Document): void {
  const probe = page.createElement('span')
  probe.style.display = 'none'
  page.body.append(probe)
  const style = getComputedStyle(probe)
  const channels = (name: ColourName): readonly number[] => {
    // A probe resolves names of system colours, which the raw property does not.
    probe.style.color = `var(--${name})`
    return (style.color.match(/[\d.]+/g) ?? []).map(Number)
  }
  for (const name of colourNames) {
    const [red = 0, green = 0, blue = 0] = channels(name)
    const colour = colours[name]
    colour.r = red / 255
    colour.g = green / 255
    colour.b = blue / 255
  }
  colours.tickAlpha.value = channels('tick')[3] ?? 1
  const numberOf = (name: string, otherwise: number): number => {
    const value = Number.parseFloat(style.getPropertyValue(name))
    return Number.isFinite(value) ? value : otherwise
  }
  colours.shadowAlpha.value = numberOf('--shadow-a', 0)
  colours.line.value = numberOf('--line', 1)
  probe.remove()
}
