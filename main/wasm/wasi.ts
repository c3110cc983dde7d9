// WASI 0.2 for one guest, from the browser build of preview2-shim and, where something may be granted, from guest/: real
// clocks and random numbers, output into the log, and beyond that what its grants say, which is nothing by default. The bundler must give that build (build/wasm-entries.mjs):
// the one for Node reaches files and starts a thread.

import { webcrypto } from 'node:crypto'
import * as shimCli from '@bytecodealliance/preview2-shim/cli'
import * as shimClocks from '@bytecodealliance/preview2-shim/clocks'
import * as shimIo from '@bytecodealliance/preview2-shim/io'
import * as shimRandom from '@bytecodealliance/preview2-shim/random'
import type { Grants } from './grants.js'
import { createFilesystem } from './guest/filesystem.js'
import { createHttp, type Http } from './guest/http.js'
import { createSockets } from './guest/sockets.js'
import { createStandardStreams } from './guest/standard-streams.js'
import { createStreamMaker } from './guest/streams.js'
import type { GuestLog } from './guest-log.js'
import type { Ask, HostCall } from './host-call.js'
import type { Lacked } from './lacks.js'
import { createPoll } from './poll.js'
import type { Recipes } from './snapshot/recipes.js'

type Interfaces = Record<string, Record<string, unknown>>

export interface WasiParts {
  readonly log: GuestLog
  readonly grants: Grants
  readonly ask: Ask
  /** Along a link. */
  readonly call: HostCall
  readonly lacked: Lacked
  readonly recipes: Recipes
}

const toKebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `wasi:pkg/iface` without versions, as the glue asks for them. Once per worker: the shim keeps state in its modules. */
export function createWasi({ log, grants, ask, call, lacked, recipes }: WasiParts): {
  interfaces: Interfaces
  http: Http
} {
  if (typeof shimCli.createCli !== 'function') {
    throw new Error('this bundle holds the wrong build of preview2-shim: it must be the one for browsers')
  }
  // Node 18 has it, but not as a global; the shim draws its random numbers from there.
  if (!('crypto' in globalThis)) Object.defineProperty(globalThis, 'crypto', { value: webcrypto })

  const streams = createStreamMaker(shimIo, recipes)
  const cli = {
    ...shimCli.createCli({ environment: { ...grants.environment }, arguments: [...grants.arguments] }),
    ...createStandardStreams(
      { input: grants.stdin, output: log.stream('info'), error: log.stream('error') },
      streams,
      recipes,
    ),
  }
  const poll = createPoll(shimIo, ask, recipes)
  const { io, monotonicClock } = poll
  const channels = { ask, make: streams, poll }
  const http = createHttp({ ...channels, call, recipes })
  const clocks = { wallClock: shimClocks.wallClock, monotonicClock }
  const packages = { cli, clocks, io, random: shimRandom }

  const interfaces: Interfaces = {}
  for (const [name, members] of Object.entries(packages)) {
    for (const [member, value] of Object.entries(members)) {
      if (typeof value !== 'object' || value === null || member.startsWith('_')) continue
      interfaces[`wasi:${name}/${toKebab(member)}`] = value as Record<string, unknown>
    }
  }
  return {
    http,
    interfaces: {
      ...interfaces,
      ...createFilesystem(grants.directories.length > 0, ask, streams, lacked, recipes),
      ...createSockets(channels, recipes),
      ...http.interfaces,
    },
  }
}

/** wasi:config and wasi:logging, which the shim has not. Values are read each time: they may be others by now. */
export function createHostWasi(config: () => readonly (readonly [string, string])[], log: GuestLog): Interfaces {
  const store = {
    get: (key: string): string | undefined => new Map(config()).get(key),
    getAll: (): (readonly [string, string])[] => [...config()],
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
