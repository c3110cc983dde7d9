// wadm as a peer: our client against its stand-in, a process of its own on a real nats-server, with real nodes that it
// steers; then what runs, written as a manifest, and made again from that text.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createTools, type Tools } from '../../../main/desktop-tools.js'
import { createClient, type LatticeClient } from '../../../main/lattice/client.js'
import { openImages } from '../../../main/lattice/images.js'
import { type Mirror, openMirror } from '../../../main/lattice/mirror.js'
import { openRpc } from '../../../main/lattice/rpc.js'
import { type ApplicationNews, createWadm } from '../../../main/lattice/wadm.js'
import { openTransport } from '../../../main/nats/connection.js'
import type { Transport } from '../../../main/nats/transport.js'
import { type NatsServer, startNatsServer } from '../../support/nats-server.js'
import { type NodeProcess, startNodeProcess } from '../../support/node-process.js'
import { startWadm, type WadmProcess } from '../../support/wadm-process.js'

const patience = { timeout: 60_000, interval: 100 }

let server: NatsServer
let folder: string
let transport: Transport
let mirror: Mirror
let client: LatticeClient
let tools: Tools
let image: string
let wadm: WadmProcess | undefined
const nodes: NodeProcess[] = []
const news: ApplicationNews[] = []

/** `id ×count on node`, sorted. */
const running = (): string[] =>
  Object.values(mirror.state().components)
    .filter(({ maxInstances }) => maxInstances > 0)
    .map(({ id, hostId, maxInstances }) => `${id} ×${maxInstances} on ${mirror.state().hosts[hostId]?.friendlyName}`)
    .sort()

beforeAll(async () => {
  server = await startNatsServer()
  folder = await mkdtemp(path.join(os.tmpdir(), 'tlos-wadm-'))
  transport = await openTransport({ servers: server.tcpUrl })
  for (const name of ['attic', 'cellar']) {
    nodes.push(
      await startNodeProcess({
        natsUrl: server.tcpUrl,
        name,
        stateDir: path.join(folder, name),
        heartbeatMs: 1_000,
        labels: { floor: name },
      }),
    )
  }
  client = createClient({ transport, lattice: 'default' })
  mirror = await openMirror({ transport, lattice: 'default', embedded: false })
  tools = createTools({ transport, lattice: 'default', client, mirror, rpc: openRpc(transport) })
  tools.wadm.watch((one) => news.push(one))
  const images = openImages({ transport, lattice: 'default', cacheDir: path.join(folder, 'own'), allowFiles: false })
  image = await images.put(await readFile(path.resolve('out/components/echo.wasm')))
}, 120_000)

afterAll(async () => {
  tools.close()
  await mirror.close()
  await wadm?.stop()
  for (const node of nodes) await node.stop()
  await transport.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const manifest = (version: string, instances: number): string => `apiVersion: core.oam.dev/v1beta1
kind: Application
metadata:
  name: greeting
  annotations:
    version: ${version}
    description: says it back
spec:
  components:
    - name: Echo-One
      type: component
      properties:
        image: ${image}
        config:
          - name: words
            properties: { greeting: hello }
      traits:
        - type: spreadscaler
          properties:
            instances: ${instances}
            spread:
              - name: low
                requirements: { floor: cellar }
`

describe('without wadm', () => {
  it('[L69] says that none answers, at once', async () => {
    await expect(tools.wadm.list()).rejects.toMatchObject({
      code: 'unreachable',
      message: 'No wadm answers on lattice default',
    })
  })

  it('[L69] says that it did not answer when somebody who listens to everything hides that', async () => {
    const curious = transport.subscribe('wadm.>', () => undefined)
    await transport.flush()
    const impatient = createWadm({ transport, lattice: 'default', requestMs: 300 })
    await expect(impatient.list()).rejects.toMatchObject({ code: 'timed-out' })
    curious.close()
  })
})

describe('with wadm', () => {
  beforeAll(async () => {
    wadm = await startWadm(server.tcpUrl)
  }, 60_000)

  it('has no application to begin with', async () => {
    expect(await tools.wadm.list()).toEqual([])
  })

  it('refuses a manifest in the words of who refused it', async () => {
    await expect(tools.wadm.put('a: [')).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^The manifest is no YAML: .*line 1/s),
    })
    await expect(tools.wadm.put('just words')).rejects.toMatchObject({ code: 'invalid' })
    await expect(tools.wadm.put(manifest('latest', 1))).rejects.toMatchObject({
      code: 'refused',
      message: 'A version named "latest" is not allowed',
    })
    await expect(tools.wadm.put(manifest('v1', 1).replace('greeting\n', 'no greeting\n'))).rejects.toMatchObject({
      message: 'Invalid manifest name: no greeting',
    })
    expect(await tools.wadm.list()).toEqual([])
  })

  it('keeps what is put, in versions, and gives the same back', async () => {
    const put = await tools.wadm.put(manifest('v1', 1))
    expect(put).toMatchObject({ result: 'created', name: 'greeting', version: 'v1' })
    expect(await tools.wadm.put(JSON.stringify(parse(manifest('v2', 3))))).toMatchObject({ result: 'newversion' })
    await expect(tools.wadm.put(manifest('v2', 3))).rejects.toMatchObject({
      code: 'refused',
      message: 'Manifest version v2 already exists',
    })
    expect(await tools.wadm.list()).toEqual([
      {
        name: 'greeting',
        version: 'v2',
        description: 'says it back',
        deployedVersion: undefined,
        status: { type: 'undeployed', message: undefined, scalers: [] },
      },
    ])
    expect(await tools.wadm.versions('greeting')).toEqual([
      { version: 'v1', deployed: false },
      { version: 'v2', deployed: false },
    ])
    expect(parse(await tools.wadm.manifest('greeting', 'v1'))).toEqual(parse(manifest('v1', 1)))
    await expect(tools.wadm.manifest('nobody')).rejects.toMatchObject({ code: 'not-found', about: 'nobody' })
    await expect(tools.wadm.deploy('nobody')).rejects.toMatchObject({ code: 'not-found' })
    await expect(tools.wadm.deploy('no.body')).rejects.toMatchObject({ code: 'invalid' })
  })

  it('deploys a version, whose progress is heard, and what runs says who manages it', async () => {
    await tools.wadm.deploy('greeting', 'v1')
    await expect.poll(running, patience).toEqual(['greeting-echo_one ×1 on cellar'])
    await expect.poll(async () => (await tools.wadm.status('greeting')).type, patience).toBe('deployed')
    await expect
      .poll(() => news.filter(({ name }) => name === 'greeting').map(({ status }) => status?.type), patience)
      .toContain('deployed')
    const [actor] = Object.values(mirror.state().components)
    expect(actor?.annotations).toMatchObject({
      'wasmcloud.dev/managed-by': 'wadm',
      'wasmcloud.dev/appspec': 'greeting',
      'wasmcloud.dev/spread_name': 'low',
    })
    expect(await client.getConfig('greeting-words')).toEqual({ greeting: 'hello' })
    const detail = await tools.wadm.detail('greeting')
    expect(detail.versions.find(({ deployed }) => deployed)?.version).toBe('v1')
    expect(detail.status.scalers.map(({ kind, type }) => `${kind} ${type}`)).toEqual([
      'ConfigScaler deployed',
      'ComponentSpreadScaler deployed',
    ])
  })

  it('goes on to another version, and back to nothing', async () => {
    await tools.wadm.deploy('greeting', 'v2')
    await expect.poll(running, patience).toEqual(['greeting-echo_one ×3 on cellar'])
    await tools.wadm.undeploy('greeting')
    await expect.poll(running, patience).toEqual([])
    expect((await tools.wadm.status('greeting')).type).toBe('undeployed')
    expect(await tools.wadm.delete('greeting', 'v1')).toBe(true)
    expect((await tools.wadm.versions('greeting')).map(({ version }) => version)).toEqual(['v2'])
    expect(await tools.wadm.delete('greeting')).toBe(true)
    expect(await tools.wadm.list()).toEqual([])
    expect(await tools.wadm.delete('greeting')).toBe(false)
  })

  it('tells why an application does not come up', async () => {
    const nowhere = manifest('v1', 1).replace('floor: cellar', 'floor: roof')
    await tools.wadm.put(nowhere)
    await tools.wadm.deploy('greeting')
    await expect
      .poll(async () => await tools.wadm.status('greeting'), patience)
      .toMatchObject({ type: 'failed', message: 'No eligible hosts found' })
    await tools.wadm.delete('greeting')
  })

  it('makes again what was written down: components, spread, links, configurations', async () => {
    const [attic, cellar] = nodes
    if (attic === undefined || cellar === undefined) throw new Error('two nodes were started')
    await client.putConfig('words', { greeting: 'good day' })
    await client.putConfig('route', { path: '/say' })
    const first = { componentId: 'first', imageRef: image, config: ['words'] }
    await client.scale(attic.hostId, { ...first, count: 1 })
    await client.scale(cellar.hostId, { ...first, count: 3 })
    await client.scale(cellar.hostId, { componentId: 'second', imageRef: image, count: 2 })
    await client.putLink({
      sourceId: 'first',
      target: 'second',
      name: 'aside',
      witNamespace: 'tlos',
      witPackage: 'echo',
      interfaces: ['echo'],
      sourceConfig: [],
      targetConfig: ['route'],
    })
    await expect.poll(() => Object.keys(mirror.state().links), patience).toHaveLength(1)
    await expect
      .poll(
        () =>
          Object.values(mirror.state().components)
            .map(({ config }) => config?.join())
            .sort(),
        patience,
      )
      .toEqual(['', 'words', 'words'])
    const before = running()

    const request = { name: 'again', version: 'v1', description: 'what ran', withManaged: false }
    const written = await tools.writeManifest(request)
    expect(written.notes.map(({ code }) => code)).toEqual(['tlos-image', 'tlos-image'])
    await tools.wadm.put(written.text)
    expect(parse(await tools.wadm.manifest('again'))).toEqual(parse(written.text))

    for (const { id, hostId } of Object.values(mirror.state().components)) await client.stop(hostId, id)
    await client.deleteLink({ sourceId: 'first', name: 'aside', witNamespace: 'tlos', witPackage: 'echo' })
    await client.deleteConfig('words')
    await client.deleteConfig('route')
    await expect.poll(() => [running(), Object.keys(mirror.state().links)], patience).toEqual([[], []])

    await tools.wadm.deploy('again')
    await expect.poll(running, patience).toEqual(before)
    await expect.poll(async () => (await tools.wadm.status('again')).type, patience).toBe('deployed')
    expect(await client.links()).toMatchObject([
      { sourceId: 'first', target: 'second', name: 'aside', interfaces: ['echo'], targetConfig: ['again-route'] },
    ])
    expect(await client.getConfig('again-words')).toEqual({ greeting: 'good day' })
    expect(await client.getConfig('again-route')).toEqual({ path: '/say' })

    // Now that wadm has all of it, nothing is left to be written, unless one asks for it.
    await expect
      .poll(() => tools.writeManifest({ ...request, name: 'third' }).catch((error: Error) => error.message), patience)
      .toMatch(/^Nothing runs here/)
    const whole = await tools.writeManifest({ ...request, name: 'third', withManaged: true })
    expect(parse(whole.text).spec.components.map(({ name }: { name: string }) => name)).toEqual(['first', 'second'])
    await tools.wadm.delete('again')
  }, 180_000)

  it('heard nothing from the nodes that wadm could not have read', async () => {
    const violations = await wadm?.stop()
    wadm = undefined
    expect(violations).toEqual([])
  })
})
