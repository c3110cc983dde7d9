// Counts. Its number is all it keeps, and it travels with it: `state` writes it as eight bytes, lowest first.

import type { Frame, WindowEvent } from '../../window-kit/content.js'
import { bigText, button, keepWindow, row, text } from '../../window-kit/window.js'

const ids = { label: 1, number: 2, buttons: 3, count: 4, reset: 5 }
/** Of the state's format: tag byte, then the number. */
const stateVersion = 1
const stateBytes = 9

let current = 0

const kept = keepWindow(
  () => [
    { id: ids.number, content: bigText(String(current)) },
    { id: ids.label, content: text(current === 1 ? 'time counted' : 'times counted', 'muted') },
    { id: ids.buttons, content: row },
    { id: ids.count, in: ids.buttons, content: button('Count', { primary: true }) },
    { id: ids.reset, in: ids.buttons, content: button('Reset', { disabled: current === 0 }) },
  ],
  () => null,
)

export const counter = {
  increment(): number {
    current += 1
    return current
  },
  value: (): number => current,
  reset(): void {
    current = 0
  },
}

export const state = {
  save(): Uint8Array {
    const view = new DataView(new ArrayBuffer(stateBytes))
    view.setUint8(0, stateVersion)
    view.setUint32(1, current >>> 0, true)
    view.setUint32(5, Math.floor(current / 2 ** 32), true)
    return new Uint8Array(view.buffer)
  },
  load(bytes: Uint8Array): void {
    // An error of a `result` is thrown as its plain value.
    if (bytes.length !== stateBytes || bytes[0] !== stateVersion) {
      throw `this is not a counter's state: ${bytes.length} bytes, format ${bytes[0] ?? 'none'}`
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const value = view.getUint32(1, true) + view.getUint32(5, true) * 2 ** 32
    if (!Number.isSafeInteger(value)) throw 'the number in this state is beyond what a counter can hold'
    current = value
  },
}

export const window = {
  open: (): Frame => kept.open(),
  handle(event: WindowEvent): Frame {
    if (event.action.tag === 'press') {
      if (event.target === ids.count) counter.increment()
      if (event.target === ids.reset) counter.reset()
    }
    return kept.update()
  },
}
