// package-lock.json names every optional platform package, so that `npm ci` works with registries that carry few of them.

import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { missingEntries, platformOf } from '../../build/complete-lock.mjs'

describe('the lock file', () => {
  it('is complete', async () => {
    expect(missingEntries(JSON.parse(await readFile('package-lock.json', 'utf8')))).toEqual([])
  })

  it('is completed where the parent looks for the package', () => {
    const parent = { optionalDependencies: { '@x/b-linux-x64-musl': '2.0.0' } }
    const packages = { 'node_modules/a': parent, 'node_modules/c/node_modules/a': parent }
    const entry = { version: '2.0.0', cpu: ['x64'], libc: ['musl'], os: ['linux'], optional: true }
    expect(missingEntries({ packages })).toEqual([['node_modules/@x/b-linux-x64-musl', entry]])
    const other = { ...packages, 'node_modules/@x/b-linux-x64-musl': { version: '1.0.0' } }
    expect(missingEntries({ packages: other }).map(([place]) => place)).toEqual([
      'node_modules/a/node_modules/@x/b-linux-x64-musl',
      'node_modules/c/node_modules/a/node_modules/@x/b-linux-x64-musl',
    ])
  })

  it('reads platforms from names', () => {
    expect(platformOf('@rolldown/binding-win32-arm64-msvc')).toEqual({ cpu: ['arm64'], os: ['win32'] })
    expect(platformOf('@rolldown/binding-linux-arm-gnueabihf')).toEqual({ cpu: ['arm'], os: ['linux'] })
    expect(platformOf('@rolldown/binding-wasm32-wasi')).toEqual({ cpu: ['wasm32'] })
    expect(platformOf('left-pad')).toBeUndefined()
  })
})
