// The lint rule behind the import table of eslint.config.js. A rule of our own, since `no-restricted-imports` sees how an
// import is spelled and not which file it leads to: `../../x.js` means another file in each folder. It looks at static and
// dynamic imports, re-exports, type imports and `require`.

import path from 'node:path'

/** Does `target` (a file of the repository without extension, or a package) fit an entry of the table? */
export function fits(target, entry) {
  if (entry.endsWith('/**')) return target.startsWith(entry.slice(0, -2))
  if (entry.endsWith('*')) return target.startsWith(entry.slice(0, -1))
  return target === entry
}

/** The file or package that an import leads to, as the table spells it. */
export function targetOf(file, specifier) {
  if (!specifier.startsWith('.')) return specifier
  const joined = path.posix.join(path.posix.dirname(file), specifier.replace(/[?#].*$/, ''))
  return joined.replace(/\.(?:d\.)?[cm]?[jt]sx?$/, '')
}

/** The row for a file: the first one that names it. */
export function rowFor(table, file) {
  return table.find((row) => row.files.some((entry) => fits(file, entry) || fits(targetOf('', `./${file}`), entry)))
}

/** Why this import is not allowed, or undefined. */
export function objection(table, file, specifier, isType) {
  const row = rowFor(table, file)
  if (row === undefined) return `no row of the import table names ${file}`
  const target = targetOf(file, specifier)
  const may = (entries) => (entries ?? []).some((entry) => fits(target, entry))
  if (may(row.never)) return `${row.name} may not import ${target}`
  if (may(row.may)) return undefined
  if (may(row.types)) return isType ? undefined : `${row.name} may import only types of ${target}`
  return `${row.name} may not import ${target}`
}

const onlyTypes = (node) =>
  node.importKind === 'type' ||
  node.exportKind === 'type' ||
  (node.specifiers?.length > 0 &&
    node.specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type'))

export const importTable = {
  meta: {
    type: 'problem',
    docs: { description: 'Who may import whom (table in eslint.config.js)' },
    schema: [{ type: 'array', items: { type: 'object' } }],
    messages: { no: '{{ reason }} (table in eslint.config.js).' },
  },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/')
    const [table] = context.options
    const check = (node, source, isType) => {
      if (typeof source?.value !== 'string') return
      const reason = objection(table, file, source.value, isType)
      if (reason !== undefined) context.report({ node, messageId: 'no', data: { reason } })
    }
    return {
      ImportDeclaration: (node) => check(node, node.source, onlyTypes(node)),
      ExportNamedDeclaration: (node) => check(node, node.source, onlyTypes(node)),
      ExportAllDeclaration: (node) => check(node, node.source, onlyTypes(node)),
      ImportExpression: (node) => check(node, node.source, false),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal, true),
      CallExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'require') check(node, node.arguments[0], false)
      },
    }
  },
}
