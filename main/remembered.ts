// Connections that the person wants remembered: each sealed as a whole by the system's key store, beside its address in the
// clear. Without such a store nothing is kept, and nothing is ever written in the clear. Stands on `state-file.ts`.

import * as v from 'valibot'
import { ConnectRequest } from '../preload/contract.js'
import type { Remembered } from '../preload/remembered.js'
import { TlosError } from './failure.js'
import { latticeKey } from './lattice-key.js'
import { separateCredentials } from './nats-url.js'
import { openStateFile } from './state-file.js'

/** The system's key store: `main/desktop/key-store.ts`, or a test's. */
export interface KeyStore {
  /** Asked at each use: a person may unlock or lose it while the shell runs. */
  isReady(): boolean
  seal(text: string): Uint8Array
  /** Throws when this was not sealed by this store, or its key is another one now. */
  unseal(sealed: Uint8Array): string
}

export interface RememberedConnections {
  readonly trouble: string | undefined
  view(): Remembered
  /** One address of a lattice is remembered once. Rejects with `unavailable` when there is no store. */
  keep(request: ConnectRequest): Promise<void>
  /** Rejects with `not-found`, `unavailable` or `invalid`, in words that say what to do. */
  open(id: string): ConnectRequest
  forget(id: string): Promise<void>
}

const most = 64

const Entry = v.object({ id: v.string(), lattice: v.string(), url: v.string(), sealed: v.string() })

export async function openRemembered(folder: string, store: KeyStore): Promise<RememberedConnections> {
  const file = await openStateFile({ folder, name: 'connections', schema: v.array(Entry), initial: [] })
  return {
    trouble: file.trouble?.message,
    view: () => ({
      store: store.isReady() ? 'ready' : 'no-store',
      list: file.value.map(({ id, lattice, url }) => ({ id, lattice, url })),
    }),

    async keep(given) {
      if (!store.isReady()) {
        throw new TlosError('unavailable', 'This system has no key store, so the connection is not remembered')
      }
      const request = separateCredentials(given)
      const { lattice, url } = request
      const id = latticeKey(lattice, url)
      const sealed = Buffer.from(store.seal(JSON.stringify(request))).toString('base64')
      const others = file.value.filter((one) => one.id !== id)
      await file.save([{ id, lattice, url, sealed }, ...others].slice(0, most))
    },

    open(id) {
      const entry = file.value.find((one) => one.id === id)
      if (entry === undefined) throw new TlosError('not-found', `${id} is not remembered`)
      if (!store.isReady()) {
        throw new TlosError('unavailable', 'The key store of this system is not there now, so this cannot be read')
      }
      try {
        return v.parse(ConnectRequest, JSON.parse(store.unseal(Buffer.from(entry.sealed, 'base64'))))
      } catch (error) {
        const message = 'What was remembered cannot be read with the key that this system has now: sign in again'
        throw new TlosError('invalid', message, { about: id, cause: error })
      }
    },

    async forget(id) {
      const others = file.value.filter((one) => one.id !== id)
      await file.save(others)
      // The version before this one is kept beside the file; that one forgets it too.
      await file.save(others)
    },
  }
}
