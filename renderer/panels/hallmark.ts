// The hallmark of a component: a mark made from the digest of its bytes. Same bytes, same mark, everywhere. Pure.

export type HallmarkMiddle = 'dot' | 'square' | 'triangle' | 'cross'

/** Eight arcs clockwise from the top, thick where true, and what stands in the middle. */
export interface HallmarkShape {
  readonly arcs: readonly boolean[]
  readonly middle: HallmarkMiddle
}

const middles: readonly HallmarkMiddle[] = ['dot', 'square', 'triangle', 'cross']

/** Eight bits of the digest for the arcs, two more for the middle. Without a digest: `undefined`, drawn as a bare ring. */
export function hallmarkOf(digest: string | undefined): HallmarkShape | undefined {
  const hex = digest?.replace(/^sha256:/, '').toLowerCase()
  if (hex === undefined || !/^[0-9a-f]{4}/.test(hex)) return undefined
  const ring = Number.parseInt(hex.slice(0, 2), 16)
  const inner = Number.parseInt(hex.slice(2, 4), 16) & 3
  return {
    arcs: Array.from({ length: 8 }, (_, index) => ((ring >> (7 - index)) & 1) === 1),
    middle: middles[inner] ?? 'dot',
  }
}

/** The digest inside an image reference, if it is addressed by content. */
export function digestOfReference(imageRef: string): string | undefined {
  return /(?:sha256[:/])([0-9a-f]{64})/.exec(imageRef)?.[1]
}
