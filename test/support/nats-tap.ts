// A TCP proxy in front of a real nats-server that writes down each command of each client as it was sent: what is on the wire,
// and in which order, as no subscriber can see it.

import { createServer, connect as dial, type Socket } from 'node:net'

/** One command of a client. */
export interface Tapped {
  /** The client, as the test calls it. */
  readonly who: string
  readonly op: 'SUB' | 'PUB'
  readonly subject: string
  /** Of a subscription. */
  readonly queue?: string
  readonly reply?: string
  /** The header block byte for byte. */
  readonly headers?: string
  readonly data: Uint8Array
}

export interface NatsTap {
  /** Where a client of that name connects instead of the server. */
  urlFor(who: string): Promise<string>
  /** Everything so far, in the order in which it passed. */
  readonly log: readonly Tapped[]
  close(): Promise<void>
}

const nothing = new Uint8Array(0)

export function openNatsTap(serverUrl: string): NatsTap {
  const target = Number(new URL(serverUrl).port)
  const log: Tapped[] = []
  const servers: ReturnType<typeof createServer>[] = []
  const sockets = new Set<Socket>()
  return {
    log,
    async urlFor(who) {
      const server = createServer((client) => {
        const upstream = dial(target, '127.0.0.1')
        const listen = createParser((each) => log.push({ who, ...each }))
        for (const [from, to] of [
          [client, upstream],
          [upstream, client],
        ] as const) {
          sockets.add(from)
          from.on('data', (chunk: Buffer) => {
            // Written down first: whatever it causes is written down behind it.
            if (from === client) listen(chunk)
            if (to.write(chunk)) return
            from.pause()
            to.once('drain', () => from.resume())
          })
          from.on('close', () => to.destroy())
          from.on('error', () => from.destroy())
        }
      })
      servers.push(server)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', resolve)
      })
      const address = server.address()
      return `nats://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

/** Takes what a client sends in pieces of any size, and tells its publications and subscriptions. */
function createParser(tell: (each: Omit<Tapped, 'who'>) => void): (chunk: Buffer) => void {
  let held = Buffer.alloc(0)
  return (chunk) => {
    held = Buffer.concat([held, chunk])
    for (;;) {
      const lineEnd = held.indexOf('\r\n')
      if (lineEnd < 0) return
      const [op = '', ...words] = held.subarray(0, lineEnd).toString().trim().split(/\s+/)
      const start = lineEnd + 2
      if (op !== 'PUB' && op !== 'HPUB') {
        const [subject = ''] = words
        const [, queue] = words.length === 3 ? words : []
        if (op === 'SUB') tell({ op, subject, ...(queue === undefined ? {} : { queue }), data: nothing })
        held = held.subarray(start)
        continue
      }
      const total = Number(words.at(-1))
      if (held.length < start + total + 2) return
      const headBytes = op === 'HPUB' ? Number(words.at(-2)) : 0
      const [subject = '', ...more] = words.slice(0, op === 'HPUB' ? -2 : -1)
      const [reply] = more
      const payload = held.subarray(start, start + total)
      tell({
        op: 'PUB',
        subject,
        ...(reply === undefined ? {} : { reply }),
        ...(headBytes === 0 ? {} : { headers: payload.subarray(0, headBytes).toString('latin1') }),
        data: new Uint8Array(payload.subarray(headBytes)),
      })
      held = held.subarray(start + total + 2)
    }
  }
}
