// wasmcloud:bus/lattice for a guest: which of several links for an interface its calls take (lattice.md 5.4). What it chose
// holds until its call is over, as on a v1 host, where every call has an instance of its own.

import { HostFault, type HostCall } from './host-call.js'
import { GuestError } from './import-error.js'
import type { Recipes } from './snapshot/recipes.js'
import { linkedName } from './wit-names.js'

/** Answered by the host: the first of these interfaces that has no link of this name, or nothing. */
export const busInterface = 'wasmcloud:bus/lattice'
/** Most characters of a name, and most interfaces for which one may be chosen at a time. */
const longestName = 255
const mostChosen = 1_000

export interface LinkNames {
  /** The name of the link that calls of this interface take; undefined for `default`. */
  of(instance: string): string | undefined
  /** The call is over. */
  forget(): void
  choose(name: string, interfaces: readonly string[]): void
}

export function createLinkNames(): LinkNames {
  const chosen = new Map<string, string>()
  return {
    of: (instance) => (chosen.size === 0 ? undefined : chosen.get(linkedName(instance))),
    forget: () => chosen.clear(),
    choose(name, interfaces) {
      for (const each of interfaces) {
        if (name === 'default') chosen.delete(each)
        else chosen.set(each, name)
      }
      if (chosen.size <= mostChosen) return
      throw new HostFault({ code: 'too-large', message: `links were chosen for more than ${mostChosen} interfaces` })
    },
  }
}

/** The interface as this version has it: 2.0 says when there is no such link, 1.0 does not look. */
export function createBus(
  version: string,
  names: LinkNames,
  call: HostCall,
  recipes: Recipes,
): Record<string, unknown> {
  const kind = `call-target-interface ${version}`

  class CallTargetInterface {
    // Private: for a handle that it was never given, the glue makes an empty object of this class, and this refuses it.
    readonly #name: string

    constructor(namespace: string, packageName: string, interfaceName: string) {
      this.#name = `${namespace}:${packageName}/${interfaceName}`
      recipes.add(this, () => [kind, namespace, packageName, interfaceName])
    }

    get interfaceName(): string {
      if (!(#name in this)) throw new Error('the component used a call-target-interface that it does not have')
      return this.#name
    }
  }

  recipes.onMake(kind, (data) => {
    const [namespace, packageName, interfaceName] = data.map(String)
    if (namespace === undefined || packageName === undefined || interfaceName === undefined) return undefined
    return new CallTargetInterface(namespace, packageName, interfaceName)
  })

  return {
    CallTargetInterface,
    setLinkName(name: string, interfaces: readonly CallTargetInterface[]): void {
      const wanted = interfaces.map((each) => each.interfaceName)
      if (name.length > longestName) {
        const message = `a link name of ${name.length} characters was chosen, and ${longestName} are allowed`
        throw new HostFault({ code: 'too-large', message })
      }
      if (!version.startsWith('1.')) {
        const outcome = call(busInterface, 'find-missing', [name, wanted])
        if (!outcome.ok) throw new HostFault(outcome.fault)
        if (typeof outcome.value === 'string') {
          throw new GuestError(`interface \`${outcome.value}\` does not have an existing link with name \`${name}\``)
        }
      }
      names.choose(name, wanted)
    },
  }
}
