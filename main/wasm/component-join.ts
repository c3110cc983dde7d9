// Joins what a component or a description asks for with what stands for it, by the resources they hold. Pure.

import { join } from './component-resources.js'
import type { Entity } from './component-types.js'

/** What is asked for, or said, stands for what is given: a resource, or those that instances hold under one name. The number of members looked at. */
export function joinEntities(asked: Entity, given: Entity): number {
  if (asked.sort === 'type' && given.sort === 'type') {
    if (asked.type.kind === 'resource' && given.type.kind === 'resource') join(asked.type.identity, given.type.identity)
  }
  if (asked.sort !== 'instance' || given.sort !== 'instance') return 0
  for (const [name, member] of asked.type.exports) {
    const same = given.type.exports.get(name)
    if (member.sort === 'type' && member.type.kind === 'resource' && same !== undefined) joinEntities(member, same)
  }
  return asked.type.exports.size
}
