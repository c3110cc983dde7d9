// Every way to sign in and to trust, each against a real nats-server that wants just that, with and without it, as the
// command line says it: options and files to a connection.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createKey } from '../../../main/lattice/nkeys.js'
import { openTransport } from '../../../main/nats/connection.js'
import { retryPauseMs } from '../../../main/nats/dial.js'
import type { Transport } from '../../../main/nats/transport.js'
import { readConnections } from '../../../main/nats-access.js'
import { parseNodeOptions } from '../../../main/options.js'
import { createAccounts } from '../../support/nats-accounts.js'
import {
  freePorts,
  type NatsServer,
  type NatsServerOptions,
  startNatsServer,
  tlsFile,
} from '../../support/nats-server.js'

const ending: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end()
})

async function serve(options: NatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer(options)
  ending.push(() => server.close())
  return server
}

async function file(content: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-sign-in-'))
  ending.push(() => rm(folder, { recursive: true, force: true }))
  const name = path.join(folder, 'secret')
  await writeFile(name, content)
  return name
}

/** The connections that this command line asks for. */
async function connect(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Transport[]> {
  const parsed = parseNodeOptions({ args, cwd: '/', env, version: '0' })
  if (parsed.kind !== 'run') throw new Error(parsed.text.split('\n')[0])
  const { control, rpc } = await readConnections(parsed.options.nats)
  const opened: Transport[] = []
  for (const options of [control, rpc]) {
    if (options === undefined) continue
    const transport = await openTransport(options)
    ending.push(() => transport.close())
    opened.push(transport)
  }
  return opened
}

/** A message that comes back shows more than an open socket. */
async function echoes(transport: Transport | undefined): Promise<void> {
  if (transport === undefined) throw new Error('not connected')
  transport.subscribe('echo', (message) => transport.publish(message.reply ?? '', message.data))
  const reply = await transport.request('echo', new TextEncoder().encode('hello'), { timeoutMs: 10_000 })
  expect(new TextDecoder().decode(reply.data)).toBe('hello')
}

const refused = { code: 'refused' }

for (const kind of ['tcpUrl', 'wsUrl'] as const) {
  describe(`signing in over ${kind === 'tcpUrl' ? 'TCP' : 'WebSocket'}`, () => {
    it('with user and password: from a file, from the environment, from the URL', async () => {
      const server = await serve({ user: 'ann', password: 'pass word@' })
      const url = server[kind]
      const args = ['--nats', url, '--nats-user', 'ann']
      const [fromFile] = await connect([...args, '--nats-password-file', await file('pass word@\n')])
      await echoes(fromFile)
      const [fromEnv] = await connect(args, { TLOS_NATS_PASSWORD: 'pass word@' })
      await echoes(fromEnv)
      const [fromUrl] = await connect(['--nats', url.replace('://', '://ann:pass%20word%40@')])
      await echoes(fromUrl)
      expect(fromUrl?.info.url).toBe(url)
      await expect(connect(['--nats', url])).rejects.toMatchObject(refused)
      const wrong = connect(args, { TLOS_NATS_PASSWORD: 'wrong-one' })
      await expect(wrong).rejects.toMatchObject(refused)
      await expect(wrong).rejects.not.toThrow(/wrong-one/)
    })

    it('with a token', async () => {
      const server = await serve({ lines: ['authorization { token: "s3cret" }'] })
      const args = ['--nats', server[kind]]
      await echoes((await connect([...args, '--nats-token-file', await file('s3cret\n')]))[0])
      await echoes((await connect(args, { TLOS_NATS_TOKEN: 's3cret' }))[0])
      await expect(connect(args)).rejects.toMatchObject(refused)
    })

    it('with an nkey seed', async () => {
      const user = createKey('user')
      const server = await serve({ lines: [`authorization { users: [{ nkey: ${user.publicKey} }] }`] })
      const args = ['--nats', server[kind]]
      await echoes((await connect([...args, '--nats-seed', await file(`${user.seed}\n`)]))[0])
      await expect(connect([...args, '--nats-seed', await file(createKey('user').seed)])).rejects.toMatchObject(refused)
      await expect(connect(args)).rejects.toMatchObject(refused)
    })

    it('with a credentials file, or JWT and seed in two files', async () => {
      const accounts = createAccounts()
      const server = await serve({ lines: accounts.lines })
      const args = ['--nats', server[kind]]
      const [whole] = await connect([...args, '--nats-creds', await file(accounts.credentials)])
      await echoes(whole)
      expect(whole?.info.hasJetStream).toBe(true)
      const parts = ['--nats-jwt', await file(accounts.userJwt), '--nats-seed', await file(accounts.userSeed)]
      await echoes((await connect([...args, ...parts]))[0])
      const others = createAccounts()
      await expect(connect([...args, '--nats-creds', await file(others.credentials)])).rejects.toMatchObject(refused)
      await expect(connect(args)).rejects.toMatchObject(refused)
    })

    it('with TLS: an authority of one’s own, and a client certificate where the server asks', async () => {
      const server = await serve({ tls: 'server' })
      const mutual = await serve({ tls: 'mutual' })
      const ca = ['--nats-tls-ca-file', tlsFile('ca.pem')]
      const own = ['--nats-tls-cert-file', tlsFile('client.pem'), '--nats-tls-key-file', tlsFile('client-key.pem')]
      await echoes((await connect(['--nats', server[kind], ...ca]))[0])
      await expect(connect(['--nats', server[kind]])).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/TLS/),
      })
      await echoes((await connect(['--nats', mutual[kind], ...ca, ...own]))[0])
      // Over TCP the server hangs up without a word, so that it is the time that ends it.
      await expect(connect(['--nats', mutual[kind], ...ca])).rejects.toMatchObject({
        code: expect.stringMatching(/refused|unreachable/),
      })
    })

    it('goes on with the same credentials after the server was started anew', async () => {
      const accounts = createAccounts()
      const server = await serve({ lines: accounts.lines, tls: 'server' })
      const args = ['--nats', server[kind], '--nats-creds', await file(accounts.credentials)]
      const [transport] = await connect([...args, '--nats-tls-ca-file', tlsFile('ca.pem')])
      await server.kill()
      await server.start()
      await expect.poll(() => transport?.status.kind, { timeout: 20_000 }).toBe('live')
      await echoes(transport)
    })
  })
}

describe('a connection', () => {
  it('by tls:// is encrypted or refused', async () => {
    const [plain, encrypted] = [await serve({}), await serve({ tls: 'server' })]
    const args = ['--nats-tls-ca-file', tlsFile('ca.pem')]
    await echoes((await connect(['--nats', encrypted.tcpUrl.replace('nats:', 'tls:'), ...args]))[0])
    await expect(connect(['--nats', plain.tcpUrl.replace('nats:', 'tls:'), ...args])).rejects.toMatchObject(refused)
    await expect(connect(['--nats', plain.wsUrl, ...args])).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/wss:/),
    })
  })

  it('takes replies under the prefix that permissions want', async () => {
    const server = await serve({
      user: 'narrow',
      password: 'pw',
      permissions: 'publish: { allow: [">"] }, subscribe: { allow: ["echo", "_mine.inbox.>"] }',
    })
    const args = ['--nats', server.tcpUrl, '--nats-user', 'narrow']
    const env = { TLOS_NATS_PASSWORD: 'pw' }
    const [fits] = await connect([...args, '--inbox-prefix', '_mine.inbox'], env)
    await echoes(fits)
    const [other] = await connect(args, env)
    other?.subscribe('echo', (message) => other.publish(message.reply ?? '', message.data))
    await expect(other?.request('echo', new Uint8Array(), { timeoutMs: 1_000 })).rejects.toBeDefined()
    // What was not permitted is said with its subject.
    expect(other?.refused()[0]).toMatchObject({ operation: 'subscribe', subject: expect.stringMatching(/^_INBOX\./) })
  })

  it('may be two: control and calls, each with its own server and credentials', async () => {
    const accounts = createAccounts()
    const [control, calls] = [await serve({ user: 'ann', password: 'pw' }), await serve({ lines: accounts.lines })]
    const credentials = await file(accounts.credentials)
    const args = [
      '--ctl-nats',
      control.tcpUrl,
      '--ctl-user',
      'ann',
      '--rpc-nats',
      calls.wsUrl,
      '--rpc-creds',
      credentials,
    ]
    const both = await connect(args, { TLOS_CTL_PASSWORD: 'pw' })
    expect(both.map(({ info }) => info.url)).toEqual([control.tcpUrl, calls.wsUrl])
    for (const transport of both) await echoes(transport)
    const same = await connect(['--nats', control.tcpUrl], { TLOS_NATS_USER: 'ann', TLOS_NATS_PASSWORD: 'pw' })
    expect(same).toHaveLength(1)
  })

  it('reaches JetStream of another server by its domain, over a leaf node', async () => {
    const [leafPort] = await freePorts()
    const hub = await serve({
      lines: [`server_name: hub`, `leafnodes { listen: "127.0.0.1:${leafPort}" }`],
      jsDomain: 'hub',
    })
    const leaf = await serve({
      jetStream: false,
      lines: ['server_name: leaf', `leafnodes { remotes: [{ url: "nats-leaf://127.0.0.1:${leafPort}" }] }`],
    })
    const [atHub] = await connect(['--nats', hub.tcpUrl])
    const [plain] = await connect(['--nats', leaf.tcpUrl, '--js-domain', 'nowhere'])
    expect(plain?.info.hasJetStream).toBe(false)
    await expect(plain?.bucket('B')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/JetStream/),
    })
    // The servers find each other in their own time.
    await expect
      .poll(async () => (await connect(['--nats', leaf.tcpUrl, '--js-domain', 'hub']))[0]?.info.hasJetStream, {
        timeout: 20_000,
      })
      .toBe(true)
    const [atLeaf] = await connect(['--nats', leaf.wsUrl, '--js-domain', 'hub'])
    const heard: string[] = []
    await (await atLeaf?.bucket('B'))?.watch(({ key }) => heard.push(key))
    await (await atHub?.bucket('B'))?.put('from-hub', new Uint8Array([1]))
    await (await atLeaf?.bucket('B'))?.put('from-leaf', new Uint8Array([2]))
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['from-hub', 'from-leaf'])
    expect([...((await (await atHub?.bucket('B'))?.get('from-leaf'))?.value ?? [])]).toEqual([2])
    const store = await atLeaf?.objects('O')
    await store?.put('bytes', new Uint8Array(300_000).fill(7))
    expect(await (await atHub?.objects('O'))?.get('bytes')).toEqual(new Uint8Array(300_000).fill(7))
    // Subjects cross as well: a lattice may stand on both.
    atHub?.subscribe('across', (message) => atHub.publish(message.reply ?? '', message.data))
    await atHub?.flush()
    await expect
      .poll(async () => (await atLeaf?.request('across', new Uint8Array([3])).catch(() => undefined))?.data[0], {
        timeout: 10_000,
      })
      .toBe(3)
  })

  it('says what is wrong with a file or a combination before it dials, and never shows a secret', async () => {
    const url = ['--nats', 'nats://127.0.0.1:1']
    const bad = await file('SUNOTASEED-topsecret')
    await expect(connect([...url, '--nats-seed', bad])).rejects.toMatchObject({ code: 'invalid' })
    await expect(connect([...url, '--nats-seed', bad])).rejects.not.toThrow(/topsecret/)
    await expect(connect([...url, '--nats-creds', '/nowhere/x'])).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/credentials, \/nowhere\/x/),
    })
    await expect(connect([...url, '--nats-tls-ca-file', bad])).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/PEM/),
    })
    await expect(connect([...url, '--nats-tls-cert-file', tlsFile('client.pem')])).rejects.toThrow(/together/)
    await expect(connect([...url, '--nats-user', 'a', '--nats-creds', 'b'])).rejects.toThrow(/one way only/)
    await expect(connect(['--rpc-creds', 'b'])).rejects.toThrow(/--nats URL is missing/)
    await expect(connect([...url, '--js-domain', 'a.b'])).rejects.toThrow(/--js-domain/)
  })
})

it('waits longer and longer before it tries again, each client another while, and never long', () => {
  for (let attempt = 1; attempt <= 40; attempt++) {
    const [shortest, longest] = [retryPauseMs(attempt, 0), retryPauseMs(attempt, 0.999)]
    expect(shortest).toBeLessThan(longest)
    expect(longest).toBeLessThanOrEqual(1_000)
    if (attempt > 1) expect(retryPauseMs(attempt - 1, 0.5)).toBeLessThanOrEqual(retryPauseMs(attempt, 0.5))
  }
  expect(retryPauseMs(1, 0.5)).toBeLessThan(retryPauseMs(4, 0.5) / 4)
})
