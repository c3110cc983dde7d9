// A TCP proxy between a client and a server that can stop passing bytes without closing anything, as a cut cable does: for
// tests of partitions and of clients that do not read.

import { createServer, type Server, connect as dial, type Socket } from 'node:net'

export interface StallingProxy {
  /** Where to connect instead of the server. */
  readonly port: number
  /** Connections taken so far. */
  readonly taken: number
  /** Nothing passes from now on, in both directions or only towards the client; new connections are taken and stall as well. */
  stall(direction?: 'both' | 'to-client'): void
  /** What waited goes on. */
  flow(): void
  close(): Promise<void>
}

export async function openStallingProxy(target: number): Promise<StallingProxy> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket }>()
  let stalled: 'none' | 'both' | 'to-client' = 'none'
  let taken = 0
  const apply = ({ client, server }: { client: Socket; server: Socket }): void => {
    // Paused sockets keep the bytes in the kernel, whose buffers fill: what the other end sees of a peer that is gone.
    if (stalled === 'both') client.pause()
    else client.resume()
    if (stalled === 'none') server.resume()
    else server.pause()
  }
  const proxy: Server = createServer((client) => {
    taken += 1
    const server = dial(target, '127.0.0.1')
    const pair = { client, server }
    pairs.add(pair)
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        if (to.write(chunk)) return
        from.pause()
        to.once('drain', () => apply(pair))
      })
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
      from.on('error', () => from.destroy())
    }
    apply(pair)
  })
  await new Promise<void>((resolve, reject) => {
    proxy.once('error', reject)
    proxy.listen(0, '127.0.0.1', resolve)
  })
  const address = proxy.address()
  const set = (next: typeof stalled): void => {
    stalled = next
    for (const pair of pairs) apply(pair)
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get taken() {
      return taken
    },
    stall: (direction = 'both') => set(direction),
    flow: () => set('none'),
    async close() {
      for (const { client, server } of pairs) {
        client.destroy()
        server.destroy()
      }
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
