// IP addresses as text and numbers, and which of them are public: what a name may resolve to when only a name was granted.
// Pure. Source: the IANA special-purpose address registries (RFC 6890).

/** Four numbers of 8 bits or eight of 16. */
export type IpAddress =
  { readonly family: 4; readonly parts: readonly number[] } | { readonly family: 6; readonly parts: readonly number[] }

export type Reach = 'public' | 'loopback' | 'private'

/** `127.0.0.1` or `::1`, without brackets or zone; undefined for everything else, octal and short forms included. */
export function parseAddress(text: string): IpAddress | undefined {
  const four = parseFour(text)
  if (four !== undefined) return { family: 4, parts: four }
  const six = parseSix(text)
  return six === undefined ? undefined : { family: 6, parts: six }
}

function parseFour(text: string): number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined
  const pieces = text.split('.')
  // A leading zero means octal to some and decimal to others.
  if (pieces.some((piece) => piece.length > 1 && piece.startsWith('0'))) return undefined
  const parts = pieces.map(Number)
  return parts.every((part) => part <= 255) ? parts : undefined
}

function parseSix(text: string): number[] | undefined {
  if (!text.includes(':') || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half) => (half === '' ? [] : parseGroups(half)))
  const [head, tail] = groups
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  if (tail === undefined) return head.length === 8 ? head : undefined
  const missing = 8 - head.length - tail.length
  return missing < 1 ? undefined : [...head, ...Array.from({ length: missing }, () => 0), ...tail]
}

function parseGroups(text: string): number[] | undefined {
  const pieces = text.split(':')
  const numbers: number[] = []
  for (const [index, piece] of pieces.entries()) {
    if (piece.includes('.')) {
      const four = index === pieces.length - 1 ? parseFour(piece) : undefined
      if (four === undefined) return undefined
      const [a = 0, b = 0, c = 0, d = 0] = four
      numbers.push(a * 256 + b, c * 256 + d)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(piece)) return undefined
      numbers.push(Number.parseInt(piece, 16))
    }
  }
  return numbers
}

/** One spelling for each address: v4 in dots, v6 as eight groups. */
export const formatAddress = ({ family, parts }: IpAddress): string =>
  family === 4 ? parts.join('.') : parts.map((part) => part.toString(16)).join(':')

/** Where an address leads. Everything that is not plainly public is `private`: link-local, multicast, reserved. */
export function reachOf({ family, parts }: IpAddress): Reach {
  return family === 4 ? reachOfFour(parts) : reachOfSix(parts)
}

function reachOfFour([a = 0, b = 0, c = 0]: readonly number[]): Reach {
  if (a === 127) return 'loopback'
  const isSpecial =
    a === 0 ||
    a === 10 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 192 && b === 88 && c === 99) ||
    (a === 192 && b === 168) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224
  return isSpecial ? 'private' : 'public'
}

function reachOfSix(parts: readonly number[]): Reach {
  const inside = embeddedFour(parts)
  if (inside !== undefined) return reachOfFour(inside)
  const [a = 0, b = 0] = parts
  if (parts.slice(0, 7).every((part) => part === 0)) return parts[7] === 1 ? 'loopback' : 'private'
  const isGlobal = a >= 0x2000 && a < 0x4000
  const isReserved = (a === 0x2001 && (b < 0x200 || b === 0x0db8)) || (a === 0x3fff && b < 0x1000)
  return isGlobal && !isReserved ? 'public' : 'private'
}

/** The v4 address that a v6 one stands for: mapped, translated (64:ff9b::/96) or 6to4. */
function embeddedFour(parts: readonly number[]): readonly number[] | undefined {
  const four = (high = 0, low = 0): readonly number[] => [high >> 8, high & 255, low >> 8, low & 255]
  const [a, b, c, d, e, f, g, h] = parts
  const startsEmpty = a === 0 && b === 0 && c === 0 && d === 0
  if (startsEmpty && ((e === 0 && f === 0xffff) || (e === 0xffff && f === 0))) return four(g, h)
  // `::1.2.3.4`, long deprecated; `::` and `::1` are addresses of their own.
  if (startsEmpty && e === 0 && f === 0 && g !== 0) return four(g, h)
  if (a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0) return four(g, h)
  if (a === 0x2002) return four(b, c)
  return undefined
}
