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

/** A component that imports one function of the interface, and needs nothing else. */
export const importOf = (name: string): Promise<Uint8Array> =>
  parseWat(`(component
    (import "${name}" (instance $i (export "f" (func (result u32)))))
    (core func $f (canon lower (func $i "f")))
    (core module $m (import "i" "f" (func $f (result i32))) (func (export "g") (result i32) (call $f)))
    (core instance $c (instantiate $m (with "i" (instance (export "f" (func $f))))))
    (func (export "g") (result u32) (canon lift (core func $c "g"))))`)
