// Keeps what its host gives it: buckets, timers, streams, and a request, of which nobody can make another one.
import stdin from 'wasi:cli/stdin@0.2.0'
import stdout from 'wasi:cli/stdout@0.2.0'
import monotonicClock from 'wasi:clocks/monotonic-clock@0.2.0'
import { Fields, OutgoingRequest } from 'wasi:http/types@0.2.0'
import store from 'wasi:keyvalue/store@0.2.0-draft'

const buckets = new Map()
const timers = []
let output
let input
let request
let heard = 0
const nowMs = () => Number(monotonicClock.now()) / 1e6
const bytesOf = (text) => Uint8Array.from([...text].map((letter) => letter.charCodeAt(0)))

const operations = {
  open: (name) => buckets.set(name, store.open(name)).size,
  get: (name, n) => String.fromCharCode(...(buckets.get(name).get(String(n)) ?? [63])),
  close: (name) => {
    buckets.get(name)?.[Symbol.dispose]?.()
    return buckets.delete(name)
  },
  timer: (_name, ms) => timers.push(monotonicClock.subscribeDuration(ms * 1_000_000)),
  due: () => timers.map((timer) => timer.ready()),
  wait: (_name, index) => {
    const since = nowMs()
    timers[index].block()
    return Math.floor(nowMs() - since)
  },
  // Whether time went on, and by how many ms since it was asked last.
  clock: () => {
    const now = nowMs()
    const [isForward, ms] = [now >= heard, now - heard]
    heard = now
    return [isForward, ms]
  },
  print: (name) => {
    output ??= stdout.getStdout()
    output.blockingWriteAndFlush(bytesOf(`${name}\n`))
    return true
  },
  input: () => ((input ??= stdin.getStdin()), true),
  request: () => ((request ??= new OutgoingRequest(new Fields())), true),
}
export const run = (operation, name, n) => JSON.stringify(operations[operation](name, n) ?? null)
