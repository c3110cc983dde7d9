// Numbers and times of claims, which those of components and of providers have alike. Pure.

import * as v from 'valibot'

export const whole = v.pipe(v.number(), v.integer())

/** Seconds since 1970, in a token. */
export const seconds = v.pipe(whole, v.minValue(0))

/** As events have it: seconds as text, or `never`, or words of an older host; undefined: none that is known. */
export function timeOfEvent(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

export function timeToEvent(time: number | undefined): string {
  return time?.toString() ?? 'never'
}
