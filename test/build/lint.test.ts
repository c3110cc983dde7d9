// The real eslint.config.js on snippets that exist under no such name: what the house forbids is caught.

import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { describe, expect, it } from 'vitest'

const eslint = new ESLint({
  // Snippets belong to no tsconfig, so the rules that ask for types are off here.
  overrideConfig: [
    tseslint.configs.disableTypeChecked as unknown as ESLint.Options['overrideConfig'] & object,
    { languageOptions: { parserOptions: { project: null } } },
  ].flat(),
})

const rulesBroken = async (filePath: string, code: string): Promise<string[]> => {
  const [result] = await eslint.lintText(code, { filePath })
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message)
}

const importOf = (from: string, what = 'import { x } from'): string => `${what} '${from}'\nexport const y = x\n`

describe('the import table', () => {
  it.each([
    ['main/lattice/host.ts', '../wasm/runtime.js'],
    ['main/wasm/imports.ts', '../lattice/rpc.js'],
    ['main/lattice/mirror.ts', 'nats'],
    ['main/nats/transport.ts', 'nats.ws'],
    ['main/node.ts', 'electron'],
    ['main/lattice-node.ts', './desktop/window.js'],
    ['main/handlers.ts', './index.js'],
    ['main/index.ts', '../renderer/state/lattice.js'],
    ['renderer/feed.ts', '../main/failure.js'],
    ['renderer/feed.ts', '../preload/index.js'],
    ['renderer/state/workspace.ts', 'three'],
    ['renderer/view/world.ts', '../state/lattice.js'],
    ['renderer/panels/inspector/panel.tsx', 'three'],
    ['preload/contract.ts', 'electron'],
    ['components/counter/src/extra.ts', '../../../main/failure.js'],
  ])('does not let %s import %s', async (file, from) => {
    expect(await rulesBroken(file, importOf(from))).toContain('tlos/imports')
  })

  it.each([
    ['main/lattice/host.ts', '../wrpc/bytes.js'],
    ['main/nats/connection.ts', 'nats.ws'],
    ['main/index.ts', 'electron'],
    ['main/index.ts', './desktop/window.js'],
    ['main/actors/actor.ts', '../lattice/rpc.js'],
    ['renderer/view/stage.ts', 'three/addons/controls/MapControls.js'],
    ['renderer/feed.ts', '../preload/changes.js'],
    ['components/counter/src/extra.ts', '../../window-kit/window.js'],
  ])('lets %s import %s', async (file, from) => {
    expect(await rulesBroken(file, importOf(from))).not.toContain('tlos/imports')
  })

  it('tells types from values', async () => {
    const types = (file: string, from: string) =>
      rulesBroken(file, `import type { X } from '${from}'\nexport type Y = X\n`)
    expect(await types('renderer/scene/describe.ts', '../state/lattice.js')).not.toContain('tlos/imports')
    expect(await rulesBroken('renderer/scene/describe.ts', importOf('../state/lattice.js'))).toContain('tlos/imports')
    expect(await types('main/lattice/rpc.ts', '../nats/transport.js')).not.toContain('tlos/imports')
    expect(await rulesBroken('main/lattice/rpc.ts', importOf('../nats/transport.js'))).toContain('tlos/imports')
  })

  it('sees every way to import', async () => {
    const ways = [
      `export { x } from '../wasm/runtime.js'\n`,
      `export * from '../wasm/runtime.js'\n`,
      `export const x = await import('../wasm/runtime.js')\n`,
      `export type X = import('../wasm/runtime.js').Runtime\n`,
      `export const x: unknown = require('../wasm/runtime.js')\n`,
    ]
    for (const code of ways) expect(await rulesBroken('main/lattice/host.ts', code), code).toContain('tlos/imports')
  })

  it('wants a row for a new folder', async () => {
    expect(await rulesBroken('renderer/../preload/extra.ts', importOf('valibot'))).toContain('tlos/imports')
  })
})

describe('the habits', () => {
  it.each([
    ['main/wrpc/value.ts', 'export const now = () => Date.now()\n', 'no-restricted-globals'],
    ['renderer/scene/layout.ts', 'export const r = () => Math.random()\n', 'no-restricted-properties'],
    ['main/lattice/protocol/reduce.ts', `export const say = () => console.log('x')\n`, 'no-restricted-globals'],
    ['preload/changes.ts', 'export const later = (f: () => void) => setTimeout(f, 1)\n', 'no-restricted-globals'],
    ['main/handlers.ts', 'export default 1\n', 'no-restricted-syntax'],
    ['main/handlers.ts', 'export enum Colour { Red }\n', 'no-restricted-syntax'],
    ['main/handlers.ts', 'export const x: any = 1\n', '@typescript-eslint/no-explicit-any'],
    ['main/handlers.ts', 'export const f = (x?: string) => x!.length\n', '@typescript-eslint/no-non-null-assertion'],
    [
      'main/desktop/window.ts',
      `import { ipcMain } from 'electron'\nexport const x = ipcMain\n`,
      'no-restricted-syntax',
    ],
    [
      'main/session.ts',
      'export const f = () => { try { g() } catch {} }\ndeclare function g(): void\n',
      'no-restricted-syntax',
    ],
    ['main/index.ts', 'export const x = [\n' + '  1,\n'.repeat(150) + ']\n', 'max-lines'],
    ['main/session.ts', 'export const x = [\n' + '  1,\n'.repeat(350) + ']\n', 'max-lines'],
  ])('in %s, %j breaks %s', async (file, code, rule) => {
    expect(await rulesBroken(file, code)).toContain(rule)
  })

  it('knows the files where Electron’s channels belong', async () => {
    const code = `import { ipcMain } from 'electron'\nexport const x = ipcMain\n`
    expect(await rulesBroken('main/ipc.ts', code)).toEqual([])
  })
})
