// What the person at this desktop permits of the providers that the lattice wants started here: asked for in the window,
// kept in a file of this node beside its grants, by lattice, and for one program each. Nothing that comes over the bus gets
// into it but the question. Stands on `state-file.ts`.

import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { ProviderPermit, type PermitAnswer, type PermitsView, type ProviderAsk } from '../preload/permits.js'
import { formatChain, TlosError } from './failure.js'
import { isBuiltinProvider } from './lattice/protocol/provider-ref.js'
import type { ProviderPermission } from './provider-host/permissions.js'
import type { AskedStart, Looked, ProviderAsking } from './provider-host/types.js'
import { openStateFile, type StateFile } from './state-file.js'

/** Whoever can write to the bus can ask: more than these are refused without a word to the person. */
const mostAsks = 8
const mostRefused = 64

const Kept = v.record(v.string(), v.array(ProviderPermit))

export interface PermitStore {
  /** What was wrong with the file, in words for a person; then nothing in it is permitted. */
  readonly trouble: string | undefined
  /** By the name that the lattice has in this machine's files (`lattice-key.ts`). `given`: from the command line. */
  forLattice(lattice: string, given: readonly ProviderPermission[]): LatticePermits
}

export interface LatticePermits extends ProviderAsking {
  view(): PermitsView
  onChange(listener: (view: PermitsView) => void): () => void
  /**
   * Resolves to what is to be started now. Rejects with `not-found` when nobody asks any more, `refused` when there is
   * nothing that could be permitted.
   */
  answer(askId: string, answer: PermitAnswer): Promise<AskedStart | undefined>
  /** The start that was permitted once did not come to be. */
  giveUp(start: AskedStart): void
  revoke(ref: string): Promise<void>
  /** A reference that was refused may be asked for again. */
  forgetRefusal(ref: string): void
}

export async function openPermitStore(folder: string, now: () => number): Promise<PermitStore> {
  const file = await openStateFile({ folder, name: 'provider-permits', schema: Kept, initial: {} })
  return { trouble: file.trouble?.message, forLattice: (lattice, given) => openPermits(file, lattice, given, now) }
}

interface Pending {
  readonly start: AskedStart
  ask: ProviderAsk
}

function openPermits(
  file: StateFile<v.InferOutput<typeof Kept>>,
  lattice: string,
  given: readonly ProviderPermission[],
  now: () => number,
): LatticePermits {
  const pending = new Map<string, Pending>()
  const refused = new Set<string>()
  /** Permitted for one start, by reference and id. */
  const once = new Map<string, ProviderPermission>()
  const listeners = new Set<(view: PermitsView) => void>()
  /** One look after the other: what is fetched for it may be large. */
  let looks: Promise<unknown> = Promise.resolve()

  const kept = (): readonly ProviderPermit[] => (Object.hasOwn(file.value, lattice) ? (file.value[lattice] ?? []) : [])
  const keep = (permits: readonly ProviderPermit[]): Promise<void> =>
    file.save({ ...file.value, [lattice]: [...permits] })
  const view = (): PermitsView => ({
    asks: [...pending.values()].map(({ ask }) => ask),
    permits: [...kept()],
    refused: [...refused],
    given: given.map(({ ref, isPrefix, isPublic }) => `${ref}${isPrefix ? '*' : ''}${isPublic ? ',public' : ''}`),
  })
  const tell = (): void => {
    for (const listener of listeners) listener(view())
  }

  async function look(id: string, lookAt: () => Promise<Looked>): Promise<void> {
    // Answered while others were looked at.
    if (!pending.has(id)) return
    const found = await lookAt().catch((error: unknown) => ({ trouble: formatChain(error) }))
    const entry = pending.get(id)
    if (entry === undefined) return
    entry.ask = { ...entry.ask, ...found }
    tell()
  }

  return {
    find(ref, providerId) {
      const forNow = once.get(keyOf(ref, providerId))
      if (forNow !== undefined) return forNow
      const permit = kept().find((one) => one.ref === ref)
      return permit === undefined ? undefined : { ref, isPrefix: false, isPublic: false, digest: permit.digest }
    },
    use: (ref, providerId) => void once.delete(keyOf(ref, providerId)),

    ask(start, lookAt) {
      if (refused.has(start.ref)) return 'refused'
      const same = [...pending.values()].some(
        ({ start: other }) => other.ref === start.ref && other.providerId === start.providerId,
      )
      if (same) return 'asked'
      if (pending.size >= mostAsks) return 'too-many'
      const id = randomUUID()
      const { ref, providerId } = start
      const isOther = kept().some((permit) => permit.ref === ref)
      pending.set(id, { start, ask: { id, atMs: now(), providerId, ref, kind: kindOf(ref), isOther } })
      tell()
      if (lookAt !== undefined) looks = looks.then(() => look(id, lookAt))
      return 'asked'
    },

    view,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async answer(askId, answer) {
      const entry = pending.get(askId)
      if (entry === undefined) throw new TlosError('not-found', 'This was answered already, or is not asked any more')
      const { ask, start } = entry
      const { ref, digest, name } = ask
      if (answer === 'once' || answer === 'always') {
        // What nobody has seen cannot be permitted: it could become anything.
        if (ask.kind === 'process' && digest === undefined) {
          throw new TlosError('refused', `${ref} was not looked at yet, so that it cannot be permitted`, { about: ref })
        }
        if (answer === 'always') {
          const permit = { ref, ...(digest === undefined ? {} : { digest }), ...(name === undefined ? {} : { name }) }
          await keep([...kept().filter((one) => one.ref !== ref), { ...permit, givenAtMs: now() }])
        } else {
          once.set(keyOf(ref, start.providerId), { ref, isPrefix: false, isPublic: false, digest })
        }
      }
      if (answer === 'refuse' && refused.size < mostRefused) refused.add(ref)
      pending.delete(askId)
      tell()
      return answer === 'once' || answer === 'always' ? start : undefined
    },

    giveUp: ({ ref, providerId }) => void once.delete(keyOf(ref, providerId)),
    async revoke(ref) {
      await keep(kept().filter((one) => one.ref !== ref))
      tell()
    },
    forgetRefusal(ref) {
      refused.delete(ref)
      tell()
    },
  }
}

const keyOf = (ref: string, providerId: string): string => `${providerId} ${ref}`

const kindOf = (ref: string): ProviderAsk['kind'] =>
  !isBuiltinProvider(ref) ? 'process' : ref === 'wasmcloud+builtin://http-server' ? 'http-server' : 'messaging'
