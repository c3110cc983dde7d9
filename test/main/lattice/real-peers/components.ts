// Components for real hosts, as text: small, since a debug build of a host takes its time to compile, and with every type
// of value at their borders.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseWat } from '../../wasm/wat.js'

const fixture = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../fixtures-wat/${name}.wat`, import.meta.url)), 'utf8')

/** Doubles; what `relay` of the fixtures calls. */
export const doubler = (): Promise<Uint8Array> =>
  parseWat(`(component
    (core module $m (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
    (core instance $i (instantiate $m))
    (func $double (param "n" u32) (result u32) (canon lift (core func $i "double")))
    (instance $out (export "double" (func $double)))
    (export "demo:far/numbers@1.2.0" (instance $out)))`)

/** Says its one word to whoever calls it: all that `wash call` can do with a component that is no HTTP server. */
export const sayer = (word: string): Promise<Uint8Array> =>
  parseWat(`(component
    (core module $m
      (memory (export "memory") 1)
      (data (i32.const 16) "${word}")
      (func (export "say") (result i32)
        (i32.store (i32.const 0) (i32.const 16))
        (i32.store (i32.const 4) (i32.const ${word.length}))
        (i32.const 0)))
    (core instance $i (instantiate $m))
    (alias core export $i "memory" (core memory $memory))
    (func $say (result string) (canon lift (core func $i "say") (memory $memory)))
    (instance $out (export "say" (func $say)))
    (export "demo:words/words@0.1.0" (instance $out)))`)

const mirrorInterface = 'demo:mirror/io@0.1.0'
const passInterface = 'demo:pass/io@0.1.0'

/** Name and types of each function of `mirror.wat`, as it writes them. */
const mirrorFunctions = (): (readonly [name: string, type: string])[] =>
  [...fixture('mirror').matchAll(/\(func \(export "(mirror-[^"]+)"\) (\(param .*\) \(result .*\))\n/g)].map(
    ([, name = '', type = '']) => [name, type],
  )

const typesOf = (text: string): string => {
  const from = text.indexOf('(import "demo:mirror/types')
  return text.slice(from, text.indexOf('(core module'))
}

/** `mirror.wat` with its functions in an interface: links know no functions at the root of a world. */
export function mirrorInInterface(): Promise<Uint8Array> {
  const text = fixture('mirror')
    .trimEnd()
    .replace(/\(func \(export "(mirror-[^"]+)"\)/g, '(func $$$1')
  const members = mirrorFunctions().map(([name]) => `(export "${name}" (func $${name}))`)
  return parseWat(
    `${text.slice(0, -1)} (instance $out ${members.join(' ')}) (export "${mirrorInterface}" (instance $out)))`,
  )
}

/** Hands every value on to the mirror at the end of its link, and gives back what comes. */
export function passer(): Promise<Uint8Array> {
  const functions = mirrorFunctions()
  const named = ['unit', 'days', 'point', 'reading', 'shape']
  const inside = (type: string): string => type.replace(/\$(\w+)/g, '$$own-$1')
  const text = fixture('mirror')
  return parseWat(`(component
    ${typesOf(text)}
    (import "${mirrorInterface}" (instance $io
      ${named.map((name) => `(alias outer 1 $${name} (type $outer-${name})) (export "${name}" (type $own-${name} (eq $outer-${name})))`).join('\n')}
      ${functions.map(([name, type]) => `(export "${name}" (func ${inside(type)}))`).join('\n')}))
    (core module $memory
      (memory (export "memory") 1)
      (global $next (mut i32) (i32.const 64))
      (func (export "realloc") (param $old i32) (param $oldSize i32) (param $align i32) (param $size i32) (result i32)
        (local $place i32)
        (local.set $place (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $next (i32.add (local.get $place) (local.get $size)))
        (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
          (then (drop (memory.grow (i32.add (i32.const 1)
            (i32.div_u (i32.sub (global.get $next) (i32.mul (memory.size) (i32.const 65536))) (i32.const 65536)))))))
        (local.get $place))
      (func (export "free") (param i32) (global.set $next (i32.const 64))))
    (core instance $room (instantiate $memory))
    (alias core export $room "memory" (core memory $mem))
    (alias core export $room "realloc" (core func $realloc))
    (alias core export $room "free" (core func $free))
    ${functions.map(([name]) => `(core func $to-${name} (canon lower (func $io "${name}") (memory $mem) (realloc $realloc)))`).join('\n')}
    (core module $m
      ${functions.map(([name]) => `(import "io" "${name}" (func $${name} (param i32 i32 i32)))`).join('\n')}
      ${functions.map(([name]) => `(func (export "${name}") (param i32 i32) (result i32) (call $${name} (local.get 0) (local.get 1) (i32.const 8)) (i32.const 8))`).join('\n')})
    (core instance $i (instantiate $m (with "io" (instance
      ${functions.map(([name]) => `(export "${name}" (func $to-${name}))`).join('\n')}))))
    ${functions.map(([name, type]) => `(func $${name} ${type} (canon lift (core func $i "${name}") (memory $mem) (realloc $realloc) (post-return $free)))`).join('\n')}
    (instance $out ${functions.map(([name]) => `(export "${name}" (func $${name}))`).join(' ')})
    (export "${passInterface}" (instance $out)))`)
}
