// What must be so before a component runs here: its token is genuine, the lattice's policy permits it, and it has the secrets that
// its configuration names (lattice.md 1.7). Asks the policy again for each kind of call from outside.

import { findToken, readClaims } from '../lattice/claims.js'
import type { ActorSpec, OnClaims } from '../lattice/host-types.js'
import type { Policy } from '../lattice/policy.js'
import type { ComponentClaims } from '../lattice/protocol/component-claims.js'
import { isSecretName, noSecrets, type SecretValues } from '../lattice/protocol/secret.js'
import type { Secrets } from '../lattice/secrets.js'
import type { PreparedComponent } from '../wasm/types.js'
import { incomingHandlerOf, incomingInstance } from '../wasm/runtime.js'

/** What signed bytes say of themselves; all absent when they are not signed. */
export interface Admitted {
  readonly claims: ComponentClaims | undefined
  readonly token: string | undefined
  readonly secrets: SecretValues
}

export interface Admission {
  /** Rejects when these bytes must not start; what genuine ones say of themselves is told first. */
  admit(spec: ActorSpec, bytes: Uint8Array, onClaims: OnClaims | undefined): Promise<Admitted>
  /** The same bytes with other limits or configurations. */
  admitAgain(spec: ActorSpec, before: ActorSpec, known: Admitted): Promise<Admitted>
  permitCall(
    actor: {
      readonly spec: ActorSpec
      readonly claims: ComponentClaims | undefined
      readonly prepared: PreparedComponent
    },
    instance: string,
    functionName: string,
  ): Promise<void> | undefined
}

export interface AdmissionParts {
  /** Absent: everything is permitted. */
  readonly policy?: Policy | undefined
  /** Absent: nobody has secrets. */
  readonly secrets?: Pick<Secrets, 'fetch'> | undefined
}

export function createAdmission({ policy, secrets }: AdmissionParts): Admission {
  const permitStart = async (spec: ActorSpec, claims: ComponentClaims | undefined): Promise<void> => {
    const { componentId: id, imageRef, annotations, maxInstances } = spec
    await policy?.permit({ kind: 'startComponent', id, imageRef, annotations, maxInstances, claims })
  }
  const secretsOf = async ({ config, annotations }: ActorSpec, token: string | undefined): Promise<SecretValues> =>
    (await secrets?.fetch(config, { token, annotations })) ?? noSecrets

  return {
    async admit(spec, bytes, onClaims) {
      const claims = readClaims(bytes, Date.now())
      const token = claims === undefined ? undefined : findToken(bytes)
      if (claims !== undefined) await onClaims?.(claims)
      await permitStart(spec, claims)
      return { claims, token, secrets: await secretsOf(spec, token) }
    },

    async admitAgain(spec, before, known) {
      await permitStart(spec, known.claims)
      const names = (of: ActorSpec): string => JSON.stringify(of.config.filter(isSecretName))
      const { claims, token } = known
      const isSame = names(spec) === names(before)
      return { claims, token, secrets: isSame ? known.secrets : await secretsOf(spec, token) }
    },

    permitCall({ spec, claims, prepared }, instance, functionName) {
      if (policy === undefined) return undefined
      const { componentId: id, imageRef, annotations } = spec
      // Under the name that it is served by.
      const isHttp = instance === incomingHandlerOf(prepared.world)
      const called = { interface: isHttp ? incomingInstance : instance, function: functionName }
      return policy.permit({ kind: 'performInvocation', id, imageRef, annotations, claims, ...called })
    },
  }
}
