// Lint: the house rules that a machine can check. The import table below is the one place that says who may import whom;
// tsconfig.pure.json says the same of globals for the pure files, by compiling them without any.

import { importX } from 'eslint-plugin-import-x'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import tseslint from 'typescript-eslint'
import { importTable } from './build/lint/import-table.mjs'

/** What both sides of the bridge share: all of it pure. */
const border = [
  'preload/contract',
  'preload/lattice-calls',
  'preload/records',
  'preload/grants',
  'preload/frame',
  'preload/wit',
  'preload/changes',
  'preload/applications',
  'preload/manifest',
  'preload/permits',
  'preload/remembered',
  'preload/traffic',
]
const errors = ['main/failure', 'main/log']

/**
 * Who may import whom. The first row that names a file holds for it. `folder/**` is a folder, `name*` a beginning, anything
 * else one file (without extension) or package. `types` may be imported as types only, `never` wins over the rest.
 */
export const table = [
  { name: 'The border', files: border, may: [...border, 'valibot'] },
  { name: 'The preload script', files: ['preload/index'], may: [...border, 'electron'] },

  { name: 'main/wrpc', files: ['main/wrpc/**'], may: ['main/wrpc/**'], types: ['preload/wit'] },
  {
    name: 'main/lattice/protocol',
    files: ['main/lattice/protocol/**'],
    may: ['main/lattice/protocol/**', ...border, 'valibot'],
  },
  { name: 'Failures and the log', files: errors, may: ['node:*'], types: [...errors, ...border] },
  {
    name: 'The NATS connection',
    files: ['main/nats/connection', 'main/nats/dial'],
    may: ['main/nats/**', ...errors, 'node:*', 'nats', 'nats.ws', 'ws'],
  },
  { name: 'main/nats', files: ['main/nats/**'], may: ['main/nats/**', ...errors, 'node:*'], types: ['nats'] },
  {
    name: 'Sealing with curve keys',
    files: ['main/lattice/xkeys'],
    may: ['main/lattice/**', ...errors, 'nkeys.js'],
  },
  {
    name: 'main/lattice',
    files: ['main/lattice/**'],
    // Manifests of wadm are YAML, captures of wash are tars. state-file: what references of registries meant outlives the process. wasm/binary: the reader of WebAssembly's
    // sections, since signed components carry their claims in one.
    may: [
      'main/lattice/**',
      'main/wrpc/**',
      'main/state-file',
      'main/wasm/binary',
      ...errors,
      ...border,
      'node:*',
      'valibot',
      'yaml',
      'tar',
    ],
    types: ['main/nats/transport', 'main/nats/recording'],
  },
  {
    name: 'main/wasm',
    files: ['main/wasm/**'],
    may: ['main/wasm/**', ...errors, ...border, 'node:*', 'valibot', '@bytecodealliance/*'],
    types: ['main/wrpc/types'],
  },
  {
    name: 'main/providers',
    files: ['main/providers/**'],
    may: ['main/providers/**', 'main/lattice/protocol/**', ...errors, ...border, 'node:*'],
    types: ['main/nats/transport'],
  },
  {
    // Providers that the lattice starts: processes, and those that bring HTTP and messages to components.
    name: 'main/provider-host',
    files: ['main/provider-host/**'],
    may: [
      'main/provider-host/**',
      'main/providers/**',
      'main/lattice/nkeys',
      'main/lattice/provider-claims',
      'main/lattice/protocol/**',
      'main/actors/http-server',
      'main/actors/serve-providers',
      ...errors,
      ...border,
      'node:*',
      'tar',
    ],
    types: ['main/nats/transport', 'main/lattice/**', 'main/actors/http-calls', 'main/wasm/runtime'],
  },
  {
    name: 'main/actors',
    files: ['main/actors/**'],
    may: [
      'main/actors/**',
      'main/lattice/**',
      'main/providers/**',
      'main/wasm/types',
      'main/wasm/runtime',
      ...errors,
      ...border,
      'node:*',
      'valibot',
    ],
    types: ['main/nats/transport', 'main/wrpc/types', 'main/provider-host/types'],
  },
  {
    name: 'main/desktop',
    files: ['main/desktop/**'],
    may: ['main/desktop/**', ...errors, ...border, 'node:*', 'valibot', 'electron'],
  },
  { name: 'main/ipc', files: ['main/ipc'], may: [...errors, ...border, 'node:*', 'valibot', 'electron'] },
  {
    name: 'The desktop entry and what it is made of',
    files: ['main/index', 'main/shell', 'main/own-lattice'],
    may: ['main/**', ...border, 'node:*', 'valibot', 'electron'],
  },
  {
    name: 'main',
    files: ['main/**'],
    may: ['main/**', ...border, 'node:*', 'valibot', 'yaml', 'package.json'],
    never: ['main/index', 'main/shell', 'main/own-lattice', 'main/desktop/**'],
  },

  { name: 'renderer/state', files: ['renderer/state/**'], may: ['renderer/state/**', ...border, 'zustand/vanilla'] },
  {
    name: 'renderer/scene',
    files: ['renderer/scene/**'],
    // A pill is as wide as its name, and its name is in the person's language.
    may: ['renderer/scene/**', 'renderer/state/provider-names'],
    types: ['renderer/state/**', ...border],
  },
  {
    name: 'renderer/view',
    files: ['renderer/view/**'],
    // Where a point of the plane is on the screen, and what changed: pure, and the same for all who draw.
    may: ['renderer/view/**', 'renderer/scene/projection', 'renderer/scene/reconcile', 'three', 'three/*'],
    types: ['renderer/scene/**', 'renderer/input/intents'],
  },
  {
    name: 'renderer/input',
    files: ['renderer/input/**'],
    may: ['renderer/input/**', 'renderer/state/**', 'renderer/scene/projection', 'renderer/scene/layout', ...border],
    types: ['renderer/scene/**'],
  },
  {
    name: 'renderer/panels',
    files: ['renderer/panels/**'],
    may: [
      'renderer/panels/**',
      'renderer/state/**',
      'renderer/input/intents',
      ...border,
      'react',
      'react-dom',
      'react-dom/*',
      'zustand',
      'zustand/*',
    ],
    types: ['renderer/scene/**'],
  },
  { name: 'renderer/feed', files: ['renderer/feed'], may: ['renderer/state/**', ...border] },
  {
    name: 'renderer',
    files: ['renderer/**'],
    may: ['renderer/**', ...border, 'react', 'react-dom', 'react-dom/*', 'zustand', 'zustand/*', '@fontsource/*'],
  },

  { name: 'components', files: ['components/**'], may: ['components/**', 'wasi:*', 'tlos:*', 'wrpc:*'] },
]

/** Files without a clock, randomness or input and output: what they do depends on their arguments alone. */
const pure = [
  ...border.map((file) => `${file}.ts`),
  'main/wrpc/**/*.ts',
  'main/lattice/protocol/**/*.ts',
  'renderer/scene/**/*.ts',
  'main/wasm/grants.ts',
  'main/wasm/addresses.ts',
]

const timers = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame']
const ambient = ['Date', 'console', 'process', 'performance', 'crypto', 'fetch', 'window', 'document', ...timers]

const banned = (entries) => entries.map(([selector, message]) => ({ selector, message }))
const noDefaultExport = ['ExportDefaultDeclaration', 'Exports are named, so that a name means the same everywhere.']
const noEnum = ['TSEnumDeclaration', 'A union of strings instead of an enum.']
const emptyCatch = ['CatchClause > BlockStatement[body.length=0]', 'A catch handles, or adds context and throws again.']

export default tseslint.config(
  { ignores: ['out/', 'release/', 'coverage/', 'node_modules/', 'wit/', 'build/**/*.d.mts', 'build/*.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  // Scripts: plain JavaScript, plain rules.
  {
    files: ['**/*.mjs', '**/*.cjs', 'eslint.config.js'],
    rules: {
      'no-undef': 'off',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'prefer-const': 'error',
      'no-var': 'error',
      eqeqeq: 'error',
      'no-empty': 'error',
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
    },
  },

  // TypeScript.
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX, tlos: { rules: { imports: importTable } } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.main.json' })] },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Parts are closures: their methods have no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      // Functions of an interface that is asynchronous often have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: ['error', 'always'],
      'import-x/no-cycle': 'error',
      'no-restricted-syntax': ['error', ...banned([noEnum, emptyCatch, noDefaultExport])],
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['main/**/*.ts', 'preload/**/*.ts', 'build/**/*.ts', 'electron.vite.config.ts', 'vitest.config.ts'],
    languageOptions: { parserOptions: { project: ['tsconfig.main.json', 'tsconfig.build.json'] } },
  },
  {
    files: ['renderer/**/*.ts', 'renderer/**/*.tsx'],
    languageOptions: { parserOptions: { project: 'tsconfig.renderer.json' } },
  },
  { files: ['test/**/*.ts', 'test/**/*.tsx'], languageOptions: { parserOptions: { project: 'tsconfig.test.json' } } },
  { files: ['components/**/*.ts'], languageOptions: { parserOptions: { project: 'components/tsconfig.json' } } },

  // The house.
  {
    files: ['main/**/*.ts', 'preload/**/*.ts', 'renderer/**/*.ts', 'renderer/**/*.tsx', 'components/**/*.ts'],
    rules: { 'tlos/imports': ['error', table] },
  },
  {
    files: ['main/index.ts', 'preload/index.ts', 'renderer/view/world.ts'],
    rules: { 'max-lines': ['error', { max: 150, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: pure,
    rules: {
      'no-restricted-globals': [
        'error',
        ...ambient.map((name) => ({ name, message: 'A pure file has no clock, no randomness, no input or output.' })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'A pure file has no randomness.' },
      ],
    },
  },
  {
    files: ['main/**/*.ts', 'preload/**/*.ts'],
    ignores: ['main/ipc.ts', 'preload/index.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...banned([
          noEnum,
          emptyCatch,
          noDefaultExport,
          [
            'ImportSpecifier[imported.name=/^ipc(Main|Renderer)$/]',
            'Only main/ipc.ts and preload/index.ts know Electron’s channels.',
          ],
          [
            'MemberExpression[property.name=/^ipc(Main|Renderer)$/]',
            'Only main/ipc.ts and preload/index.ts know Electron’s channels.',
          ],
          [
            'CallExpression[callee.property.name="send"][callee.object.property.name="webContents"]',
            'Only main/ipc.ts sends to the page.',
          ],
        ]),
      ],
    },
  },
  {
    // Bundlers and test runners read their configuration from a default export; so does jco what a component exports.
    files: ['electron.vite.config.ts', 'vitest.config.ts', 'components/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...banned([noEnum, emptyCatch])] },
  },
  {
    // jco's mapping of a WIT `result`: a thrown plain value is the `err`, a thrown Error is a trap.
    files: ['components/**/*.ts', 'main/wasm/**/*.ts'],
    rules: { '@typescript-eslint/only-throw-error': 'off' },
  },
  {
    files: ['test/**/*.ts', 'test/**/*.tsx'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What a test reads back from JSON or a page is unknown by nature; the assertion is the check.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
    },
  },
)
