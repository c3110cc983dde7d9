// Shows the time of the host it stands on, in UTC, as digits and as a face, to the minute: a desktop that lies still draws
// nothing for it. Keeps nothing.

import wallClock from 'wasi:clocks/wall-clock@0.2.0'
import type { Frame, WindowEvent } from '../../window-kit/content.js'
import { bigText, column, keepWindow, row, text } from '../../window-kit/window.js'
import { face } from './face.js'

const ids = { body: 1, face: 2, words: 3, time: 4, date: 5 }
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

function read(): Date {
  const { seconds, nanoseconds } = wallClock.now()
  return new Date(Number(seconds) * 1_000 + Math.floor(nanoseconds / 1_000_000))
}

const two = (value: number): string => String(value).padStart(2, '0')

/** A little into it, so that an early tick does not come twice. */
const untilNextMinute = (): number => 60_000 - (read().getTime() % 60_000) + 20

const kept = keepWindow(() => {
  const now = read()
  const [hours, minutes] = [now.getUTCHours(), now.getUTCMinutes()]
  const weekday = weekdays[now.getUTCDay()] ?? ''
  const month = months[now.getUTCMonth()] ?? ''
  return [
    { id: ids.body, content: row },
    { id: ids.face, in: ids.body, content: face(hours, minutes) },
    { id: ids.words, in: ids.body, content: column },
    { id: ids.time, in: ids.words, content: bigText(`${two(hours)}:${two(minutes)}`) },
    {
      id: ids.date,
      in: ids.words,
      content: text(`${weekday}, ${now.getUTCDate()} ${month} ${now.getUTCFullYear()}, UTC`, 'muted'),
    },
  ]
}, untilNextMinute)

export const clock = {
  now: (): string => read().toISOString(),
}

export const window = {
  open: (): Frame => kept.open(),
  handle: (_event: WindowEvent): Frame => kept.update(),
}
