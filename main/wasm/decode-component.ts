// Component binary to the description of its world: every import and export with full types. Pure and total: any bytes
// give a world or a reason in words. Source: component-model, design/mvp/Binary.md; there is no ready-made reader of
// types in JavaScript (jco prints names only).

import type { WitFunction, WitInterface, WitType, WitWorld } from '../../preload/wit.js'
import { Malformed, Reader, readPreamble } from './binary.js'
import { placeResources } from './component-homes.js'
import { newBudget, Scope } from './component-scope.js'
import { bounds, type Entity, type FunctionEntry } from './component-types.js'

export interface DecodedComponent {
  readonly world: WitWorld
  /** Exported functions that only a runtime of WASI 0.3 can call. */
  readonly asyncExports: readonly string[]
  /** Linear memories of one instance, however often its modules are instantiated. */
  readonly memories: number
  readonly name: string | undefined
  readonly version: string | undefined
}

export type DecodedComponentResult =
  | { readonly ok: true; readonly value: DecodedComponent }
  /** `reason` is a whole sentence without a full stop, for a person. */
  | { readonly ok: false; readonly reason: string; readonly offset: number }

interface Metadata {
  name: string | undefined
  version: string | undefined
}

export function decodeComponent(bytes: Uint8Array): DecodedComponentResult {
  const preamble = readPreamble(bytes)
  if (preamble === 'core') {
    const reason = 'this is a core WebAssembly module, not a component: wrap it with `wasm-tools component new`'
    return { ok: false, reason, offset: 4 }
  }
  if (preamble === 'none') return { ok: false, reason: describeForeign(bytes), offset: 0 }
  if (preamble === 'other') {
    const reason = 'this is WebAssembly of a version that is unknown here, not a component of WASI 0.2'
    return { ok: false, reason, offset: 4 }
  }
  try {
    const metadata: Metadata = { name: undefined, version: undefined }
    const budget = newBudget()
    const root = readComponent(new Reader(bytes, 'the component', 8), new Scope(budget), metadata)
    const resources = placeResources(root)
    budget.handles.finish()
    const imports = readInterfaces(root.imports, resources.imports)
    const exports = readInterfaces(root.exports, resources.exports)
    // Where the exports are handed over, JavaScript would call it, as of a promise.
    if (root.exports.get('then')?.sort === 'function')
      throw new Malformed('it exports `then`, which no host can take', 0)
    const world = { imports: imports.interfaces, exports: withoutInit(exports.interfaces) }
    const { memories } = root.cost
    return { ok: true, value: { world, asyncExports: exports.asyncNames, memories, ...metadata } }
  } catch (error) {
    if (error instanceof Malformed) {
      return { ok: false, reason: `this component cannot be read: ${error.message}`, offset: error.offset }
    }
    throw error
  }
}

/** What bytes that are no WebAssembly probably are. */
function describeForeign(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'this file is empty'
  const isStart = [0x00, 0x61, 0x73, 0x6d].every((byte, at) => bytes.length <= at || bytes[at] === byte)
  if (isStart) return `this file is cut off: it has ${bytes.length} bytes, and a component begins with 8`
  const start = String.fromCharCode(...bytes.subarray(0, 7))
  if (start.startsWith('(compon') || start.startsWith('(module')) {
    return 'this is WebAssembly text: turn it into a binary with `wasm-tools parse` first'
  }
  return 'this is not WebAssembly: a component begins with the bytes 00 61 73 6d'
}

/** Reads the sections behind a preamble; metadata is taken from the outermost component only. */
function readComponent(reader: Reader, scope: Scope, metadata: Metadata | undefined): Scope {
  while (reader.left > 0) {
    const id = reader.byte()
    const size = reader.u32()
    const section = reader.part(size, `section ${id}`)
    readSection(id, section, scope, metadata)
  }
  return scope
}

function readSection(id: number, section: Reader, scope: Scope, metadata: Metadata | undefined): void {
  const each = (read: () => void): void => {
    for (let left = section.count(); left > 0; left -= 1) read()
    if (section.left > 0) section.fail(`section ${id} has ${section.left} bytes too many`)
  }
  switch (id) {
    case 0:
      return metadata === undefined ? undefined : readCustom(section, metadata)
    case 1:
      return scope.readCoreModule(section)
    case 2:
      return each(() => scope.readCoreInstance(section))
    case 3: // Core types: the engine checks them.
      return
    case 4:
      return readNested(section, scope)
    case 5:
      return each(() => scope.readInstance(section))
    case 6:
      return each(() => scope.readAlias(section))
    case 7:
      return each(() => scope.readType(section))
    case 8:
      return each(() => readCanonical(section, scope))
    case 9:
      return section.fail('it has a start function of its own, which no tool writes and nothing here runs')
    case 10:
      return each(() => scope.readImport(section))
    case 11:
      return each(() => scope.readExport(section))
    default:
      return section.fail(`section ${id} is unknown here`)
  }
}

function readNested(section: Reader, scope: Scope): void {
  section.skip(8)
  const inner = readComponent(section, scope.inner(section), undefined)
  const { imports, exports, cost, resources } = inner
  const type = { kind: 'component', imports, exports, cost, resources, isInstantiated: false } as const
  scope.add({ sort: 'component', type }, section)
}

/** Custom sections that say what the component is called; damaged ones are as good as none. */
function readCustom(section: Reader, metadata: Metadata): void {
  const kind = section.name()
  try {
    if (kind === 'version') metadata.version = presentable(section.rest())
    if (kind !== 'component-name') return
    while (section.left > 0) {
      const id = section.byte()
      const part = section.part(section.u32(), 'the component name')
      if (id === 0) metadata.name = presentable(part.part(part.u32(), 'the component name').rest())
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
  }
}

/** Text for a title bar: one line, bounded. */
function presentable(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder()
    .decode(bytes.subarray(0, 200))
    // Control and direction characters could make a name look like another.
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
  return text === '' || text.includes('\ufffd') ? undefined : text
}

/** Operands of canonical built-ins: u index, t result type, o options, v core value type, b byte. */
const builtins: Readonly<Record<number, string>> = {
  0x02: 'u',
  0x03: 'u',
  0x04: 'u',
  0x05: '',
  0x06: 'b',
  0x07: 'u',
  0x08: '',
  0x09: 'to',
  0x0a: 'vu',
  0x0b: 'vu',
  0x0c: 'b',
  0x0d: '',
  0x0e: 'u',
  0x0f: 'uo',
  0x10: 'uo',
  0x11: 'ub',
  0x12: 'ub',
  0x13: 'u',
  0x14: 'u',
  0x15: 'u',
  0x16: 'uo',
  0x17: 'uo',
  0x18: 'ub',
  0x19: 'ub',
  0x1a: 'u',
  0x1b: 'u',
  0x1c: 'o',
  0x1d: 'o',
  0x1e: '',
  0x1f: '',
  0x20: 'bu',
  0x21: 'bu',
  0x22: '',
  0x23: '',
  0x24: '',
  0x25: '',
}

function readCanonical(section: Reader, scope: Scope): void {
  const code = section.byte()
  if (code === 0x00 || code === 0x01) {
    section.byte()
    section.u32()
    skipOptions(section)
    if (code === 0x01) return
    const type = scope.typeAt(section.u32(), section)
    if (type.kind !== 'function') section.fail(`a function has a ${type.kind} type`)
    scope.add({ sort: 'function', type }, section)
    return
  }
  const operands = builtins[code]
  if (operands === undefined) section.fail(`the canonical built-in 0x${code.toString(16)} is unknown here`)
  for (const operand of operands) {
    if (operand === 'u') section.u32()
    else if (operand === 'o') skipOptions(section)
    else if (operand === 't') skipResult(section)
    else section.byte()
  }
}

function skipOptions(section: Reader): void {
  for (let left = section.count(); left > 0; left -= 1) {
    const option = section.byte()
    const hasIndex = (option >= 0x03 && option <= 0x05) || option === 0x07 || option === 0x08
    if (option > 0x09) section.fail(`the canonical option 0x${option.toString(16)} is unknown here`)
    if (hasIndex) section.u32()
  }
}

function skipResult(section: Reader): void {
  if (section.byte() === 0) section.skipLeb(33)
  else section.byte()
}

interface ReadInterfaces {
  readonly interfaces: readonly WitInterface[]
  readonly asyncNames: readonly string[]
}

/** Functions of the interfaces of one side of the world; those at its root are gathered under the name `''`. */
function readInterfaces(
  entities: ReadonlyMap<string, Entity>,
  resources: ReadonlyMap<string, readonly string[]>,
): ReadInterfaces {
  const interfaces: WitInterface[] = []
  const atRoot: WitFunction[] = []
  const asyncNames: string[] = []
  let weight = 0
  const weigh = (more: number): void => {
    weight += more
    if (weight > 10 * bounds.weight) throw new Malformed(`its types have more than ${10 * bounds.weight} parts`, 0)
  }
  const describe = (name: string, type: FunctionEntry, inside: string): WitFunction => {
    weigh(type.weight)
    if (type.isAsync) asyncNames.push(inside === '' ? name : `${inside}.${name}`)
    const { params, result } = type
    return result === undefined ? { name, params } : { name, params, result }
  }
  for (const [name, entity] of entities) {
    if (entity.sort === 'function') atRoot.push(describe(name, entity.type, ''))
    if (entity.sort !== 'instance') continue
    const functions: WitFunction[] = []
    // One instance may be exported many times: its members are paid for each time.
    for (const [inner, member] of entity.type.exports) {
      weigh(1)
      if (member.sort === 'function') functions.push(describe(inner, member.type, name))
    }
    const own = resources.get(name)
    interfaces.push(own === undefined ? { name, functions } : { name, functions, resources: own })
  }
  return { interfaces: atRoot.length === 0 ? interfaces : [...interfaces, { name: '', functions: atRoot }], asyncNames }
}

/** Components made by componentize-qjs still export the function that took their script at build time. */
function withoutInit(exports: readonly WitInterface[]): readonly WitInterface[] {
  return exports
    .map((each) => (each.name === '' ? { ...each, functions: each.functions.filter((f) => !isQuickJsInit(f)) } : each))
    .filter((each) => each.name !== '' || each.functions.length > 0)
}

function isQuickJsInit(candidate: WitFunction): boolean {
  const kinds = candidate.params.map(({ type }: { type: WitType }) => type.kind).join()
  return candidate.name === 'init' && kinds === 'string,string,option,bool'
}
