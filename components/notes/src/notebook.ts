// The notes between the window and the store: reads before it writes, and goes on in memory while the store cannot be
// reached. Knows the store by wasi:keyvalue alone.

import store from 'wasi:keyvalue/store@0.2.0-draft'
import { emptyList, formatList, mergeLists, parseList, type List } from './list.js'
import { decodeUtf8, encodeUtf8 } from './utf8.js'

const bucketName = 'default'
const key = 'notes'

let list: List = emptyList
/** In words, for the person; `undefined` while the store answers. */
let trouble: string | undefined
let hasUnsaved = false

/** What the store threw, as a sentence's end. Not every failure has the shape of the interface. */
function describeTrouble(error: unknown): string {
  if (typeof error === 'string') return error
  if (typeof error === 'object' && error !== null) {
    // The engine wraps the error of a `result` that is no text.
    if ('payload' in error) return describeTrouble(error.payload)
    const { tag, val, message } = error as { tag?: unknown; val?: unknown; message?: unknown }
    if (tag === 'no-such-store') return 'the store has no place for them'
    if (tag === 'access-denied') return 'the store does not let them in'
    if (typeof val === 'string') return val
    if (typeof message === 'string') return message
  }
  return 'the store gave no reason'
}

/** Runs one exchange with the store and remembers whether it answered. */
function reach(exchange: () => void): boolean {
  try {
    exchange()
    trouble = undefined
  } catch (error) {
    trouble = describeTrouble(error)
  }
  return trouble === undefined
}

function read(): List {
  const bytes = store.open(bucketName).get(key)
  if (bytes === null) return emptyList
  const text = decodeUtf8(bytes)
  if (text === undefined) throw 'what it holds for notes is no text'
  return parseList(text)
}

function write(next: List): void {
  store.open(bucketName).set(key, encodeUtf8(formatList(next)))
}

/** Takes over what the store has; what was written meanwhile goes into it. True: the store answered. */
export function refresh(): boolean {
  return reach(() => {
    const stored = read()
    if (hasUnsaved) {
      const merged = mergeLists(stored, list)
      write(merged)
      list = merged
      hasUnsaved = false
    } else {
      list = stored
    }
  })
}

/** Changes the list as it is in the store now, or in memory when the store does not answer. */
export function change(by: (list: List) => List): void {
  refresh()
  list = by(list)
  if (trouble !== undefined || !reach(() => write(list))) hasUnsaved = true
}

export const currentList = (): List => list
export const currentTrouble = (): string | undefined => trouble
