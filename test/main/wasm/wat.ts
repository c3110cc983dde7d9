// Component text to bytes, by the tools of jco.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from '@bytecodealliance/jco'

/** The component of `test/fixtures-wat/<name>.wat`. */
export function readWat(name: string): Promise<Uint8Array> {
  const path = fileURLToPath(new URL(`../../fixtures-wat/${name}.wat`, import.meta.url))
  return parseWat(readFileSync(path, 'utf8'))
}

/** Bytes of a component or core module written as text. */
export async function parseWat(text: string): Promise<Uint8Array> {
  return await parse(text)
}
