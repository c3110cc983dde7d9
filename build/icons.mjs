// Draws the icon: a slab on the plane with two windows standing on it, joined by a cable, in the colours of the dark theme.
// One description in squares of a 64-unit grid makes the SVG and, sampled, the PNGs, so that no image tool is needed.
// `node build/icons.mjs` writes them into build/icons, which is kept in the repository.

import fs from 'node:fs/promises'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { isMain, root } from './paths.mjs'

const folder = path.join(root, 'build', 'icons')
export const sizes = [16, 32, 48, 64, 128, 256, 512]

/** Filled polygons, the last on top. */
const shapes = [
  { fill: '#15191a', points: rounded(2, 2, 60, 60, 12) },
  {
    fill: '#293134',
    points: [
      [12, 36],
      [52, 36],
      [60, 50],
      [4, 50],
    ],
  },
  {
    fill: '#4d5a5e',
    points: [
      [12, 36],
      [52, 36],
      [52.6, 37],
      [11.4, 37],
    ],
  },
  {
    fill: '#20272a',
    points: [
      [4, 50],
      [60, 50],
      [60, 55],
      [4, 55],
    ],
  },
  {
    fill: '#e6a063',
    points: [
      [22, 44.6],
      [42, 44.6],
      [42, 46.6],
      [22, 46.6],
    ],
  },
  { fill: '#353e41', points: rounded(13, 16, 18, 30, 1.5) },
  { fill: '#efe8d8', points: rounded(13, 16, 18, 6, 1.5) },
  { fill: '#353e41', points: rounded(36, 24, 16, 22, 1.5) },
  { fill: '#536064', points: rounded(36, 24, 16, 5, 1.5) },
  {
    fill: '#5fbcae',
    points: [
      [16, 27],
      [27, 27],
      [27, 29],
      [16, 29],
    ],
  },
  {
    fill: '#b9bdb6',
    points: [
      [16, 32],
      [24, 32],
      [24, 34],
      [16, 34],
    ],
  },
  {
    fill: '#b9bdb6',
    points: [
      [39, 33],
      [47, 33],
      [47, 35],
      [39, 35],
    ],
  },
]

function rounded(x, y, width, height, radius) {
  const corners = [
    [x + width - radius, y + radius, -90],
    [x + width - radius, y + height - radius, 0],
    [x + radius, y + height - radius, 90],
    [x + radius, y + radius, 180],
  ]
  return corners.flatMap(([cx, cy, from]) =>
    Array.from({ length: 7 }, (_, i) => {
      const angle = ((from + i * 15) * Math.PI) / 180
      return [round(cx + radius * Math.cos(angle)), round(cy + radius * Math.sin(angle))]
    }),
  )
}

function round(number) {
  return Math.round(number * 100) / 100
}

export function svg() {
  const polygons = shapes.map(
    ({ fill, points }) => `  <polygon fill="${fill}" points="${points.map((p) => p.join(',')).join(' ')}"/>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">\n${polygons.join('\n')}\n</svg>\n`
}

/** Even-odd: is the point inside? All shapes are convex. */
function contains(points, x, y) {
  let inside = false
  for (let i = 0, j = points.length - 1; i < points.length; j = i, i += 1) {
    const [xi, yi] = points[i]
    const [xj, yj] = points[j]
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
const solid = shapes.map(({ fill, points }) => {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
  return { rgb: channels(fill), points, box }
})

/** Colour at a point of the 64-unit grid: [r, g, b], or undefined outside. */
function colourAt(x, y) {
  for (let i = solid.length - 1; i >= 0; i -= 1) {
    const { rgb, points, box } = solid[i]
    const isNear = x >= box[0] && y >= box[1] && x <= box[2] && y <= box[3]
    if (isNear && contains(points, x, y)) return rgb
  }
  return undefined
}

/** RGBA pixels, 16 samples each. */
export function pixels(size) {
  const data = Buffer.alloc(size * size * 4)
  const steps = [0.125, 0.375, 0.625, 0.875]
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const sum = [0, 0, 0]
      let hits = 0
      for (const dy of steps) {
        for (const dx of steps) {
          const rgb = colourAt(((column + dx) * 64) / size, ((row + dy) * 64) / size)
          if (rgb === undefined) continue
          hits += 1
          for (let c = 0; c < 3; c += 1) sum[c] += rgb[c]
        }
      }
      const at = (row * size + column) * 4
      for (let c = 0; c < 3; c += 1) data[at + c] = hits === 0 ? 0 : Math.round(sum[c] / hits)
      data[at + 3] = Math.round((hits * 255) / 16)
    }
  }
  return data
}

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  return c >>> 0
})

function crc32(bytes) {
  let crc = 0xffffffff
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, crc])
}

export function png(size) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8) // 8 bits a channel, RGBA
  const data = pixels(size)
  const rows = Array.from({ length: size }, (_, row) => [
    Buffer.from([0]),
    data.subarray(row * size * 4, (row + 1) * size * 4),
  ])
  const image = deflateSync(Buffer.concat(rows.flat()), { level: 9 })
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', image), chunk('IEND', Buffer.alloc(0))])
}

/** Writes the files that are missing or differ. */
export async function writeIcons() {
  await fs.mkdir(folder, { recursive: true })
  const files = [['tlos.svg', Buffer.from(svg())], ...sizes.map((size) => [`${size}x${size}.png`, png(size)])]
  for (const [name, bytes] of files) {
    const file = path.join(folder, name)
    const now = await fs.readFile(file).catch(() => undefined)
    if (now === undefined || !now.equals(bytes)) await fs.writeFile(file, bytes)
  }
}

if (isMain(import.meta.url)) await writeIcons()
