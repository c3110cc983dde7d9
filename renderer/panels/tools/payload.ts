// Bytes written in hex as a person looks at them: in groups, and as text with a dot for what is none. Pure.

/** Sixteen bytes a line. */
export function asHex(hex: string): string {
  return (hex.match(/.{1,32}/g) ?? []).map((line) => (line.match(/../g) ?? []).join(' ')).join('\n')
}

export function asText(hex: string): string {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  // Half a character at the end, and what is no text at all, become dots.
  return new TextDecoder().decode(bytes).replaceAll(/[\p{Cc}\ufffd]/gu, '·')
}
