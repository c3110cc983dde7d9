// Drawn signs: hallmark, states, kinds of node, capabilities, buttons. All are strokes of the current colour on a
// 16 x 16 field; a sign never stands alone for a meaning, a word is beside it or in its title.

import type { ReactNode } from 'react'
import { hallmarkOf } from './hallmark.js'

const shapes = {
  starting: <circle cx="8" cy="8" r="5.2" strokeDasharray="2.4 2.4" />,
  running: <circle cx="8" cy="8" r="4.6" fill="currentColor" stroke="none" />,
  busy: (
    <>
      <circle cx="8" cy="8" r="5" />
      <path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" stroke="none" />
    </>
  ),
  moving: <path d="M2 8h11M9 3.8 13.2 8 9 12.2" />,
  failed: <path d="m3.5 3.5 9 9m0-9-9 9" strokeWidth="2.6" />,
  stopped: <rect x="3.5" y="3.5" width="9" height="9" />,
  'not-heard': (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M8 4.8V8l2.4 1.4" />
    </>
  ),
  desktop: (
    <>
      <rect x="1.5" y="2.5" width="13" height="9" rx="1" />
      <path d="M5 14h6M8 11.5V14" />
    </>
  ),
  tlos: <path d="M1.5 2.5h13v4.7h-13zm0 6.3h13v4.7h-13zM4 4.9h2m-2 6.2h2" />,
  'wasmcloud-v2': <path d="m8 1.8 5.8 3.3v5.8L8 14.2l-5.8-3.3V5.1zM6 6.4a2 2 0 0 1 4 0c0 1.6-4 2.2-4 4h4" />,
  wasmcloud: <path d="m8 1.8 5.8 3.3v5.8L8 14.2l-5.8-3.3V5.1z" />,
  barrier: <path d="M2 11V6h12v5M4 6 7 11M8.5 6l3 5M3.5 11v2.5m9-2.5v2.5" />,
  barred: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="m4.2 4.2 7.6 7.6" />
    </>
  ),
  check: <path d="m2.8 8.6 3.4 3.4 7-8" strokeWidth="2" />,
  triangle: <path d="M8 2.2 14.4 13H1.6zM8 6.4v3M8 11v.6" />,
  minimise: <path d="M3.5 12h9" strokeWidth="1.8" />,
  maximise: <rect x="3" y="3.5" width="10" height="9" strokeWidth="1.8" />,
  close: <path d="m3.6 3.6 8.8 8.8m0-8.8-8.8 8.8" strokeWidth="1.8" />,
  lattice: <path d="m8 2.5 6.5 3L8 8.5l-6.5-3zM1.5 9 8 12l6.5-3" />,
  launch: (
    <path
      d="M2.5 2.5h4.2v4.2H2.5zm6.8 0h4.2v4.2H9.3zm-6.8 6.8h4.2v4.2H2.5zm6.8 0h4.2v4.2H9.3z"
      fill="currentColor"
      stroke="none"
    />
  ),
  file: <path d="M4 1.8h5L12.5 5v9.2H4zM8.8 2v3.4h3.6M8.2 7.4v4.4m-2-2 2 2 2-2" />,
  keyvalue: <path d="M3 4h10M3 8h7M3 12h9" />,
  blobstore: <path d="m8 2.6 4.8 2.7v5.4L8 13.4l-4.8-2.7V5.3z" />,
  'http-in': <path d="M2 8h7M6.5 5.2 9.3 8l-2.8 2.8M12.5 3v10" />,
  'http-out': <path d="M3.5 3v10M6 8h7.5M11 5.2 13.8 8 11 10.8" />,
  messaging: <path d="M2.5 3.5h11v7.2H7.4L4.8 13v-2.3H2.5z" />,
  logging: <path d="M3 3.5h10M3 6.5h6M3 9.5h10M3 12.5h5" />,
  crypto: <path d="M5.5 8a2.6 2.6 0 1 1 0 .1M8 8h6v2.6M11.4 8v2" />,
  render: <path d="M2.5 3h11v10h-11zM2.5 6h11" />,
  provider: <path d="M3.5 6.5h9v4.2a2.5 2.5 0 0 1-2.5 2.5H6a2.5 2.5 0 0 1-2.5-2.5zM6 6.5V3m4 3.5V3" />,
  cable: <path d="M2 11.5h5.5a2 2 0 0 0 2-2v-3a2 2 0 0 1 2-2H14" />,
  goto: (
    <>
      <circle cx="8" cy="8" r="4.4" />
      <path d="M8 1.2v3M8 11.8v3M1.2 8h3M11.8 8h3" />
    </>
  ),
  view: (
    <path d="M1.8 8s2.3-4 6.2-4 6.2 4 6.2 4-2.3 4-6.2 4-6.2-4-6.2-4zm6.2 1.6a1.6 1.6 0 1 1 0-3.2 1.6 1.6 0 0 1 0 3.2z" />
  ),
  restart: <path d="M12.8 8A4.8 4.8 0 1 1 11 4.2M11.4 1.8v2.8H8.6" />,
  gear: <path d="M2.5 4.5h5m3 0h3M9 3v3m-6.5 5.5h2m3 0h6M6 10v3" />,
  map: <path d="M2 3.5 6 2l4 1.5L14 2v10.5L10 14l-4-1.5L2 14zM6 2v10.5m4-9V14" />,
} satisfies Record<string, ReactNode>

export type GlyphName = keyof typeof shapes

/** A sign, hidden from assistive tools because the word is always near. */
export function Glyph({ name, size = 12 }: { readonly name: GlyphName; readonly size?: number }): ReactNode {
  return (
    <svg
      className="glyph"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      aria-hidden="true"
    >
      {shapes[name]}
    </svg>
  )
}

/** The sign of a capability by the name a fixture carries; a plug when the name is nobody's. */
export function capabilityGlyph(name: string): GlyphName {
  const word = name.toLowerCase().replaceAll(' ', '-')
  if (word in shapes) return word as GlyphName // just looked up
  if (word.replaceAll('-', '').includes('keyvalue')) return 'keyvalue'
  if (word.includes('blob')) return 'blobstore'
  if (word.includes('http')) return word.includes('client') || word.includes('out') ? 'http-out' : 'http-in'
  if (word.includes('messag') || word.includes('nats')) return 'messaging'
  if (word.includes('log')) return 'logging'
  return 'provider'
}

function arc(index: number, radius: number): string {
  const gap = 0.14
  const from = (index / 8) * 2 * Math.PI - Math.PI / 2 + gap
  const to = ((index + 1) / 8) * 2 * Math.PI - Math.PI / 2 - gap
  const at = (angle: number): string =>
    `${(8 + radius * Math.cos(angle)).toFixed(2)} ${(8 + radius * Math.sin(angle)).toFixed(2)}`
  return `M${at(from)}A${radius} ${radius} 0 0 1 ${at(to)}`
}

const middles = {
  dot: <circle cx="8" cy="8" r="2" fill="currentColor" stroke="none" />,
  square: <rect x="6.2" y="6.2" width="3.6" height="3.6" fill="currentColor" stroke="none" />,
  triangle: <path d="M8 5.6 10.3 9.8H5.7z" fill="currentColor" stroke="none" />,
  cross: <path d="M8 5.8v4.4M5.8 8h4.4" strokeWidth="1.6" />,
}

/** The hallmark of bytes; a dashed ring while nobody told the digest. */
export function Hallmark({
  digest,
  size = 17,
}: {
  readonly digest: string | undefined
  readonly size?: number
}): ReactNode {
  const shape = hallmarkOf(digest)
  return (
    <svg
      className="glyph"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      aria-hidden="true"
    >
      {shape === undefined ? (
        <circle cx="8" cy="8" r="6" strokeDasharray="1.6 2" strokeWidth="1.2" />
      ) : (
        <>
          {shape.arcs.map((isThick, index) => (
            <path key={index} d={arc(index, 6.2)} strokeWidth={isThick ? 3 : 1.1} />
          ))}
          {middles[shape.middle]}
        </>
      )}
    </svg>
  )
}
