// WASI 0.2 for one guest, from the browser build of preview2-shim: no environment, no arguments, an empty file system, no
// network; real clocks and random numbers; output into the log. The bundler must give that build (build/wasm-entries.mjs):
// the one for Node reaches files and starts a thread.

import { webcrypto } from 'node:crypto'
import * as shimCli from '@bytecodealliance/preview2-shim/cli'
import * as shimClocks from '@bytecodealliance/preview2-shim/clocks'
import * as shimFilesystem from '@bytecodealliance/preview2-shim/filesystem'
import * as shimHttp from '@bytecodealliance/preview2-shim/http'
import * as shimIo from '@bytecodealliance/preview2-shim/io'
import * as shimRandom from '@bytecodealliance/preview2-shim/random'
import * as shimSockets from '@bytecodealliance/preview2-shim/sockets'
import type { GuestLog } from './guest-log.js'
import { GuestError } from './import-error.js'
import { createPoll } from './poll.js'
import type { Recipes } from './snapshot/recipes.js'
import { addStreamRecipes } from './snapshot/stream-recipes.js'

type Interfaces = Record<string, Record<string, unknown>>

const toKebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `wasi:pkg/iface` without versions, as the glue asks for them. Once per worker: the shim keeps state in its modules. */
export function createWasi(log: GuestLog, recipes: Recipes): Interfaces {
  if (typeof shimCli.createCli !== 'function') {
    throw new Error('this bundle holds the wrong build of preview2-shim: it must be the one for browsers')
  }
  // Node 18 has it, but not as a global; the shim draws its random numbers from there.
  if (!('crypto' in globalThis)) Object.defineProperty(globalThis, 'crypto', { value: webcrypto })

  const sink = (write: (bytes: Uint8Array) => void) => ({ write, blockingFlush() {} })
  const cli = shimCli.createCli({
    environment: {},
    arguments: [],
    stdout: sink(log.stream('info')),
    stderr: sink(log.stream('error')),
  })
  const filesystem = shimFilesystem.createFilesystem({
    adapter: new shimFilesystem.InMemoryFilesystemAdapter(),
    preopens: {},
  })
  addStreamRecipes(cli, recipes)
  const { io, monotonicClock } = createPoll(shimIo, recipes)
  const clocks = { wallClock: shimClocks.wallClock, monotonicClock }
  const packages = { cli, clocks, filesystem, io, random: shimRandom, http: shimHttp, sockets: shimSockets }

  const interfaces: Interfaces = {}
  for (const [name, members] of Object.entries(packages)) {
    for (const [member, value] of Object.entries(members)) {
      if (typeof value !== 'object' || value === null || member.startsWith('_')) continue
      interfaces[`wasi:${name}/${toKebab(member)}`] = value as Record<string, unknown>
    }
  }
  return { ...interfaces, ...denied(interfaces) }
}

/** Network as it looks from inside: there, and refusing. */
function denied(interfaces: Interfaces): Interfaces {
  const refuse = (payload: unknown) => () => {
    throw new GuestError(payload)
  }
  return {
    'wasi:http/outgoing-handler': { handle: refuse({ tag: 'HTTP-request-denied' }) },
    'wasi:sockets/tcp-create-socket': {
      ...interfaces['wasi:sockets/tcp-create-socket'],
      createTcpSocket: refuse('access-denied'),
    },
    'wasi:sockets/udp-create-socket': {
      ...interfaces['wasi:sockets/udp-create-socket'],
      createUdpSocket: refuse('access-denied'),
    },
    'wasi:sockets/ip-name-lookup': {
      ...interfaces['wasi:sockets/ip-name-lookup'],
      resolveAddresses: refuse('access-denied'),
    },
  }
}

/** wasi:config and wasi:logging, which the shim has not. */
export function createHostWasi(config: Readonly<Record<string, string>>, log: GuestLog): Interfaces {
  const values = new Map(Object.entries(config))
  const store = {
    get: (key: string): string | undefined => values.get(key),
    getAll: (): [string, string][] => [...values],
  }
  return {
    'wasi:config/store': store,
    'wasi:config/runtime': store,
    'wasi:logging/logging': {
      log(level: Parameters<GuestLog['write']>[0], context: string, message: string): void {
        log.write(level, context === '' ? message : `${context}: ${message}`)
      },
    },
  }
}
