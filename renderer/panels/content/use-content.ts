// A window's content as React sees it: a session per actor and node. When the actor goes on at another node, what it
// last showed stays until its new node answers, so that a move does not blink.

import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Component } from '../../../preload/records.js'
import { useGround } from '../hooks.js'
import { openContentSession, type ContentSession, type ContentView } from './content-session.js'
import { emptyTree, type ContentTree } from './content-tree.js'

const opening: ContentView = { phase: 'opening', tree: emptyTree, trouble: undefined }
const deaf = (): (() => void) => () => undefined

/** The session while the actor can answer; `undefined` before that. */
export function useContent(
  component: Component,
  isSeen: boolean,
): { readonly session: ContentSession | undefined; readonly view: ContentView } {
  const { shell } = useGround()
  const [session, setSession] = useState<ContentSession>()
  const kept = useRef<ContentTree>(undefined)
  const canAnswer = component.state !== 'starting' && component.state !== 'failed' && component.state !== 'stopped'
  const { id, hostId } = component
  useEffect(() => {
    if (!canAnswer) return undefined
    const opened = openContentSession(shell, { componentId: id, hostId }, kept.current)
    setSession(opened)
    return () => {
      const { tree } = opened.view()
      if (tree.nodes.size > 0) kept.current = tree
      opened.close()
      setSession(undefined)
    }
  }, [shell, id, hostId, canAnswer])
  useEffect(() => session?.setSeen(isSeen), [session, isSeen])
  useEffect(() => session?.noteActivity(component.activity), [session, component.activity])
  const view = useSyncExternalStore(session?.onView ?? deaf, session?.view ?? (() => opening))
  return { session, view: session === undefined && kept.current !== undefined ? keptView(kept) : view }
}

function keptView(kept: { readonly current: ContentTree | undefined }): ContentView {
  return { phase: 'ready', tree: kept.current ?? emptyTree, trouble: undefined }
}
