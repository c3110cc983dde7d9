// What every spelling of a link has on the wire (lattice.md 4, 6.1), whether its configurations are names or values.
// Pure.

import * as v from 'valibot'
import type { Link } from '../../../preload/records.js'
import { token } from './json.js'

type Fields = Omit<Link, 'sourceConfig' | 'targetConfig' | 'traffic'>

/** Entries of a schema of links; `target`, not `target_id`. */
export const linkFields = {
  source_id: token,
  target: token,
  name: v.optional(v.string(), 'default'),
  wit_namespace: v.string(),
  wit_package: v.string(),
  interfaces: v.array(v.string()),
}

type WireFields = v.InferOutput<v.ObjectSchema<typeof linkFields, undefined>>

export const fromWireFields = (wire: WireFields): Fields => ({
  sourceId: wire.source_id,
  target: wire.target,
  name: wire.name,
  witNamespace: wire.wit_namespace,
  witPackage: wire.wit_package,
  interfaces: wire.interfaces,
})

export const toWireFields = (link: Fields): WireFields => ({
  source_id: link.sourceId,
  target: link.target,
  name: link.name,
  wit_namespace: link.witNamespace,
  wit_package: link.witPackage,
  interfaces: link.interfaces,
})
