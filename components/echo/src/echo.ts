// Answers with what it was asked, or with something easily checked by eye. Keeps nothing.

type Unit = 'celsius' | 'fahrenheit' | 'kelvin'

interface Reading {
  readonly place: string
  readonly degrees: number
  readonly unit: Unit
  readonly note: string | null
}

interface Point {
  readonly x: number
  readonly y: number
}

type Shape =
  | { readonly tag: 'nothing' }
  | { readonly tag: 'circle'; readonly val: number }
  | { readonly tag: 'box'; readonly val: readonly [Point, Point] }
  | { readonly tag: 'polygon'; readonly val: readonly Point[] }

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const

const toKelvin: Record<Unit, (degrees: number) => number> = {
  celsius: (degrees) => degrees + 273.15,
  fahrenheit: (degrees) => ((degrees - 32) * 5) / 9 + 273.15,
  kelvin: (degrees) => degrees,
}

const fromKelvin: Record<Unit, (kelvin: number) => number> = {
  celsius: (kelvin) => kelvin - 273.15,
  fahrenheit: (kelvin) => ((kelvin - 273.15) * 9) / 5 + 32,
  kelvin: (kelvin) => kelvin,
}

/** Shoelace formula. */
function polygonArea(points: readonly Point[]): number {
  let doubled = 0
  points.forEach((point, index) => {
    const next = points[(index + 1) % points.length] ?? point
    doubled += point.x * next.y - next.x * point.y
  })
  return Math.abs(doubled) / 2
}

export const echo = {
  echoString: (s: string): string => s,

  echoBytes: (b: Uint8Array): Uint8Array => b,

  convert(reading: Reading, to: Unit): Reading {
    const kelvin = toKelvin[reading.unit](reading.degrees)
    // An error of a `result` is thrown as its plain value.
    if (!(kelvin >= 0)) throw `${reading.degrees} ${reading.unit} is below absolute zero`
    return { ...reading, degrees: Math.round(fromKelvin[to](kelvin) * 1e9) / 1e9, unit: to }
  },

  countDays(set: Readonly<Record<(typeof days)[number], boolean>>): [number, string | null] {
    const chosen = days.filter((day) => set[day])
    return [chosen.length, chosen[0] ?? null]
  },

  area(shape: Shape): number {
    switch (shape.tag) {
      case 'nothing':
        return 0
      case 'circle':
        return Math.PI * shape.val ** 2
      case 'box':
        return Math.abs((shape.val[1].x - shape.val[0].x) * (shape.val[1].y - shape.val[0].y))
      case 'polygon':
        return polygonArea(shape.val)
    }
  },

  sum(numbers: readonly number[]): number {
    const total = [...numbers].reduce((before, each) => before + each, 0)
    if (total !== (total | 0)) throw `${total} does not fit into 32 bits`
    return total
  },

  isUpper: (letter: string): boolean => letter === letter.toUpperCase() && letter !== letter.toLowerCase(),
}
