// What a provider process is told of the way to the bus, for each way in which a node itself may sign in.

import { createUser } from 'nkeys.js'
import { expect, it } from 'vitest'
import { providerRpc } from '../../main/provider-rpc.js'

const seed = new TextDecoder().decode(createUser().getSeed())

it('is the address of the node’s own server, the first of several', () => {
  expect(providerRpc({ servers: 'nats://host:4222' })).toEqual({
    url: 'nats://host:4222',
    jwt: undefined,
    seed: undefined,
  })
  expect(providerRpc({ servers: ['nats://a:1', 'nats://b:2'] }).url).toBe('nats://a:1')
  expect(providerRpc({ servers: [] }).url).toBe('')
})

it('is another address of that server where one is given, with the same credentials', () => {
  const connection = { servers: 'ws://127.0.0.1:8080', user: 'ann', password: 'p@ss/w:rd' }
  expect(providerRpc(connection, 'nats://127.0.0.1:4222').url).toBe('nats://ann:p%40ss%2Fw%3Ard@127.0.0.1:4222')
})

it('has a name with its password, or a token, in the address', () => {
  expect(providerRpc({ servers: 'tls://host', user: 'ann', password: 'x' }).url).toBe('tls://ann:x@host')
  expect(providerRpc({ servers: 'nats://host', token: 't/k' }).url).toBe('nats://t%2Fk@host')
})

it('has a user’s JWT and seed in fields of their own, from files of one each or from a credentials file', () => {
  expect(providerRpc({ servers: 'nats://host', jwt: 'ey.jwt', seed })).toEqual({
    url: 'nats://host',
    jwt: 'ey.jwt',
    seed,
  })
  const credentials = [
    '-----BEGIN NATS USER JWT-----',
    'ey.of-file',
    '------END NATS USER JWT------',
    '',
    '************************* IMPORTANT *************************',
    'NKEY Seed printed below can be used to sign and prove identity.',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ]
  for (const end of ['\n', '\r\n']) {
    expect(providerRpc({ servers: 'nats://host', credentials: credentials.join(end) })).toEqual({
      url: 'nats://host',
      jwt: 'ey.of-file',
      seed,
    })
  }
})

it('has neither when the credentials file is none', () => {
  expect(providerRpc({ servers: 'nats://host', credentials: 'hello' })).toEqual({
    url: 'nats://host',
    jwt: undefined,
    seed: undefined,
  })
})
