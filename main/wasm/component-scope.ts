// The index spaces of one component or type scope, and the declarations that fill them: imports, exports, aliases,
// instances. Pure. Source: component-model, design/mvp/Binary.md.

import type { Reader } from './binary.js'
import { joinEntities } from './component-join.js'
import { readExternName, skipCoreType } from './component-names.js'
import { Handles, type ResourceIdentity } from './component-resources.js'
import { addCost, noCost, readCoreModule, readCoreName, type CoreCost } from './core-module.js'
import {
  bounds,
  named,
  newResource,
  readDefinedValue,
  readFunctionType,
  type ComponentEntry,
  type Entity,
  type InstanceEntry,
  type ResourceEntry,
  type TypeEntry,
  type TypeScope,
} from './component-types.js'

const opaque: Entity = { sort: 'opaque' }

/** Counts over a whole decode, nested parts included. */
export interface Budget {
  entries: number
  readonly handles: Handles
}

export const newBudget = (): Budget => ({ entries: 0, handles: new Handles() })

export class Scope {
  readonly functions: Entity[] = []
  readonly types: TypeEntry[] = []
  readonly instances: InstanceEntry[] = []
  readonly components: ComponentEntry[] = []
  readonly modules: (CoreCost | undefined)[] = []
  /** What instantiating this scope's component makes, as far as it was read. */
  cost: CoreCost = noCost
  readonly imports = new Map<string, Entity>()
  readonly exports = new Map<string, Entity>()
  /** Those that each instance of this scope's component has of its own, through what it instantiates, too. */
  readonly resources = new Set<ResourceIdentity>()
  readonly #outer: Scope | undefined
  readonly #depth: number
  readonly #budget: Budget

  constructor(budget: Budget, outer?: Scope) {
    this.#budget = budget
    this.#outer = outer
    this.#depth = outer === undefined ? 0 : outer.#depth + 1
  }

  /** A scope inside this one, which sees this one's types through outer aliases. */
  inner(reader: Reader): Scope {
    if (this.#depth + 1 > bounds.nesting) reader.fail(`parts are nested more than ${bounds.nesting} deep`)
    return new Scope(this.#budget, this)
  }

  typeAt(index: number, reader: Reader): TypeEntry {
    return this.types[index] ?? reader.fail(`type ${index} is used but there are only ${this.types.length}`)
  }

  #count(things: number, reader: Reader): void {
    this.#budget.entries += things
    if (this.#budget.entries > bounds.entries) reader.fail(`it defines more than ${bounds.entries} things`)
  }

  #join(asked: Entity | undefined, given: Entity, reader: Reader): void {
    if (asked !== undefined) this.#count(joinEntities(asked, given), reader)
  }

  add(entity: Entity, reader: Reader): void {
    this.#count(1, reader)
    if (entity.sort === 'function') this.functions.push(entity)
    if (entity.sort === 'type') this.types.push(entity.type)
    if (entity.sort === 'instance') this.instances.push(entity.type)
    if (entity.sort === 'component') this.components.push(entity.type)
    if (entity.sort === 'module') this.modules.push(entity.cost)
  }

  handle(...[kind, { name, identity }]: Parameters<TypeScope['handle']>): ReturnType<TypeScope['handle']> {
    return this.#budget.handles.make(kind, name, identity)
  }

  #newResource(name: string): ResourceEntry {
    const entry = newResource(name)
    this.resources.add(entry.identity)
    return entry
  }

  readCoreModule(reader: Reader): void {
    this.add({ sort: 'module', cost: readCoreModule(reader) }, reader)
  }

  /** A core instance: a module with what it is given, or names for things that are there. */
  readCoreInstance(reader: Reader): void {
    const code = reader.byte()
    if (code === 0x00) {
      const index = reader.u32()
      if (index >= this.modules.length)
        reader.fail(`core module ${index} is used but there are only ${this.modules.length}`)
      this.#pay(this.modules[index], reader)
    } else if (code !== 0x01) {
      reader.fail('a core instance is made in an unknown way')
    }
    for (let left = reader.count(); left > 0; left -= 1) {
      readCoreName(reader)
      reader.byte()
      reader.u32()
    }
  }

  #pay(cost: CoreCost | undefined, reader: Reader): void {
    if (cost === undefined) reader.fail('it instantiates what is only passed to it, which nothing here can give')
    this.cost = addCost(this.cost, cost)
    for (const what of ['instances', 'memories', 'tables'] as const) {
      if (this.cost[what] > bounds.core[what]) {
        reader.fail(`one instance of it would have more than ${bounds.core[what]} core ${what}`)
      }
    }
  }

  /** Each instance of a component has resources of its own, and types tell them apart only if there is one. */
  #own(component: ComponentEntry, reader: Reader): void {
    for (const identity of component.resources ?? []) {
      this.#count(1, reader)
      identity.isAmbiguous ||= component.isInstantiated
      this.resources.add(identity)
    }
    component.isInstantiated = true
  }

  addType(type: TypeEntry, reader: Reader): void {
    this.add({ sort: 'type', type }, reader)
  }

  /** A sort and an index; core things are opaque. */
  readSortIndex(reader: Reader): Entity {
    const sort = reader.byte()
    const isModule = sort === 0x00 && reader.byte() === 0x11
    const index = reader.u32()
    if (isModule) return { sort: 'module', cost: this.modules[index] }
    return sort === 0x00 || sort === 0x02 ? opaque : this.#entityAt(sort, index, reader)
  }

  #entityAt(sort: number, index: number, reader: Reader): Entity {
    const missing = (what: string, count: number): never =>
      reader.fail(`${what} ${index} is used but there are only ${count}`)
    switch (sort) {
      case 0x01:
        return this.functions[index] ?? missing('function', this.functions.length)
      case 0x03:
        return { sort: 'type', type: this.typeAt(index, reader) }
      case 0x04: {
        const type = this.components[index] ?? missing('component', this.components.length)
        return { sort: 'component', type }
      }
      case 0x05: {
        const type = this.instances[index] ?? missing('instance', this.instances.length)
        return { sort: 'instance', type }
      }
      default:
        return reader.fail(`sort 0x${sort.toString(16)} is unknown here`)
    }
  }

  /** What an import or export is said to be; a type in it takes `name`. */
  #readDescription(reader: Reader, name: string): Entity {
    const code = reader.byte()
    switch (code) {
      case 0x00:
        if (reader.byte() !== 0x11) reader.fail('a core import or export is no module')
        reader.u32()
        return { sort: 'module', cost: undefined }
      case 0x01: {
        const type = this.typeAt(reader.u32(), reader)
        return type.kind === 'function' ? { sort: 'function', type } : reader.fail(`a function has a ${type.kind} type`)
      }
      case 0x02:
        return reader.fail('it imports or exports a plain value, which nothing here can give')
      case 0x03: {
        const bound = reader.byte()
        if (bound === 0x01) return { sort: 'type', type: this.#newResource(name) }
        if (bound !== 0x00) reader.fail('a type has an unknown bound')
        return { sort: 'type', type: named(this.typeAt(reader.u32(), reader), name) }
      }
      case 0x04: {
        const type = this.typeAt(reader.u32(), reader)
        return type.kind === 'component'
          ? { sort: 'component', type }
          : reader.fail(`a component has a ${type.kind} type`)
      }
      case 0x05: {
        const type = this.typeAt(reader.u32(), reader)
        return type.kind === 'instance'
          ? { sort: 'instance', type }
          : reader.fail(`an instance has a ${type.kind} type`)
      }
      default:
        return reader.fail(`a description 0x${code.toString(16)} is unknown here`)
    }
  }

  readImport(reader: Reader): void {
    const name = readExternName(reader)
    const entity = this.#readDescription(reader, name)
    this.imports.set(name, entity)
    this.add(entity, reader)
  }

  /** An export declaration of a type scope. */
  readExportDeclaration(reader: Reader): void {
    const name = readExternName(reader)
    const entity = this.#readDescription(reader, name)
    this.exports.set(name, entity)
    this.add(entity, reader)
  }

  /** An export of a component: a thing, and what it is said to be if that differs. The said wins: it has the names. */
  readExport(reader: Reader): void {
    const name = readExternName(reader)
    const thing = this.readSortIndex(reader)
    const flag = reader.byte()
    if (flag > 1) reader.fail('an export is marked neither with nor without a description')
    const said = flag === 1 ? this.#readDescription(reader, name) : thing
    if (said !== thing) this.#join(said, thing, reader)
    const entity =
      said.sort === 'type' ? ({ sort: 'type', type: named(said.type, name) } as const) : withCost(said, thing)
    this.exports.set(name, entity)
    this.add(entity, reader)
  }

  readAlias(reader: Reader): void {
    const sort = reader.byte()
    const isModule = sort === 0x00 && reader.byte() === 0x11
    const target = reader.byte()
    switch (target) {
      case 0x00: {
        const instance = this.instances[reader.u32()]
        if (instance === undefined) reader.fail('an alias points at an instance that is not there')
        const name = reader.name()
        const entity = instance.exports.get(name)
        if (entity === undefined) reader.fail(`an alias asks an instance for ${JSON.stringify(name)}, which it has not`)
        this.add(entity, reader)
        return
      }
      case 0x01:
        reader.u32()
        readCoreName(reader)
        return
      case 0x02: {
        const count = reader.u32()
        const index = reader.u32()
        const scope = this.#outward(count, reader)
        // Of outer things only types, components and modules have a place here; core types are opaque.
        if (isModule) this.add({ sort: 'module', cost: scope.modules[index] }, reader)
        if (sort === 0x03 || sort === 0x04) this.add(scope.#entityAt(sort, index, reader), reader)
        return
      }
      default:
        reader.fail('an alias has an unknown target')
    }
  }

  #outward(count: number, reader: Reader): Scope {
    // This scope is one of its own outer ones: count 0 is itself.
    let scope: Scope | undefined = count > bounds.nesting ? undefined : this
    for (let step = 0; step < count && scope !== undefined; step += 1) scope = scope.#outer
    return scope ?? reader.fail('an alias points outside of the outermost component')
  }

  readInstance(reader: Reader): void {
    const code = reader.byte()
    if (code === 0x00) {
      const component = this.components[reader.u32()]
      if (component === undefined) reader.fail('a component is instantiated that is not there')
      for (let left = reader.count(); left > 0; left -= 1) {
        const asked = component.imports.get(reader.name())
        this.#join(asked, this.readSortIndex(reader), reader)
      }
      this.#pay(component.cost, reader)
      this.#own(component, reader)
      this.add({ sort: 'instance', type: { kind: 'instance', exports: component.exports } }, reader)
      return
    }
    if (code !== 0x01) reader.fail('an instance is made in an unknown way')
    const exports = new Map<string, Entity>()
    for (let left = reader.count(); left > 0; left -= 1) {
      const name = readExternName(reader)
      exports.set(name, this.readSortIndex(reader))
    }
    this.add({ sort: 'instance', type: { kind: 'instance', exports } }, reader)
  }

  readType(reader: Reader): void {
    const code = reader.byte()
    switch (code) {
      case 0x40:
      case 0x43:
        return this.addType(readFunctionType(reader, this, code === 0x43), reader)
      case 0x41:
      case 0x42:
        return this.addType(this.#readScopeType(reader, code === 0x41), reader)
      case 0x3f:
        reader.byte()
        if (reader.byte() === 1) reader.u32()
        return this.addType(this.#newResource('resource'), reader)
      default:
        return this.addType(readDefinedValue(reader, this, code), reader)
    }
  }

  #readScopeType(reader: Reader, isComponent: boolean): TypeEntry {
    const scope = this.inner(reader)
    for (let left = reader.count(); left > 0; left -= 1) {
      const code = reader.byte()
      if (code === 0x00) skipCoreType(reader)
      else if (code === 0x01) scope.readType(reader)
      else if (code === 0x02) scope.readAlias(reader)
      else if (code === 0x03 && isComponent) scope.readImport(reader)
      else if (code === 0x04) scope.readExportDeclaration(reader)
      else reader.fail(`a declaration 0x${code.toString(16)} is unknown here`)
    }
    return isComponent
      ? {
          kind: 'component',
          imports: scope.imports,
          exports: scope.exports,
          cost: undefined,
          resources: undefined,
          isInstantiated: false,
        }
      : { kind: 'instance', exports: scope.exports }
  }
}

/** A description of a module or component does not say what it costs; the thing itself does. */
const withCost = (said: Entity, thing: Entity): Entity =>
  (said.sort === 'module' || said.sort === 'component') && thing.sort === said.sort ? thing : said
