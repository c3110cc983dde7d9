// Does the server answer, and is it the one we started? By its greeting: the first line of a NATS connection, `INFO {…}`,
// carries the server's name. Another program on the port is not taken for ours.

import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import * as v from 'valibot'
import { loopback, type Ports } from './nats-config.js'

const Info = v.object({ server_name: v.string(), jetstream: v.optional(v.boolean(), false) })

/** A greeting is below 2 KiB. */
const maxGreeting = 16_384
const tryMs = 1_000
const stepMs = 25

function greet(port: number): Promise<v.InferOutput<typeof Info> | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: loopback, port })
    let text = ''
    const done = (info?: v.InferOutput<typeof Info>): void => {
      socket.destroy()
      resolve(info)
    }
    socket.setTimeout(tryMs, () => done())
    socket.on('error', () => done())
    socket.on('close', () => resolve(undefined))
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      const end = text.indexOf('\r\n')
      if (end < 0) {
        if (text.length > maxGreeting) done()
        return
      }
      try {
        const parsed = text.startsWith('INFO ') ? v.safeParse(Info, JSON.parse(text.slice(5, end))) : undefined
        done(parsed?.success === true ? parsed.output : undefined)
      } catch {
        // Some other program that begins with INFO.
        done()
      }
    })
  })
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: loopback, port })
    const done = (isFine: boolean): void => {
      socket.destroy()
      resolve(isFine)
    }
    socket.setTimeout(tryMs, () => done(false))
    socket.on('error', () => done(false))
    socket.on('connect', () => done(true))
  })
}

/** True when our server answers on both ports with JetStream; false after `limitMs`, or when `isOver` says so. */
export async function awaitServer(
  ports: Ports,
  serverName: string,
  limitMs: number,
  isOver: () => boolean,
): Promise<boolean> {
  const end = performance.now() + limitMs
  while (performance.now() < end && !isOver()) {
    const info = await greet(ports.nats)
    if (info?.server_name === serverName && info.jetstream && (await accepts(ports.webSocket))) return true
    await delay(stepMs)
  }
  return false
}
