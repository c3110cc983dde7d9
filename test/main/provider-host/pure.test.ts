// What decides without touching anything: who may be started, what configurations say, where a path leads, what is a program.

import { describe, expect, it } from 'vitest'
import { findExecutableTrouble } from '../../../main/provider-host/executable.js'
import { findPatternTrouble, findRoute } from '../../../main/provider-host/http-routes.js'
import { readHttpLinkSettings, readHttpServerSettings } from '../../../main/provider-host/http-settings.js'
import { findPermission, parseProviderPermissions } from '../../../main/provider-host/permissions.js'

describe('permissions of providers', () => {
  const permitted = (texts: readonly string[], ref: string) => {
    const read = parseProviderPermissions(texts)
    if (!read.ok) throw new Error(read.why)
    return findPermission(read.value, ref)
  }

  it('are for the reference that was named, with or without oci://', () => {
    expect(permitted([], 'ghcr.io/a/b:1')).toBeUndefined()
    expect(permitted(['ghcr.io/a/b:1'], 'ghcr.io/a/b:1')).toMatchObject({ isPublic: false })
    expect(permitted(['ghcr.io/a/b:1'], 'oci://ghcr.io/a/b:1')).toBeDefined()
    expect(permitted(['ghcr.io/a/b:1'], 'ghcr.io/a/b:10')).toBeUndefined()
    expect(permitted(['file:///opt/kv.par'], 'file:///opt/kv.par.gz')).toBeUndefined()
    expect(permitted(['wasmcloud+builtin://http-server,public'], 'wasmcloud+builtin://http-server')).toMatchObject({
      isPublic: true,
    })
  })

  it('are for all that begins as a pattern does, never for what leads out of it', () => {
    expect(permitted(['file:///opt/providers/*'], 'file:///opt/providers/kv.par')).toBeDefined()
    expect(permitted(['file:///opt/providers/*'], 'file:///opt/providers/../../tmp/evil.par')).toBeUndefined()
    expect(permitted(['file:///opt/providers/*'], 'file:///opt/providers/%2e%2E/evil.par')).toBeUndefined()
    expect(permitted(['ghcr.io/a/*'], 'ghcr.io/ab/c:1')).toBeUndefined()
  })

  it.each(['', '*', 'kv', 'a*b/c', 'file:///x y', '--help'])('are not %j', (text) => {
    expect(parseProviderPermissions([text])).toMatchObject({ ok: false })
  })
})

describe('paths of the HTTP server', () => {
  const routes = ['/a', '/a/{id}', '/{*rest}', '/a/b', '/'].map((pattern) => ({ pattern, to: pattern }))

  it.each([
    ['/a', '/a'],
    ['/a/b', '/a/b'],
    ['/a/c', '/a/{id}'],
    ['/a/c/d', '/{*rest}'],
    ['/', '/'],
    ['/a/', '/{*rest}'],
    ['//', '/{*rest}'],
  ])('%s leads to %s', (path, pattern) => expect(findRoute(routes, path)?.to).toBe(pattern))

  it('leads nowhere where nothing fits', () => {
    expect(findRoute([{ pattern: '/a/{id}', to: 1 }], '/a/')).toBeUndefined()
    expect(findRoute([{ pattern: '/a/{*rest}', to: 1 }], '/a')).toBeUndefined()
    expect(findRoute([{ pattern: '/a', to: 1 }], '/A')).toBeUndefined()
  })

  it.each(['', 'a', '/a b', '/{a}b', '/{*rest}/b', '/a?b'])('%j is no path to be named', (pattern) =>
    expect(findPatternTrouble(pattern)).toBeDefined(),
  )
})

describe('configuration of the HTTP server', () => {
  it('has the defaults of the v1 provider', () => {
    expect(readHttpServerSettings({})).toEqual({
      ok: true,
      value: { mode: 'address', header: 'host', defaultAddress: { host: '0.0.0.0', port: 8000 } },
    })
    expect(readHttpLinkSettings({ PORT: '81' })).toMatchObject({
      ok: true,
      value: { address: { host: '127.0.0.1', port: 81 }, isReadonly: false, cors: undefined },
    })
    expect(readHttpLinkSettings({ address: '[::1]:8080' })).toMatchObject({
      value: { address: { host: '::1', port: 8080 } },
    })
  })

  it.each([
    { address: 'localhost:80' },
    { address: '1.2.3.4' },
    { port: '70000' },
    { timeout_ms: '-1' },
    { cache_control: 'a\r\nset-cookie: b' },
    { cors_allowed_origins: '["a", 1]' },
    { cors_allowed_origins: 'https://a' },
    { tls_cert_file: '/etc/cert' },
  ])('that cannot be is said: %j', (values) =>
    expect(readHttpLinkSettings(values as unknown as Record<string, string>)).toMatchObject({ ok: false }),
  )
})

describe('an executable', () => {
  const elf = (machine: number, order = 1): Uint8Array =>
    Uint8Array.from([
      0x7f,
      69,
      76,
      70,
      2,
      order,
      1,
      0,
      ...Array<number>(8).fill(0),
      2,
      0,
      ...(order === 1 ? [machine, 0] : [0, machine]),
    ])

  it('is one of this machine, or a script', () => {
    expect(findExecutableTrouble(elf(62), 'x64', 'linux')).toBeUndefined()
    expect(findExecutableTrouble(elf(183), 'arm64', 'linux')).toBeUndefined()
    expect(findExecutableTrouble(new TextEncoder().encode('#!/bin/sh\n'), 'x64', 'linux')).toBeUndefined()
    expect(findExecutableTrouble(Uint8Array.from([0xcf, 0xfa, 0xed, 0xfe]), 'arm64', 'darwin')).toBeUndefined()
    expect(findExecutableTrouble(elf(183), 'x64', 'linux')).toMatch(/another processor/)
    expect(findExecutableTrouble(elf(22, 2), 'x64', 'linux')).toMatch(/another processor/)
    expect(findExecutableTrouble(new TextEncoder().encode('rm -rf'), 'x64', 'linux')).toMatch(/neither/)
    expect(findExecutableTrouble(new Uint8Array(0), 'x64', 'linux')).toMatch(/neither/)
    expect(findExecutableTrouble(elf(62), 'x64', 'win32')).toMatch(/Windows/)
  })
})
