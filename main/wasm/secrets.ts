// wasmcloud:secrets for a guest: a secret is a name here until it is revealed; only then its value comes from the host (actor.ts),
// which has what the component was started with.

import { type HostCall, HostFault } from './host-call.js'
import { GuestError } from './import-error.js'
import { secretsStore } from './secrets-name.js'
import type { Recipes } from './snapshot/recipes.js'

export function createSecrets(call: HostCall, recipes: Recipes): Record<string, Record<string, unknown>> {
  function ask(functionName: string, key: string): unknown {
    const outcome = call(secretsStore, functionName, [key])
    if (!outcome.ok) throw new HostFault(outcome.fault)
    return outcome.value
  }

  class Secret {
    // Private: for a handle that it was never given, the glue makes an empty object of this class, and this refuses it.
    readonly #key: string

    constructor(key: string) {
      this.#key = key
      recipes.add(this, () => ['secret', key])
    }

    get key(): string {
      if (!(#key in this)) throw new Error('the component used a secret that it does not have')
      return this.#key
    }
  }

  // Only a name: its value is asked for each time.
  recipes.onMake('secret', ([key]) => (typeof key === 'string' ? new Secret(key) : undefined))

  return {
    [secretsStore]: {
      Secret,
      get(key: string): Secret {
        if (ask('has', key) !== true) throw new GuestError({ tag: 'not-found' })
        return new Secret(key)
      },
    },
    'wasmcloud:secrets/reveal': { reveal: (secret: Secret) => ask('reveal', secret.key) },
  }
}
