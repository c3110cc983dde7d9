// Names of a component's imports and exports, and core types that only have to be passed over. Pure.

import type { Reader } from './binary.js'

/** `ns:pkg/iface@version` or a plain name. */
export function readExternName(reader: Reader): string {
  const code = reader.byte()
  if (code > 0x02) reader.fail('a name is written in an unknown way')
  // The suffix completes a version that was cut to its compatible part.
  const name = code === 0x02 ? reader.name() + reader.name() : reader.name()
  if (!/^[\w:/@.+[\]-]*$/.test(name)) {
    reader.fail(`the name ${JSON.stringify(name.slice(0, 60))} is not one of an interface or a function`)
  }
  return name
}

/** A core type inside an instance or component type: nothing here depends on it. */
export function skipCoreType(reader: Reader): void {
  const code = reader.byte()
  if (code === 0x60) {
    for (let list = 0; list < 2; list += 1) {
      for (let left = reader.count(); left > 0; left -= 1) skipCoreValueType(reader)
    }
    return
  }
  reader.fail(`a core type 0x${code.toString(16)} is declared inside a component type, which no tool writes`)
}

function skipCoreValueType(reader: Reader): void {
  const code = reader.byte()
  // A reference with its own heap type has an index behind it.
  if (code === 0x63 || code === 0x64) reader.skipLeb(33)
}
