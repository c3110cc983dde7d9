// An answer of the bridge that is asked for while a panel is open, again and again or when told to. Nothing new draws
// nothing; trouble is kept beside the last answer, which stays.

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Outcome } from '../../../preload/contract.js'
import type { Failure } from '../../../preload/records.js'

export interface Asked<T> {
  /** Undefined until the first answer. */
  readonly value: T | undefined
  readonly failure: Failure | undefined
  /** Asks at once. */
  refresh(): void
}

/** `ask` must stay the same function as long as it asks the same. */
export function useAsked<T>(ask: () => Promise<Outcome<T>>, everyMs: number | undefined): Asked<T> {
  const [value, setValue] = useState<T>()
  const [failure, setFailure] = useState<Failure>()
  const again = useRef<() => void>(() => undefined)
  useEffect(() => {
    let isWanted = true
    let isAsking = false
    let isStale = false
    let timer: ReturnType<typeof setTimeout> | undefined
    let last = ''
    const run = (): void => {
      clearTimeout(timer)
      // One question at a time; what was asked for meanwhile is asked afterwards.
      if (isAsking) {
        isStale = true
        return
      }
      isAsking = true
      void ask().then((outcome) => {
        isAsking = false
        if (!isWanted) return
        setFailure(outcome.ok ? undefined : outcome.failure)
        if (outcome.ok) {
          const text = JSON.stringify(outcome.value)
          if (text !== last) setValue(outcome.value)
          last = text
        }
        if (isStale) {
          isStale = false
          run()
        } else if (everyMs !== undefined) timer = setTimeout(run, everyMs)
      })
    }
    again.current = run
    run()
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [ask, everyMs])
  const refresh = useCallback(() => again.current(), [])
  return { value, failure, refresh }
}
