// What is asked and permitted, as main has it now: read once, then told at each change.

import { useEffect, useState } from 'react'
import type { PermitsView } from '../../../preload/permits.js'
import { useGround, useLattice } from '../hooks.js'

/** Undefined until it is known, and while there is no lattice. */
export function usePermits(): PermitsView | undefined {
  const { shell } = useGround()
  const state = useLattice(({ connection }) => connection.state)
  const [view, setView] = useState<PermitsView>()
  useEffect(() => {
    let isWanted = true
    const off = shell.on('permit.changed', setView)
    void shell.call('permit.view').then((outcome) => {
      if (isWanted) setView(outcome.ok ? outcome.value : undefined)
    })
    return () => {
      isWanted = false
      off()
    }
  }, [shell, state])
  return view
}
