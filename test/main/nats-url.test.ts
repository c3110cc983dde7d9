import { describe, expect, it } from 'vitest'
import { separateCredentials } from '../../main/nats-url.js'

describe('credentials in a NATS URL', () => {
  it.each([
    ['nats://ada:p%40ss@host:4222', { url: 'nats://host:4222', user: 'ada', password: 'p@ss' }],
    ['ws://ada:a%b@host:8080/path', { url: 'ws://host:8080/path', user: 'ada', password: 'a%b' }],
    ['wss://s3cret@host', { url: 'wss://host', token: 's3cret' }],
    ['tls://[::1]:4222', { url: 'tls://[::1]:4222' }],
    ['no url', { url: 'no url' }],
  ])('%s is taken apart', (url, expected) => {
    expect(separateCredentials({ url })).toEqual(expected)
  })

  it('leaves credentials that are given beside a URL without any', () => {
    const address = { url: 'nats://host', user: 'ada', password: 'x', lattice: 'default' }
    expect(separateCredentials(address)).toEqual(address)
  })
})
