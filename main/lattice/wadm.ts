// Asks wadm about applications (lattice.md 8.1) and hears what it says of them. wadm keeps manifests and steers hosts to
// what they say; here is only its client. What it refuses is told in its own words.

import { parse, stringify } from 'yaml'
import type {
  Application,
  ApplicationDetail,
  ApplicationStatus,
  ApplicationVersion,
  PutApplication,
} from '../../preload/applications.js'
import { formatChain, TlosError } from '../failure.js'
import type { Message, Transport } from '../nats/transport.js'
import {
  applicationOf,
  decodeApplications,
  decodeStatus,
  decodeWadmReply,
  encodeVersion,
  isApplicationName,
  type WadmOperation,
  type WadmReply,
  wadmSubjects,
} from './protocol/wadm.js'

export interface WadmOptions {
  readonly transport: Transport
  readonly lattice: string
  /** Longest wait for a reply, ms; default 5,000, since a put is checked and stored. */
  readonly requestMs?: number | undefined
}

/** Something changed; `status` where it was told. A listener asks for the rest. */
export interface ApplicationNews {
  readonly name: string
  readonly status?: ApplicationStatus | undefined
}

/** Failures: `unreachable` (no wadm), `timed-out`, `not-found`, `refused` with wadm's words, `invalid` (not understood). */
export type Wadm = ReturnType<typeof createWadm>

export function createWadm(options: WadmOptions) {
  const { transport, lattice } = options
  const subjects = wadmSubjects(lattice)
  const timeoutMs = options.requestMs ?? 5_000

  async function send(
    operation: WadmOperation,
    name: string | undefined,
    data: Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Message> {
    if (name !== undefined && !isApplicationName(name)) {
      throw new TlosError('invalid', `${name} is not the name of an application: letters, digits, - and _ only`)
    }
    try {
      return await transport.request(subjects.model(operation, name), data, { timeoutMs, headers })
    } catch (error) {
      if (!(error instanceof TlosError)) throw error
      if (error.code === 'unreachable' && transport.status.kind === 'live') {
        throw new TlosError('unreachable', `No wadm answers on lattice ${lattice}`)
      }
      if (error.code === 'timed-out') {
        throw new TlosError('timed-out', `wadm did not answer within ${timeoutMs / 1_000} s`)
      }
      throw error
    }
  }

  async function ask(
    operation: WadmOperation,
    name: string | undefined,
    data: Uint8Array = new Uint8Array(),
    headers?: Readonly<Record<string, string>>,
  ): Promise<WadmReply> {
    const message = await send(operation, name, data, headers)
    const reply = decodeWadmReply(message.data)
    if (!reply.ok) throw new TlosError('invalid', `wadm's answer to ${operation} is not understood: ${reply.reason}`)
    const { result, message: words } = reply.value
    if (result === 'notfound') {
      throw new TlosError('not-found', words === '' ? `There is no application ${name ?? ''}` : words, {
        about: name ?? 'wadm',
      })
    }
    if (result === 'error') throw new TlosError('refused', words === '' ? 'wadm refused without a word' : words)
    return reply.value
  }

  async function versions(name: string): Promise<ApplicationVersion[]> {
    return [...(await ask('versions', name)).versions]
  }

  async function status(name: string): Promise<ApplicationStatus> {
    const reply = await ask('status', name)
    if (reply.status === undefined) throw new TlosError('invalid', `wadm told no status of ${name}`)
    return reply.status
  }

  /** As YAML, whatever it was put as. */
  async function manifest(name: string, version?: string): Promise<string> {
    const reply = await ask('get', name, encodeVersion(version))
    if (reply.manifest === undefined || reply.manifest === null) {
      throw new TlosError('invalid', `wadm sent no manifest of ${name}`)
    }
    return stringify(reply.manifest, { lineWidth: 0 })
  }

  return {
    async list(): Promise<Application[]> {
      const message = await send('list', undefined, new Uint8Array())
      const decoded = decodeApplications(message.data)
      if (!decoded.ok)
        throw new TlosError('invalid', `wadm's list of applications is not understood: ${decoded.reason}`)
      return [...decoded.value].sort((a, b) => (a.name < b.name ? -1 : 1))
    },

    status,
    versions,
    manifest,

    async detail(name: string): Promise<ApplicationDetail> {
      const [one, all, text] = await Promise.all([status(name), versions(name), manifest(name)])
      return { status: one, versions: all, manifest: text }
    },

    /** Keeps a manifest; nothing is started by it. Fails with wadm's words, or with ours when the text is no YAML. */
    async put(text: string): Promise<PutApplication> {
      const isJson = text.trimStart().startsWith('{')
      requireMapping(text, isJson)
      const headers = { 'Content-Type': isJson ? 'application/json' : 'application/yaml' }
      const reply = await ask('put', undefined, new TextEncoder().encode(text), headers)
      if (reply.result !== 'created' && reply.result !== 'newversion') {
        throw new TlosError('invalid', `wadm answered ${reply.result} to a manifest: ${reply.message}`)
      }
      return {
        result: reply.result,
        name: reply.name ?? '',
        version: reply.version ?? '',
        message: reply.message,
      }
    },

    /** Accepted only: how far it is comes with its status. Without a version the newest. */
    async deploy(name: string, version?: string): Promise<void> {
      await ask('deploy', name, encodeVersion(version))
    },

    /** Accepted only; what it started is stopped by and by. */
    async undeploy(name: string): Promise<void> {
      await ask('undeploy', name)
    },

    /** One version, or all of them. False: there was nothing to delete. */
    async delete(name: string, version?: string): Promise<boolean> {
      return (await ask('del', name, encodeVersion(version))).result !== 'noop'
    },

    /** Calls back at each status that is told and each manifest that is put or taken away. */
    watch(listener: (news: ApplicationNews) => void): () => void {
      const subscriptions = [
        transport.subscribe(subjects.statuses, (message) => {
          const name = applicationOf(message.subject)
          const told = decodeStatus(message.data)
          // What cannot be read is a reason to ask again, no more.
          if (name !== undefined) listener(told.ok ? { name, status: told.value } : { name })
        }),
        transport.subscribe(subjects.events, () => listener({ name: '' })),
      ]
      return () => {
        for (const subscription of subscriptions) subscription.close()
      }
    },
  }
}

/** wadm says of text that is no YAML only that; the parser here says where. */
function requireMapping(text: string, isJson: boolean): void {
  let value: unknown
  try {
    value = isJson ? JSON.parse(text) : parse(text)
  } catch (error) {
    throw new TlosError('invalid', `The manifest is no ${isJson ? 'JSON' : 'YAML'}: ${formatChain(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TlosError('invalid', 'The manifest is no mapping: it begins with apiVersion, kind, metadata and spec')
  }
}
