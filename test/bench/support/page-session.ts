// Evaluates in a page of a running Electron through its debugging port. The whole client: a driver of browsers would
// slow the start that is to be measured.

import WebSocket from 'ws'

export interface PageSession {
  /** Value of an expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>
  close(): void
}

interface Reply {
  readonly id?: number
  readonly error?: { readonly message: string }
  readonly result?: {
    readonly result?: { readonly value?: unknown }
    readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } }
  }
}

const againMs = 20

/** Waits until the port of this browser has a page, within the limit. */
export async function openPageSession(browserUrl: string, limitMs: number): Promise<PageSession> {
  const { host } = new URL(browserUrl)
  const end = performance.now() + limitMs
  let pageUrl: string | undefined
  while (pageUrl === undefined) {
    const targets = await fetch(`http://${host}/json/list`)
      // The format of Chromium's own list.
      .then(async (response) => (await response.json()) as { type: string; webSocketDebuggerUrl: string }[])
      .catch(() => [])
    pageUrl = targets.find((target) => target.type === 'page')?.webSocketDebuggerUrl
    if (pageUrl !== undefined) break
    if (performance.now() > end) throw new Error(`no page at ${host} within ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, againMs))
  }
  const socket = new WebSocket(pageUrl)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  const waiting = new Map<number, (reply: Reply) => void>()
  let last = 0
  socket.on('message', (data: Buffer) => {
    const reply = JSON.parse(data.toString('utf8')) as Reply
    if (reply.id === undefined) return
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  socket.on('close', () => {
    for (const answer of waiting.values()) answer({ error: { message: 'the page is gone' } })
    waiting.clear()
  })

  return {
    async evaluate<T>(expression: string): Promise<T> {
      last += 1
      const id = last
      const answered = new Promise<Reply>((resolve) => waiting.set(id, resolve))
      const params = { expression, awaitPromise: true, returnByValue: true }
      socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params }))
      const { error, result } = await answered
      const trouble = result?.exceptionDetails
      if (error !== undefined) throw new Error(error.message)
      if (trouble !== undefined) throw new Error(trouble.exception?.description ?? trouble.text)
      // Whoever asks knows what the expression gives.
      return result?.result?.value as T
    },
    close: () => socket.close(),
  }
}
