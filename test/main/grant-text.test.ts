import { describe, expect, it } from 'vitest'
import { parseGrants } from '../../main/grant-text.js'
import { noGrants } from '../../main/wasm/grants.js'

describe('A grant on a command line', () => {
  it('is gathered by component', () => {
    const parsed = parseGrants(
      [
        'files:dir=data,/data',
        'files:dir=/srv/out,/out,write',
        'web:host=example.com:443',
        'web:host=nas.home:80,private',
        'web:host=[::1]:8080',
        'web:serve=8088',
        'web:listen=7000',
        'web:listen=7001',
        'web:listen=7000',
        'files:env=HOME=/data',
        'files:env=EMPTY=',
        'files:arg=--fast',
        'files:arg=a b',
        'files:stdin=one\ntwo',
      ],
      '/home/me',
    )
    expect(parsed).toEqual({
      ok: true,
      value: new Map([
        [
          'files',
          {
            ...noGrants,
            directories: [
              { host: '/home/me/data', guest: '/data', access: 'read' },
              { host: '/srv/out', guest: '/out', access: 'read-write' },
            ],
            environment: { HOME: '/data', EMPTY: '' },
            arguments: ['--fast', 'a b'],
            stdin: 'one\ntwo',
          },
        ],
        [
          'web',
          {
            ...noGrants,
            hosts: [
              { host: 'example.com', port: 443, private: false },
              { host: 'nas.home', port: 80, private: true },
              { host: '0:0:0:0:0:0:0:1', port: 8080, private: false },
            ],
            serve: 8088,
            listen: [7000, 7001],
          },
        ],
      ]),
    })
  })

  it.each([
    ['files', /ID:KIND=VALUE/],
    ['files:dir', /ID:KIND=VALUE/],
    ['files:all=yes', /no kind "all"/],
    ['files:dir=/a', /HOST-PATH,GUEST-PATH/],
    ['files:dir=/a,/b,rw', /HOST-PATH,GUEST-PATH/],
    ['files:host=example.com', /NAME:PORT/],
    ['files:host=example.com:0', /port/],
    ['files:host=https://example.com:443', /host/],
    ['files:serve=http', /serve/],
    ['files:env==x', /NAME=VALUE/],
  ])('refuses %s and says what is wanted', (text, words) => {
    const parsed = parseGrants([text], '/')
    expect(parsed.ok).toBe(false)
    expect(!parsed.ok && parsed.why).toMatch(words)
    expect(!parsed.ok && parsed.why).toContain(text)
  })
})
