// How WIT names look in JavaScript, as jco spells them. Pure.

/** `move-point` as `movePoint`. */
export function toCamel(name: string): string {
  const [first = '', ...rest] = name.split('-')
  const head = first.toLowerCase() === first ? first : first.toLowerCase()
  return head + rest.map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase()).join('')
}

/** `move-point` as `MovePoint`: the class of a resource. */
export function toPascal(name: string): string {
  const camel = toCamel(name)
  return camel.charAt(0).toUpperCase() + camel.slice(1)
}

/** `ns:pkg/iface@1.2.3` as `ns:pkg/iface`. */
export const withoutVersion = (name: string): string => name.split('@')[0] ?? name

/** `ns:pkg/iface@1.2.3` as `1.2.3`, empty without one. */
export const versionOf = (name: string): string => name.split('@')[1] ?? ''

/** The name under which an interface is linked: links know no versions, nor the names under which some travel (lattice.md 5.3). */
export function linkedName(instance: string): string {
  const name = withoutVersion(instance)
  return name.startsWith('wrpc:') ? `wasi:${name.slice('wrpc:'.length)}` : name
}
