// Numbers, sizes, times and ages as a person reads them, by locale. Values in, text out; the present is an argument.

import type { Words } from './en.js'

export type Locale = 'en' | 'ru'

/** Formats for one language; made once per language, for `Intl` objects are dear. */
export interface Format {
  count(value: number): string
  /** At most one digit after the comma below 10, none above. */
  rate(value: number): string
  percent(share: number): string
  ms(value: number): string
  bytes(value: number): string
  /** Hours and minutes of a wall clock. */
  time(atMs: number): string
  timeToSeconds(atMs: number): string
  date(atMs: number): string
  /** How long ago, in one unit. */
  age(ms: number): string
}

const thinSpaced = (text: string): string => text.replace(/[\u00a0\u202f]/g, '\u2009')

export function createFormat(locale: Locale, words: Words): Format {
  const tag = locale === 'ru' ? 'ru-RU' : 'en-GB'
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0, useGrouping: true })
  const one = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 })
  const clock = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit' })
  const exactClock = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const day = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', year: 'numeric' })
  const count = (value: number): string => {
    const text = whole.format(value)
    // Both languages group with a thin space, and only from five digits on, as tables in look.md do.
    return thinSpaced(locale === 'en' ? text.replaceAll(',', '\u2009') : text)
  }
  const short = (value: number): string => (Math.abs(value) < 10 ? thinSpaced(one.format(value)) : count(value))
  return {
    count,
    rate: (value) => (value >= 10_000 ? `${one.format(value / 1_000)}k` : short(value)),
    percent: (share) => `${whole.format(Math.round(share * 100))}\u2009%`,
    ms: (value) =>
      value >= 10_000 ? `${short(value / 1_000)}\u2009${words.unit.s}` : `${short(value)}\u2009${words.unit.ms}`,
    bytes: (value) => {
      if (value < 1_024) return `${count(value)}\u2009${words.unit.bytes}`
      if (value < 1_048_576) return `${short(value / 1_024)}\u2009${words.unit.kib}`
      return `${short(value / 1_048_576)}\u2009${words.unit.mib}`
    },
    time: (atMs) => clock.format(atMs),
    timeToSeconds: (atMs) => exactClock.format(atMs),
    date: (atMs) => day.format(atMs),
    age: (ms) => {
      const seconds = Math.max(0, Math.floor(ms / 1_000))
      if (seconds < 100) return words.age.seconds(String(seconds))
      const minutes = Math.floor(seconds / 60)
      if (minutes < 100) return words.age.minutes(String(minutes))
      const hours = Math.floor(minutes / 60)
      return hours < 48 ? words.age.hours(String(hours)) : words.age.days(String(Math.floor(hours / 24)))
    },
  }
}
