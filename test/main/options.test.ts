// The command lines of the shell and of the headless node.

import { usualHostOptions } from '../../main/host-options.js'
import { createKey } from '../../main/lattice/nkeys.js'
import { noImageOptions } from '../../main/image-options.js'
import { describe, expect, it } from 'vitest'
import { withoutNatsVariables } from '../../main/nats-options.js'
import { parseNodeOptions, parseShellOptions } from '../../main/options.js'

const shell = (...args: string[]) =>
  parseShellOptions({ args, cwd: '/home/ann', version: '1.2.3', appPath: '/srv/tlos' })
const node = (...args: string[]) => parseNodeOptions({ args, cwd: '/home/ann', version: '1.2.3' })
const refusal = (parsed: { kind: string; text?: string }): string => {
  expect(parsed.kind).toBe('refuse')
  return (parsed.text ?? '').split('\n')[0] ?? ''
}

const nothing = {
  name: undefined,
  labels: {},
  heartbeatMs: undefined,
  lattice: undefined,
  nats: undefined,
  demo: true,
  userDataDir: undefined,
  grants: new Map(),
  images: noImageOptions,
  host: usualHostOptions,
  providers: [],
  session: false,
  files: [],
}

describe('the shell’s command line', () => {
  it('means a lattice of one’s own when it says nothing', () => {
    expect(shell()).toEqual({ kind: 'run', options: nothing })
  })

  it('takes everything it offers, paths from where the person stands', () => {
    const line = [
      '--lattice',
      'home_1',
      '--nats=wss://ann:pw@hub/x',
      '--no-demo',
      '--user-data-dir',
      'data',
      '--session',
    ]
    const more = [
      '--name',
      'Ann’s desk',
      '--label',
      'zone=a=b',
      '--label',
      'gpu=',
      '--heartbeat-ms',
      '500',
      'x.wasm',
      '/y/z.wasm',
    ]
    expect(shell(...line, ...more)).toEqual({
      kind: 'run',
      options: {
        grants: new Map(),
        images: noImageOptions,
        host: usualHostOptions,
        providers: [],
        name: 'Ann’s desk',
        labels: { zone: 'a=b', gpu: '' },
        heartbeatMs: 500,
        lattice: 'home_1',
        nats: { url: 'wss://ann:pw@hub/x' },
        demo: false,
        userDataDir: '/home/ann/data',
        session: true,
        files: ['/home/ann/x.wasm', '/y/z.wasm'],
      },
    })
  })

  it('leaves the switches of Chromium, Electron and Playwright to them', () => {
    const theirs = ['--no-sandbox', '--use-gl=angle', '-r', '/pw/loader.js', '--inspect=0', '--remote-debugging-port=0']
    expect(shell(...theirs, '/srv/tlos', '--no-demo', 'a.wasm')).toEqual({
      kind: 'run',
      options: { ...nothing, demo: false, files: ['/home/ann/a.wasm'] },
    })
  })

  it('says what a misspelt option probably meant, instead of ignoring it', () => {
    expect(refusal(shell('--latice', 'x'))).toBe('there is no option --latice; did you mean --lattice?')
    expect(refusal(shell('--nodemo'))).toBe('there is no option --nodemo; did you mean --no-demo?')
  })

  it.each([
    [['--lattice'], '--lattice needs a value'],
    [['--lattice='], '--lattice needs a value'],
    [['--lattice', '--no-demo'], '--lattice needs a value'],
    [['--lattice', 'a.b'], '"a.b" is no lattice name: letters, digits, _ and - only, at most 128'],
    [['--lattice', 'a', '--lattice', 'b'], '--lattice is given twice'],
    [['--no-demo=yes'], '--no-demo takes no value'],
    [['--label', 'x'], '--label x: a label is KEY=VALUE'],
    [['--label', '=x'], '--label =x: a label is KEY=VALUE'],
    [['--heartbeat-ms', '1.5'], '--heartbeat-ms is a whole number from 50 to 3600000, not "1.5"'],
    [['--name', ' '], '--name is 1 to 64 printable characters'],
    [['--name', 'a\u001b[1m'], '--name is 1 to 64 printable characters'],
    [['notes.txt'], '/home/ann/notes.txt is no component: give the path of a .wasm file'],
  ])('refuses %j in a sentence', (args, sentence) => {
    expect(refusal(shell(...args))).toBe(sentence)
  })

  it.each(['localhost:4222', 'http://hub', 'ws://', 'nats:4222', 'secret@@'])(
    'refuses the URL %s without repeating it',
    (url) => {
      const sentence = refusal(shell('--nats', url))
      expect(sentence).toMatch(/^--nats needs a URL like ws:\/\//)
      expect(sentence).not.toContain(url === 'ws://' ? 'ws:// ' : url)
    },
  )

  it('prints usage and version', () => {
    expect(shell('--version')).toEqual({ kind: 'print', text: 'tlos 1.2.3' })
    const help = shell('--help')
    expect(help.kind === 'print' && help.text).toContain('--user-data-dir DIR')
    expect(help.kind === 'print' && help.text).toMatch(/^Usage: npm start -- /)
    const installed = parseShellOptions({ args: ['--help'], cwd: '/', version: '1.2.3' })
    expect(installed.kind === 'print' && installed.text).toMatch(/^Usage: tlos /)
  })
})

describe('where images come from', () => {
  const withEnv = (env: Record<string, string>, ...args: string[]) =>
    parseNodeOptions({ args: ['--nats', 'ws://a', ...args], cwd: '/', version: '1', env })
  const imagesOf = (parsed: ReturnType<typeof withEnv>) => (parsed.kind === 'run' ? parsed.options.images : parsed.text)

  it('is said on the line or in the variables of wasmCloud’s host, the line first', () => {
    const variables = {
      OCI_ALLOWED_INSECURE: 'localhost:5000, [::1]:5000,',
      OCI_REGISTRY: 'GHCR.io',
      OCI_REGISTRY_USER: 'ann',
      OCI_REGISTRY_PASSWORD: 'pw',
      OCI_ALLOW_LATEST: 'true',
      ALLOW_FILE_LOAD: 'false',
      OCI_CA_FILE: 'own.pem',
      ALL_PROXY: 'http://gate:3128',
      https_proxy: 'http://ann:pw@secure:3128',
      no_proxy: 'inside',
    }
    expect(imagesOf(withEnv(variables))).toEqual({
      allowFiles: false,
      registries: {
        allowLatest: true,
        insecure: ['localhost:5000', '[::1]:5000'],
        credentials: { 'ghcr.io': { username: 'ann', password: 'pw' } },
      },
      caFile: '/own.pem',
      proxy: { https: 'http://ann:pw@secure:3128', http: 'http://gate:3128', except: 'inside' },
    })
    const line = ['--allowed-insecure', 'a:1', '--allowed-insecure=b', '--allow-file-load', '--oci-user', 'bob']
    expect(imagesOf(withEnv(variables, ...line))).toMatchObject({
      allowFiles: true,
      registries: { insecure: ['a:1', 'b'], credentials: { 'ghcr.io': { username: 'bob', password: 'pw' } } },
    })
  })

  it('is refused when it is half or no registry, without telling the password', () => {
    const user = ['--oci-registry', 'ghcr.io', '--oci-user', 'ann']
    expect(refusal(withEnv({}, ...user))).toMatch(/^--oci-user and its password \(OCI_REGISTRY_PASSWORD\) go together/)
    expect(refusal(withEnv({ OCI_REGISTRY_PASSWORD: 'geheim' }, '--oci-user', 'ann'))).toMatch(/needs --oci-registry/)
    for (const name of ['http://a', 'a/b', 'a b', 'a:port']) {
      expect(refusal(withEnv({}, '--allowed-insecure', name))).toMatch(/is no registry/)
    }
  })
})

describe('the node’s command line', () => {
  it('takes grants by component, and refuses what is none', () => {
    const line = node('--nats', 'nats://127.0.0.1:4222', '--grant', 'files:dir=/srv,/data', '--grant', 'files:arg=-v')
    expect(line).toMatchObject({ kind: 'run' })
    const grants = line.kind === 'run' ? line.options.grants.get('files') : undefined
    expect(grants).toMatchObject({
      directories: [{ host: '/srv', guest: '/data', access: 'read' }],
      arguments: ['-v'],
    })
    const refused = node('--nats', 'nats://127.0.0.1:4222', '--grant', 'everything')
    expect(refused).toMatchObject({ kind: 'refuse' })
  })

  it('needs only a server', () => {
    expect(node('--nats', 'nats://127.0.0.1:4222')).toEqual({
      kind: 'run',
      options: {
        name: undefined,
        labels: {},
        heartbeatMs: undefined,
        lattice: 'default',
        nats: { url: 'nats://127.0.0.1:4222' },
        grants: new Map(),
        images: noImageOptions,
        host: usualHostOptions,
        providers: [],
        stateDir: undefined,
      },
    })
  })

  it('refuses what it does not know, and shows the usage', () => {
    expect(refusal(node())).toMatch(/^--nats URL is missing/)
    expect(refusal(node('--nats', 'ws://a', '--no-demo'))).toBe('there is no option --no-demo')
    expect(refusal(node('--nats', 'ws://a', 'x.wasm'))).toBe('"x.wasm" is not expected here')
    const parsed = node('--natss', 'ws://a')
    expect(parsed.kind === 'refuse' && parsed.text).toMatch(/did you mean --nats\?\n\nUsage: npm run node/)
  })
})

describe('where the servers are and how to sign in', () => {
  const env = {
    TLOS_NATS: 'nats://both',
    TLOS_NATS_USER: 'ann',
    TLOS_NATS_PASSWORD: 'pw',
    TLOS_NATS_TLS_CA_FILE: 'ca.pem',
    TLOS_RPC_CREDS: '/etc/rpc.creds',
    TLOS_JS_DOMAIN: 'hub',
  }
  const settings = (args: readonly string[], from: NodeJS.ProcessEnv = env) => {
    const parsed = parseNodeOptions({ args, cwd: '/home/ann', env: from, version: '1.2.3' })
    return parsed.kind === 'run' ? parsed.options.nats : refusal(parsed)
  }

  it('come from the environment, and the command line stands above it', () => {
    const rpc = { url: 'nats://both', caFile: '/home/ann/ca.pem', credsFile: '/etc/rpc.creds' }
    const control = { url: 'nats://both', user: 'ann', password: 'pw', caFile: '/home/ann/ca.pem' }
    expect(settings([])).toEqual({ ...control, rpc, jsDomain: 'hub' })
    expect(settings(['--nats', 'tls://line', '--inbox-prefix', '_mine.x'])).toEqual({
      ...control,
      url: 'tls://line',
      rpc: { ...rpc, url: 'tls://line' },
      jsDomain: 'hub',
      inboxPrefix: '_mine.x',
    })
  })

  it('are those of both connections where one has none of its own; ways to sign in do not mix', () => {
    expect(settings(['--nats', 'nats://a', '--ctl-nats', 'nats://b', '--ctl-seed', 's'], {})).toEqual({
      url: 'nats://b',
      seedFile: '/home/ann/s',
      rpc: { url: 'nats://a' },
    })
    expect(settings(['--ctl-nats', 'nats://b'], {})).toEqual({ url: 'nats://b' })
    expect(settings(['--rpc-nats', 'nats://b'], {})).toMatch(/--nats URL is missing/)
    expect(settings(['--nats', 'nats://u:secret@'], {})).not.toMatch(/secret/)
  })

  it('are kept from processes that are told otherwise', () => {
    expect(withoutNatsVariables({ ...env, PATH: '/bin', TLOS_NATS_SERVER: '/x', TLOS_LOG: 'debug' })).toEqual({
      PATH: '/bin',
      TLOS_NATS_SERVER: '/x',
      TLOS_LOG: 'debug',
    })
  })
})

describe('what a node does as a host', () => {
  const host = (args: readonly string[], env: Record<string, string> = {}) => {
    const parsed = parseNodeOptions({ args: ['--nats', 'nats://h', ...args], cwd: '/', version: '1', env })
    return parsed.kind === 'run' ? parsed.options.host : refusal(parsed)
  }

  const { seed } = createKey('server')

  it('is said under the names of a v1 host, on the command line or in its variables', () => {
    const said = {
      bids: { components: true, providers: false },
      policy: { topic: 'policy.ask', changesTopic: 'policy.changes', timeoutMs: 250 },
      secretsTopic: 'wasmcloud.secrets',
      asksConfigService: true,
      httpAdmin: { host: '::1', port: 8_081 },
      seed,
      limits: { callMs: 250, memoryBytes: 65_536, components: 0 },
      componentBytes: 1_000,
      rpcTimeoutMs: 5_000,
      providerShutdownMs: 60_000,
    }
    expect(
      host([
        ...['--enable-provider-auction', 'false', '--policy-topic', 'policy.ask', '--policy-changes-topic'],
        ...['policy.changes', '--policy-timeout-ms', '250', '--secrets-topic', 'wasmcloud.secrets'],
        ...['--config-service-enabled', '--http-admin', '[::1]:8081', '--host-seed', seed],
        ...['--max-execution-time-ms', '250', '--max-linear-memory-bytes=65536', '--max-components', '0'],
        ...['--max-component-size-bytes', '1000', '--rpc-timeout-ms', '5000', '--provider-shutdown-delay-ms', '60000'],
      ]),
    ).toEqual(said)
    expect(
      host([], {
        WASMCLOUD_PROVIDER_AUCTION_ENABLED: 'false',
        WASMCLOUD_POLICY_TOPIC: 'policy.ask',
        WASMCLOUD_POLICY_CHANGES_TOPIC: 'policy.changes',
        WASMCLOUD_POLICY_TIMEOUT: '250',
        WASMCLOUD_SECRETS_TOPIC: 'wasmcloud.secrets',
        WASMCLOUD_CONFIG_SERVICE: 'true',
        WASMCLOUD_HTTP_ADMIN: '[::1]:8081',
        WASMCLOUD_HOST_SEED: seed,
        WASMCLOUD_MAX_EXECUTION_TIME_MS: '250',
        WASMCLOUD_MAX_LINEAR_MEMORY: '65536',
        WASMCLOUD_MAX_COMPONENTS: '0',
        WASMCLOUD_MAX_COMPONENT_SIZE: '1000',
        WASMCLOUD_RPC_TIMEOUT_MS: '5000',
        WASMCLOUD_PROV_SHUTDOWN_DELAY_MS: '60000',
      }),
    ).toEqual(said)
  })

  it.each([
    [['--enable-component-auction', 'maybe'], '--enable-component-auction is true or false, not "maybe"'],
    [['--policy-topic', 'a.*'], '--policy-topic "a.*" is no subject: letters, digits, _ and -, in parts with dots'],
    [['--policy-timeout-ms', '5'], '--policy-changes-topic and --policy-timeout-ms need --policy-topic'],
    [
      ['--policy-topic', 'a', '--policy-timeout-ms', '0'],
      '--policy-timeout-ms is a whole number from 1 to 60000, not "0"',
    ],
    [
      ['--http-admin', 'localhost:80'],
      '--http-admin is an address like 127.0.0.1:8081 or [::1]:8081, not "localhost:80"',
    ],
    [['--ctl-topic-prefix', 'a.>'], '--ctl-topic-prefix "a.>": letters, digits, _ and -, in parts with dots'],
    [['--max-components', '-1'], '--max-components needs a value'],
    [['--max-components', '1.5'], '--max-components is a whole number from 0 to 1000000, not "1.5"'],
    [
      ['--max-linear-memory-bytes', '64KiB'],
      '--max-linear-memory-bytes is a whole number from 65536 to 4294967296, not "64KiB"',
    ],
    [
      ['--max-component-size-bytes', '104857601'],
      '--max-component-size-bytes is a whole number from 1 to 104857600, not "104857601"',
    ],
  ])('refuses %j in a sentence', (args, sentence) => {
    expect(host(args)).toBe(sentence)
  })

  it.each([
    ['of another kind', createKey('user').seed],
    ['mistyped', seed.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['a public key', createKey('server').publicKey],
    ['something else', 'hunter2hunter2'],
  ])('refuses a seed that is %s, and does not show it', (_what, text) => {
    const line = { args: ['--nats', 'nats://h', '--host-seed', text], cwd: '/', version: '1' }
    const parsed = parseNodeOptions(line)
    expect(refusal(parsed)).toBe(
      '--host-seed is no seed of a host: SN and 56 more letters and digits, as `wash keys gen server` makes',
    )
    expect(JSON.stringify(parsed)).not.toContain(text)
  })
})
