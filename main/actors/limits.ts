// The limits of one actor, from whatever says so: its named configuration, the annotations it was started with, and v1
// `component_limits`; the later in this order wins, and none is above what its node allows. Pure. What is not a number above nothing is left at its default.

import { defaultLimits, type InstanceLimits } from '../wasm/types.js'

export interface ActorLimits extends InstanceLimits {
  /** Calls that may wait for an instance; more are refused. */
  readonly callsWaiting: number
  /** Longest a call waits before it begins, ms. */
  readonly waitMs: number
  /** Without a call for so long an instance may be let go, when nothing is lost by it; ms. */
  readonly idleMs: number
  /** A resource that it gave out and nobody used for so long is dropped: other peers never give one back; ms. */
  readonly handleIdleMs: number
}

export const defaultActorLimits: ActorLimits = {
  ...defaultLimits,
  callsWaiting: 256,
  waitMs: 10_000,
  idleMs: 120_000,
  handleIdleMs: 600_000,
}

/** What whoever runs the node allows components: what they get when nothing else is said, and the most that can be said. */
export interface NodeLimits {
  readonly callMs: number | undefined
  readonly memoryBytes: number | undefined
  /** Of all together. */
  readonly components: number | undefined
}

export const noNodeLimits: NodeLimits = { callMs: undefined, memoryBytes: undefined, components: undefined }

/** Longest time that a timer takes, ms. */
const maxMs = 2 ** 31 - 1
/** Largest memory that a 32-bit guest can address. */
const maxMemoryBytes = 4 * 1024 * 1024 * 1024

const prefix = 'tlos.dev/limit/'

/** Annotation or configuration key, without the prefix, of each limit, and the most that it can be. */
const names: Readonly<Record<keyof ActorLimits, readonly [name: string, most: number]>> = {
  memoryBytes: ['memory-bytes', maxMemoryBytes],
  callMs: ['call-ms', maxMs],
  startMs: ['start-ms', maxMs],
  logBytesPerSecond: ['log-bytes-per-second', 16 * 1024 * 1024],
  messageBytes: ['message-bytes', 1024 * 1024 * 1024],
  callsWaiting: ['calls-waiting', 100_000],
  waitMs: ['wait-ms', maxMs],
  idleMs: ['idle-ms', maxMs],
  handles: ['handles', 1_000_000],
  handleIdleMs: ['handle-idle-ms', maxMs],
}

export interface LimitSources {
  /** `tlos.dev/limit/{name}` with a decimal number, as in annotations. */
  readonly config: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** v1 `component_limits`: `max_memory_limit` in bytes, `max_execution_time` in seconds. */
  readonly limits: Readonly<Record<string, string>> | undefined
}

type LimitsOfNode = { readonly [K in keyof ActorLimits]?: number | undefined }

export function parseLimits({ config, annotations, limits }: LimitSources, node = noNodeLimits): ActorLimits {
  const seconds = readNumber(limits?.['max_execution_time'])
  const v1 = {
    memoryBytes: readNumber(limits?.['max_memory_limit']),
    callMs: seconds === undefined ? undefined : seconds * 1_000,
  }
  // The start runs the guest's code, too.
  const ofNode: LimitsOfNode = { memoryBytes: node.memoryBytes, callMs: node.callMs, startMs: node.callMs }
  const usual = {
    ...defaultActorLimits,
    memoryBytes: node.memoryBytes ?? defaultActorLimits.memoryBytes,
    callMs: node.callMs ?? defaultActorLimits.callMs,
  }
  const read = (key: keyof ActorLimits): number => {
    const [name, most] = names[key]
    const given = key === 'memoryBytes' || key === 'callMs' ? v1[key] : undefined
    const found = given ?? readNumber(annotations[prefix + name]) ?? readNumber(config[prefix + name])
    return Math.min(found ?? usual[key], ofNode[key] ?? most, most)
  }
  return {
    memoryBytes: read('memoryBytes'),
    callMs: read('callMs'),
    startMs: read('startMs'),
    logBytesPerSecond: read('logBytesPerSecond'),
    messageBytes: read('messageBytes'),
    callsWaiting: read('callsWaiting'),
    waitMs: read('waitMs'),
    idleMs: read('idleMs'),
    handles: read('handles'),
    handleIdleMs: read('handleIdleMs'),
  }
}

function readNumber(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && value > 0 ? value : undefined
}
