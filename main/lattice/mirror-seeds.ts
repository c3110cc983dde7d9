// Reads what is there already: links and installed components from the buckets (followed from then on), hosts by ping,
// actors by the facts of tLOS nodes. Runs at the start and again after each reconnect. Reduces nothing itself.

import type { Link } from '../../preload/records.js'
import { Installed } from '../../preload/records.js'
import { formatChain } from '../failure.js'
import type { BucketEntry, Transport } from '../nats/transport.js'
import type { Junk } from './mirror-junk.js'
import { decodeLatticeEntry, latticeBucket } from './protocol/buckets.js'
import { decodeControlReply, linkList } from './protocol/control.js'
import { pingReplySchema } from './protocol/inventory.js'
import type { PictureInput } from './protocol/reduce.js'
import type { ControlSubjects } from './protocol/subjects.js'
import { decodeJson, decodeReply, Facts, installedBucket, tlosSubjects } from './protocol/tlos.js'

/** Answers to a scatter are taken as long as this, ms. */
const listenMs = 3_000
/** Seeding waits this long for the first answers, and goes on when none came for `quietMs`. */
const firstAnswerMs = 400
const quietMs = 100
const bucketLimitMs = 5_000

export interface SeedParts {
  readonly transport: Transport
  readonly lattice: string
  readonly subjects: ControlSubjects
  readonly take: (input: PictureInput) => void
  readonly junk: Junk
  /** A host answered the ping. */
  readonly onHost: (hostId: string) => void
}

export interface Seeds {
  seed(): Promise<void>
  /** All tLOS nodes tell everything once more. */
  askForFacts(): Promise<void>
  close(): void
}

export function openSeeds(parts: SeedParts): Seeds {
  const { transport, lattice, take, junk } = parts
  let stops: (() => void)[] = []
  let isClosed = false

  function stopAll(): void {
    for (const stop of [...stops]) stop()
    stops = []
  }

  async function seed(): Promise<void> {
    // Followed anew: what was deleted while the line was cut is told by its absence from everything that is present.
    stopAll()
    const following = transport.info.hasJetStream ? [followLinks(), followInstalled()] : [askForLinks()]
    await Promise.all([...following.map((work) => work.catch(missing)), ping(), askForFacts()])
  }

  /** The shell works without history; what is missing is said. */
  function missing(error: unknown): void {
    junk.count(`reading the lattice: ${formatChain(error)}`)
  }

  /** Hands over everything present at once, then each change. */
  async function follow(name: string, onSeeded: (all: BucketEntry[]) => void, onEntry: (entry: BucketEntry) => void) {
    const bucket = await transport.bucket(name)
    let all: BucketEntry[] | undefined = []
    let done: () => void = () => undefined
    const isDone = new Promise<void>((resolve) => (done = resolve))
    const stop = await bucket.watch(
      (entry) => {
        if (all === undefined) onEntry(entry)
        else all.push(entry)
      },
      () => {
        const present = all ?? []
        all = undefined
        onSeeded(present)
        done()
      },
    )
    if (isClosed) stop()
    else stops.push(stop)
    const limit = setTimeout(done, bucketLimitMs)
    await isDone
    clearTimeout(limit)
  }

  function decodeEntry(entry: BucketEntry) {
    const decoded = decodeLatticeEntry(entry.key, entry.value)
    if (decoded.ok) return decoded.value
    junk.count(`lattice bucket: ${decoded.reason}`)
    return undefined
  }

  function followLinks(): Promise<void> {
    return follow(
      latticeBucket(lattice),
      (all) => {
        const links = all.flatMap((each): readonly Link[] => {
          const entry = decodeEntry(each)
          if (entry?.kind !== 'spec') return []
          return entry.spec?.links.filter((link) => link.sourceId === entry.id) ?? []
        })
        take({ kind: 'links', links })
      },
      (each) => {
        const entry = decodeEntry(each)
        if (entry !== undefined) take({ kind: 'entry', entry })
      },
    )
  }

  function decodeInstalled(entry: BucketEntry): Installed | undefined {
    if (entry.value === undefined) return undefined
    const decoded = decodeJson(Installed, entry.value)
    if (decoded.ok && decoded.value.id === entry.key && !(entry.key in {})) return decoded.value
    junk.count(`installed components: ${decoded.ok ? 'a record under a key that is not its id' : decoded.reason}`)
    return undefined
  }

  function followInstalled(): Promise<void> {
    return follow(
      installedBucket(lattice),
      (all) => take({ kind: 'all-installed', records: all.flatMap((entry) => decodeInstalled(entry) ?? []) }),
      (entry) => take({ kind: 'installed', id: entry.key, record: decodeInstalled(entry) }),
    )
  }

  async function askForLinks(): Promise<void> {
    let reply
    try {
      reply = await transport.request(parts.subjects.link('get'), new Uint8Array(), { timeoutMs: 2_000 })
    } catch {
      // No host, no links.
      return
    }
    const decoded = decodeControlReply(linkList, reply.data)
    if (!decoded.ok) junk.count(`links: ${decoded.reason}`)
    else take({ kind: 'links', links: decoded.value.response ?? [] })
  }

  /** Publishes with an inbox of its own, which goes on listening for those that are slow. */
  async function scatter(subject: string, onReply: (data: Uint8Array) => void): Promise<void> {
    const inbox = transport.createInbox()
    let lastMs = performance.now()
    let count = 0
    const subscription = transport.subscribe(inbox, (message) => {
      if (message.status !== undefined || isClosed) return
      lastMs = performance.now()
      count += 1
      onReply(message.data)
    })
    const stop = (): void => {
      clearTimeout(end)
      subscription.close()
      stops = stops.filter((other) => other !== stop)
    }
    const end = setTimeout(stop, listenMs)
    end.unref()
    stops.push(stop)
    const startedMs = lastMs
    transport.publish(subject, new Uint8Array(), { reply: inbox })
    while (!isClosed) {
      const waited = performance.now() - startedMs
      const isQuiet = count > 0 && performance.now() - lastMs >= quietMs
      if (isQuiet || (count === 0 && waited >= firstAnswerMs) || waited >= listenMs) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  function ping(): Promise<void> {
    return scatter(parts.subjects.ping, (data) => {
      const decoded = decodeControlReply(pingReplySchema, data)
      if (!decoded.ok) junk.count(`ping: ${decoded.reason}`)
      else if (decoded.value.response === undefined) junk.count('ping: refused or empty')
      else if (decoded.value.response.lattice !== lattice) junk.count('ping: of another lattice')
      else {
        take({ kind: 'ping', reply: decoded.value.response })
        parts.onHost(decoded.value.response.id)
      }
    })
  }

  function askForFacts(): Promise<void> {
    return scatter(tlosSubjects(lattice).facts, (data) => {
      const decoded = decodeReply(Facts, data)
      if (!decoded.ok) junk.count(`facts: ${decoded.reason}`)
      else take({ kind: 'tlos', event: { kind: 'facts', data: decoded.value } })
    })
  }

  return {
    seed,
    askForFacts,
    close() {
      isClosed = true
      stopAll()
    },
  }
}
