// Three edits of the transpiler's glue that hand its bookkeeping out once, when an instance is complete: closure variables
// are reachable in no other way. Pure text. It knows names of one version of the transpiler (prepared-format.ts pins it):
// a pattern that does not fit exactly once means that copies of this component are not to be trusted.

export type TappedGlue =
  | { readonly ok: true; readonly glue: string }
  /** The end of a sentence. */
  | { readonly ok: false; readonly reason: string }

class Unfit extends Error {}

const signature = 'instantiateCore = WebAssembly.instantiate) {'
/** The last statement of the generator that builds the instance, and what follows it. */
const lastReturn = /\n( *)(return \{[^\n]*\};\n *\}\)\(\);\n *let promise, resolve, reject;)/g
/** Names that each glue has; the state of rest is read from them. */
const always = [
  'INSTANCE_FLAGS',
  'STORE_TRAP',
  'ASYNC_STATE',
  'ASYNC_TASKS_BY_COMPONENT_IDX',
  'RESOURCE_SCOPE_TASKS',
  'STORE_ASYNC_STATE',
]

/** `glue` with one more parameter of `instantiate`, a function that is called with a `Tap` (tap.ts). */
export function tapGlue(glue: string): TappedGlue {
  try {
    for (const name of always) once(glue, new RegExp(`^ *const ${name} = `, 'gm'), name)
    const tapped = replaceOnce(
      nameDrops(glue),
      lastReturn,
      'the end of the instantiation',
      (_whole, indent, rest) => `\n${indent}if (__tap) __tap(${describe(glue)});\n${indent}${rest}`,
    )
    const withParameter = replaceOnce(
      tapped,
      /instantiateCore = WebAssembly\.instantiate\) \{/g,
      'the signature',
      () => `${signature.slice(0, -3)}, __tap) { const __drops = {};`,
    )
    return { ok: true, glue: withParameter }
  } catch (error) {
    if (error instanceof Unfit) return { ok: false, reason: error.message }
    throw error
  }
}

/** Keeps the function by which each kind of the guest's resources is dropped. */
function nameDrops(glue: string): string {
  const all = glue.match(/finalizationRegistryCreate\(\(handle\) => \{/g)?.length ?? 0
  let named = 0
  const result = glue.replace(
    /const finalizationRegistry(\d+) = finalizationRegistryCreate\(\(handle\) => \{/g,
    (_whole, id: string) => {
      named += 1
      return `const finalizationRegistry${id} = finalizationRegistryCreate(__drops[${id}] = (handle) => {`
    },
  )
  if (named !== all) throw new Unfit('its glue drops resources in a form that is unknown here')
  return result
}

/** The argument of the tap as an expression. Names that only some glue has are asked for with `typeof`. */
function describe(glue: string): string {
  const captures = findCaptures(glue)
  const held = findHeld(glue)
  const tables = ids(glue, /const handleTable(\d+) = \[T_FLAG, 0\];/g)
  const known = ids(glue, /HANDLE_TABLES\[(\d+)\] = handleTable\1;/g)
  if (tables.length !== known.length) throw new Unfit('its glue keeps handles in a form that is unknown here')
  const maybe = (name: string, otherwise = '[]'): string => `typeof ${name} === 'undefined' ? ${otherwise} : ${name}`
  return `{
    tables: ${maybe('HANDLE_TABLES')},
    captures: [${captures.map(writeCapture).join(', ')}],
    held: [${held.map(writeHeld).join(', ')}],
    handleSymbol: ${maybe('symbolRscHandle', 'undefined')},
    disposeSymbol: ${maybe('symbolDispose', 'undefined')},
    rest: { flags: INSTANCE_FLAGS, trap: STORE_TRAP, states: ASYNC_STATE, tasks: ASYNC_TASKS_BY_COMPONENT_IDX,
      scopes: RESOURCE_SCOPE_TASKS, store: STORE_ASYNC_STATE,
      borrows: () => [${maybe('RESOURCE_CALL_BORROWS')}, ${maybe('curResourceBorrows')},
        ${maybe('SYMMETRIC_SYNC_GUEST_CALL_STACK')}].map((list) => list.length) } }`
}

interface Capture {
  readonly id: string
  readonly type: string | undefined
  readonly tables: readonly string[]
}

const writeCapture = ({ id, type, tables }: Capture): string =>
  `{ id: ${id}, map: captureTable${id}, get count() { return captureCnt${id}; }, ` +
  `set count(v) { captureCnt${id} = v; }, tables: [${tables.join(', ')}], type: ${type ?? 'undefined'} }`

interface Held {
  readonly table: string
  readonly type: string
}

const writeHeld = ({ table, type }: Held): string =>
  `{ table: ${table}, type: ${type}, registry: finalizationRegistry${table}, drop: __drops[${table}] }`

/** Where the glue takes a host's object out of its map, and where it puts one in: both name its class and its table. */
const takesOut =
  /handleTable(\d+)\[[^\]\n]*\] & ~T_FLAG;\s*var rsc\d+ = captureTable(\d+)\.get\(rep\d+\);\s*if \(!rsc\d+\) \{\s*rsc\d+ = Object\.create\(([\w$]+)\.prototype\)/g
const putsIn =
  /instanceof ([\w$]+)\)\) \{\s*throw new TypeError\([^\n]*\);\s*\}\s*var handle\d+ = [^\n]*\[symbolRscHandle\];\s*if \(!handle\d+\) \{\s*const rep = [^\n]*\+\+captureCnt(\d+);\s*captureTable\d+\.set\(rep, [^\n]*\);\s*handle\d+ = rscTableCreateOwn\(handleTable(\d+), rep\)/g

function findCaptures(glue: string): Capture[] {
  const types = new Map<string, Set<string>>()
  const tables = new Map<string, Set<string>>()
  const note = (id: string | undefined, type: string | undefined, table: string | undefined): void => {
    if (id === undefined || type === undefined || table === undefined) return
    types.set(id, (types.get(id) ?? new Set()).add(type))
    tables.set(id, (tables.get(id) ?? new Set()).add(table))
  }
  for (const [, table, id, type] of glue.matchAll(takesOut)) note(id, type, table)
  for (const [, type, id, table] of glue.matchAll(putsIn)) note(id, type, table)
  return ids(glue, /const captureTable(\d+) *= new Map\(\);/g).map((id) => {
    const found = [...(types.get(id) ?? [])]
    // Two classes for one map would make a check of either worthless.
    return { id, type: found.length === 1 ? found[0] : undefined, tables: [...(tables.get(id) ?? [])] }
  })
}

/** Classes of resources that the guest defines, and whose objects a host may hold. */
function findHeld(glue: string): Held[] {
  const pattern =
    /new\.target === ([\w$]+) \? this : Object\.create\(\1\.prototype\);\n[^\n]*\n *finalizationRegistry(\d+)\.register/g
  const found = new Map<string, string>()
  for (const [, type, table] of glue.matchAll(pattern)) {
    if (type !== undefined && table !== undefined) found.set(table, type)
  }
  return [...found].map(([table, type]) => ({ table, type }))
}

const ids = (glue: string, pattern: RegExp): string[] => [
  ...new Set([...glue.matchAll(pattern)].flatMap(([, id]) => id ?? [])),
]

function once(glue: string, pattern: RegExp, what: string): void {
  const count = glue.match(pattern)?.length ?? 0
  if (count !== 1) throw new Unfit(`its glue has ${what} ${count} times, and it should be once`)
}

function replaceOnce(
  glue: string,
  pattern: RegExp,
  what: string,
  replacement: (whole: string, first: string, second: string) => string,
): string {
  once(glue, pattern, what)
  return glue.replace(pattern, replacement)
}
