import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress, reachOf } from '../../../main/wasm/addresses.js'
import { decide, decodeGrants, type Grants, noGrants, type Wish } from '../../../main/wasm/grants.js'

const grant = (data: object): Grants => {
  const decoded = decodeGrants(data)
  if (!decoded.ok) throw new Error(decoded.why)
  return decoded.value
}
const may = (grants: Grants, wish: Wish): boolean => decide(grants, wish).ok
const connect = (address: string, port: number, ...names: string[]): Wish => ({ kind: 'connect', address, port, names })

describe('Addresses', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.0.3', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['2002:7f00:1::', 'loopback'],
    ['10.1.2.3', 'private'],
    ['192.168.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['169.254.169.254', 'private'],
    ['100.64.0.1', 'private'],
    ['0.0.0.0', 'private'],
    ['224.0.0.1', 'private'],
    ['255.255.255.255', 'private'],
    ['::', 'private'],
    ['fe80::1', 'private'],
    ['fd00::1', 'private'],
    ['ff02::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['2001:db8::1', 'private'],
    ['8.8.8.8', 'public'],
    ['172.32.0.1', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
  ])('%s is %s', (text, reach) => {
    const address = parseAddress(text)
    expect(address && reachOf(address)).toBe(reach)
  })

  it.each(['', '1', '127.1', '0177.0.0.1', '0x7f.0.0.1', '127.0.0.256', '1.2.3.4.5', ':::', '1::2::3', '1:2:3', 'a.b'])(
    '"%s" is none',
    (text) => {
      expect(parseAddress(text)).toBeUndefined()
    },
  )

  it('have one spelling', () => {
    const spell = (text: string): string => formatAddress(parseAddress(text)!)
    expect(spell('::1')).toBe(spell('0:0:0:0:0:0:0:1'))
    expect(spell('::ABCD')).toBe(spell('::abcd'))
    expect(spell('::1.2.3.4')).toBe(spell('::102:304'))
  })
})

describe('Without a grant', () => {
  const wishes: readonly Wish[] = [
    { kind: 'network' },
    { kind: 'name', name: 'localhost' },
    connect('127.0.0.1', 80),
    connect('8.8.8.8', 443, 'example.com'),
    { kind: 'directory', index: 0 },
    { kind: 'change-directory', index: 0 },
    { kind: 'serve', port: 8080 },
    { kind: 'listen', address: '127.0.0.1', port: 8080 },
    { kind: 'any-port', address: '127.0.0.1' },
  ]
  it.each(wishes)('the answer to $kind is no', (wish) => {
    expect(may(noGrants, wish)).toBe(false)
    expect(may(grant({}), wish)).toBe(false)
  })
})

describe('A host that was granted', () => {
  const byName = grant({ hosts: [{ host: 'API.Example.com.', port: 443 }] })

  it('may be looked up and connected to, at its port', () => {
    expect(may(byName, { kind: 'network' })).toBe(true)
    expect(may(byName, { kind: 'name', name: 'api.example.com' })).toBe(true)
    expect(may(byName, connect('8.8.8.8', 443, 'Api.example.com'))).toBe(true)
    expect(may(byName, connect('8.8.8.8', 80, 'api.example.com'))).toBe(false)
  })

  it('is not its subdomain, its parent, or its address without its name', () => {
    expect(may(byName, { kind: 'name', name: 'example.com' })).toBe(false)
    expect(may(byName, connect('8.8.8.8', 443, 'x.api.example.com'))).toBe(false)
    expect(may(byName, connect('8.8.8.8', 443))).toBe(false)
  })

  it.each(['127.0.0.1', '::1', '10.0.0.1', '192.168.1.1', '169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0'])(
    'is not %s, whatever its name resolves to',
    (address) => {
      expect(may(byName, connect(address, 443, 'api.example.com'))).toBe(false)
    },
  )

  it('is a private address if that was said, and still not this machine', () => {
    const nas = grant({ hosts: [{ host: 'nas.home', port: 80, private: true }] })
    expect(may(nas, connect('192.168.1.2', 80, 'nas.home'))).toBe(true)
    expect(may(nas, connect('127.0.0.1', 80, 'nas.home'))).toBe(false)
  })

  it('is this machine only by the name localhost or by its address', () => {
    const local = grant({ hosts: [{ host: 'localhost', port: 80 }] })
    expect(may(local, connect('127.0.0.1', 80, 'localhost'))).toBe(true)
    expect(may(local, connect('8.8.8.8', 80, 'localhost'))).toBe(false)
    expect(may(local, connect('127.0.0.1', 80))).toBe(false)
    const address = grant({ hosts: [{ host: '127.0.0.1', port: 80 }] })
    expect(may(address, connect('127.0.0.1', 80))).toBe(true)
    expect(may(address, connect('127.0.0.2', 80))).toBe(false)
    expect(may(address, connect('127.0.0.1', 81))).toBe(false)
  })
})

describe('A port that was granted', () => {
  const listens = grant({ listen: [7000, 7001] })
  const asks = grant({ hosts: [{ host: 'example.com', port: 53 }] })

  it.each(['127.0.0.1', '::1'])('is listened on at %s', (address) => {
    expect(may(listens, { kind: 'listen', address, port: 7000 })).toBe(true)
    expect(may(listens, { kind: 'listen', address, port: 7001 })).toBe(true)
    expect(may(listens, { kind: 'listen', address, port: 7002 })).toBe(false)
    expect(may(listens, { kind: 'listen', address, port: 0 })).toBe(false)
    expect(may(asks, { kind: 'listen', address, port: 53 })).toBe(false)
  })

  it.each(['0.0.0.0', '::', '127.0.0.2', '::ffff:127.0.0.1', '192.168.0.1', 'localhost', ''])(
    'is not listened on at "%s"',
    (address) => {
      expect(may(listens, { kind: 'listen', address, port: 7000 })).toBe(false)
    },
  )

  it('is no leave to connect, nor to have a port of the choice of the system', () => {
    expect(may(listens, connect('127.0.0.1', 7000))).toBe(false)
    expect(may(listens, { kind: 'any-port', address: '127.0.0.1' })).toBe(false)
    expect(may(asks, { kind: 'any-port', address: '0.0.0.0' })).toBe(true)
    expect(may(asks, { kind: 'any-port', address: '192.168.0.1' })).toBe(false)
  })
})

describe('A directory that was granted', () => {
  const grants = grant({
    directories: [
      { host: '/srv/read', guest: '/data', access: 'read' },
      { host: '/srv/write', guest: '/out', access: 'read-write' },
    ],
  })

  it('may be changed only when that was said', () => {
    expect(may(grants, { kind: 'directory', index: 0 })).toBe(true)
    expect(may(grants, { kind: 'change-directory', index: 0 })).toBe(false)
    expect(may(grants, { kind: 'change-directory', index: 1 })).toBe(true)
    expect(may(grants, { kind: 'directory', index: 2 })).toBe(false)
  })
})

describe('Data as grants', () => {
  it.each([
    ['a relative path', { directories: [{ host: 'data', guest: '/', access: 'read' }] }],
    ['a path with NUL', { directories: [{ host: '/a\0b', guest: '/', access: 'read' }] }],
    ['an unknown access', { directories: [{ host: '/a', guest: '/', access: 'all' }] }],
    ['a port of 0', { hosts: [{ host: 'a', port: 0 }] }],
    ['a host that is a URL', { hosts: [{ host: 'http://a/', port: 80 }] }],
    ['a pattern of hosts', { hosts: [{ host: '*', port: 80 }] }],
    ['a variable with =', { environment: { 'A=B': 'c' } }],
    ['a port beyond 65535', { serve: 70_000 }],
    ['text', 'everything'],
  ])('refuse %s in words', (_, data) => {
    const decoded = decodeGrants(data)
    expect(decoded.ok).toBe(false)
    expect(!decoded.ok && decoded.why).toMatch(/\w/)
  })
})
