// Grants as a person sees them in the window, one thing at a time, and what a component asked for and did not get. Schema and
// type together, as in records.ts. What a grant may say in detail is checked in main (`main/wasm/grants.ts`).

import * as v from 'valibot'

const text = v.pipe(v.string(), v.maxLength(4_096))
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))

/** One thing that a node lets a component reach. */
export const GrantPart = v.variant('kind', [
  v.object({
    kind: v.literal('directory'),
    /** Absolute path on this machine. */
    host: text,
    /** Where the component finds it; one grant for each. */
    guest: text,
    access: v.picklist(['read', 'read-write']),
  }),
  v.object({ kind: v.literal('host'), host: text, port, private: v.boolean() }),
  /** The loopback port on which its HTTP handler is served; there is one. */
  v.object({ kind: v.literal('serve'), port }),
  /** A loopback port on which it may listen and take datagrams; there may be several. */
  v.object({ kind: v.literal('listen'), port }),
  v.object({ kind: v.literal('variable'), name: text, value: text }),
  /** All of them, in order. */
  v.object({ kind: v.literal('arguments'), list: v.pipe(v.array(text), v.maxLength(256)) }),
  v.object({ kind: v.literal('stdin'), text: v.pipe(v.string(), v.maxLength(1024 * 1024)) }),
])
export type GrantPart = v.InferOutput<typeof GrantPart>
export type GrantKind = GrantPart['kind']

/** What this node grants to one component. */
export const GrantsView = v.object({
  /** Kept in this node's file, whether it holds now or not. */
  kept: v.array(GrantPart),
  /** From the command line, for this run. */
  given: v.array(GrantPart),
  /** `others`: what is kept was given to other bytes under this id, and these have none of it. */
  keptFor: v.picklist(['these', 'others', 'any']),
})
export type GrantsView = v.InferOutput<typeof GrantsView>

/** What a component asked for and did not get: nobody granted it, or it was granted and somebody else has it. */
export const Lack = v.variant('kind', [
  v.object({
    kind: v.literal('host'),
    /** Absent: it wanted the network and did not say for whom. */
    host: v.optional(text),
    /** Absent: it asked for the addresses of the name only. */
    port: v.optional(port),
    /** The name is granted and leads to this address, which is not. */
    address: v.optional(text),
  }),
  /** It wanted to be reached at this port; `isTaken`: it may, but something else on this machine is reached there. */
  v.object({ kind: v.literal('listen'), port, isTaken: v.optional(v.literal(true)) }),
  /** It looked for directories and has none. */
  v.object({ kind: v.literal('directory') }),
])
export type Lack = v.InferOutput<typeof Lack>

/** What a run of a command component is given by whoever runs it. */
export const RunInput = v.object({
  arguments: v.pipe(v.array(text), v.maxLength(256)),
  stdin: v.pipe(v.string(), v.maxLength(1024 * 1024)),
})
export type RunInput = v.InferOutput<typeof RunInput>
