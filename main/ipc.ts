// Serves the contract to the page: checks the sender, the name, the arguments; runs the handler within a time limit; wraps
// what came out. The page is not trusted: whatever it sends, the answer is an outcome, never silence and never a throw.
// Knows no handler and no window by itself.

import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron'
import * as v from 'valibot'
import {
  type CallArgs,
  type CallName,
  type CallResult,
  calls,
  channels,
  type EventName,
  type EventPayload,
  events,
  type Outcome,
} from '../preload/contract.js'
import { formatChain, TlosError, toFailure } from './failure.js'

/** A call without an answer may be joined to something that resolves to nothing. */
type Answer<T> = T extends undefined ? void : T

export type Handlers = {
  readonly [N in CallName]: (...args: CallArgs<N>) => Answer<CallResult<N>> | Promise<Answer<CallResult<N>>>
}

export interface ServeContractOptions {
  readonly handlers: Handlers
  /** Is this the top frame of our window, showing our page? (`desktop/security.ts`) */
  readonly isTrusted: (event: IpcMainInvokeEvent) => boolean
  /** Where events go: the windows there are now. */
  readonly windows: () => Iterable<WebContents>
  /** Check results and events against the contract, too: in development, where a mismatch is a bug to be seen. */
  readonly checkOutput?: boolean | undefined
  /** Hears of refused senders and of our bugs. */
  readonly log?:
    ((level: 'warn' | 'error', text: string, fields?: Readonly<Record<string, unknown>>) => void) | undefined
  /** ms; for tests. */
  readonly limits?: Partial<Record<CallName, number>> | undefined
}

export interface ServedContract {
  publish<N extends EventName>(name: N, payload: EventPayload<N>): void
  /** Answers no more calls. May be called twice. */
  close(): void
}

const usualLimitMs = 30_000
/** Calls that may take longer than others. */
const limits: Partial<Record<CallName, number>> = {
  'move.start': 60_000,
  // A large component is checked and translated.
  'component.install': 120_000,
  // Longer than the client's own limits, which say what did not happen: an auction, then a start.
  'component.run': 75_000,
  'component.update': 75_000,
  'provider.start': 75_000,
  'provider.stop': 90_000,
  // A person chooses where to.
  'text.save': 600_000,
  // The limits of the component end it; this is for one that was given none.
  'run.start': 3_600_000,
  // A person looks around.
  'grant.choose-folder': 3_600_000,
}

/** What was asked for, for messages: it may be anything at all. */
const nameOf = (name: unknown): string => (typeof name === 'string' ? name.slice(0, 100) : `a ${typeof name}`)

const isCallName = (name: unknown): name is CallName => typeof name === 'string' && Object.hasOwn(calls, name)

function formatIssue(issue: v.BaseIssue<unknown>): string {
  const [position, ...rest] = issue.path ?? []
  const where = rest.map((item) => String(item.key)).join('.')
  const argument = typeof position?.key === 'number' ? `argument ${position.key + 1}` : 'the arguments'
  return `${argument}${where === '' ? '' : `, ${where}`}: ${issue.message}`
}

/** The arguments as the schema has them. Throws `invalid`. */
function checkArguments<N extends CallName>(name: N, args: unknown): CallArgs<N> {
  const schema = calls[name].args
  const wanted = schema.items.length
  if (!Array.isArray(args)) throw new TlosError('invalid', `${name} was sent without a list of arguments`)
  if (args.length !== wanted) throw new TlosError('invalid', `${name} takes ${wanted} arguments, not ${args.length}`)
  const parsed = v.safeParse(schema, args)
  if (!parsed.success) throw new TlosError('invalid', `${name}, ${formatIssue(parsed.issues[0])}`)
  // The schema of this very name; the compiler cannot follow a table by a type parameter.
  return parsed.output
}

function checkOutput(name: string, schema: v.GenericSchema, value: unknown): void {
  const parsed = v.safeParse(schema, value)
  if (!parsed.success) throw new Error(`${name} breaks the contract: ${formatIssue(parsed.issues[0])}`)
}

async function withinLimit<T>(name: string, ms: number, work: T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TlosError('timed-out', `${name} gave no answer within ${ms / 1_000} s`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

export function serveContract(options: ServeContractOptions): ServedContract {
  const log = options.log ?? (() => undefined)

  async function run<N extends CallName>(name: N, args: unknown): Promise<unknown> {
    const checked = checkArguments(name, args)
    const handler = options.handlers[name]
    const limit = options.limits?.[name] ?? limits[name] ?? usualLimitMs
    const value = await withinLimit(
      name,
      limit,
      // So that a handler which throws at once is one that rejects.
      Promise.resolve().then(() => handler(...checked)),
    )
    if (options.checkOutput === true) checkOutput(name, calls[name].result, value)
    return value
  }

  async function answer(event: IpcMainInvokeEvent, name: unknown, args: unknown): Promise<Outcome<unknown>> {
    try {
      if (!options.isTrusted(event)) {
        const url = event.senderFrame?.url ?? 'a frame that is gone'
        log('warn', 'a call from a page that is not ours was refused', { url, name: nameOf(name) })
        throw new TlosError('refused', 'only the page of the shell may call it')
      }
      if (!isCallName(name)) throw new TlosError('invalid', `there is no call ${nameOf(name)}`)
      return { ok: true, value: await run(name, args) }
    } catch (error) {
      const failure = toFailure(error)
      if (failure.code === 'internal') log('error', `${nameOf(name)} failed: ${failure.message}`, { error })
      return { ok: false, failure }
    }
  }

  ipcMain.handle(channels.call, answer)
  let isOpen = true
  return {
    publish(name, payload) {
      try {
        if (options.checkOutput === true) checkOutput(name, events[name], payload)
        for (const window of options.windows()) {
          if (!window.isDestroyed() && !window.isCrashed()) window.send(channels.event, name, payload)
        }
      } catch (error) {
        // The page hears nothing wrong; who publishes has nothing to do with windows.
        log('error', `${name} was not published: ${formatChain(error)}`, { error })
      }
    },
    close() {
      if (!isOpen) return
      isOpen = false
      ipcMain.removeHandler(channels.call)
    },
  }
}
