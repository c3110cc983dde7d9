// A stand-in for wadm 0.21 as a process of its own, written from section 8 of the protocol's page: its API, its manifests
// in `wadm_manifests`, its commands to hosts, its status stream. `node peer.mjs URL` prints one line when it answers; on
// SIGTERM it prints what hosts said that wadm could not have read, and ends.

import { connect, JSONCodec, RetentionPolicy } from 'nats'
import { readManifest } from './manifest.mjs'
import { createSteering } from './steer.mjs'
import { createWorld } from './world.mjs'

const json = JSONCodec()
const connection = await connect({ servers: process.argv[2], name: 'wadm' })
const manager = await connection.jetstreamManager()
await manager.streams.add({
  name: 'wadm_status',
  subjects: ['wadm.status.*.*'],
  max_msgs_per_subject: 10,
  retention: RetentionPolicy.Limits,
})
const jetStream = connection.jetstream()
const kept = await jetStream.views.kv('wadm_manifests')
const lattices = new Map()

const rank = ['failed', 'undeployed', 'waiting', 'reconciling', 'unhealthy', 'deployed']
const undeployed = { status: { type: 'undeployed' }, scalers: [], version: '', components: [] }
const waiting = {
  status: { type: 'waiting', message: 'Waiting for status: Lattice contains no hosts, deployment not started.' },
  version: '',
  components: [],
}

function latticeOf(name) {
  const known = lattices.get(name)
  if (known !== undefined) return known
  const made = { name, world: createWorld(), steering: new Map(), told: new Map(), turn: Promise.resolve() }
  lattices.set(name, made)
  return made
}

const ask = (lattice) => async (tail, body) => {
  const reply = await connection.request(
    `wasmbus.ctl.v1.${lattice}.${tail}`,
    body === undefined ? new Uint8Array() : json.encode(body),
    { timeout: 2_000 },
  )
  return json.decode(reply.data)
}

async function read(lattice, name) {
  const entry = await kept.get(`${lattice}-${name}`)
  return entry === null || entry.length === 0 ? undefined : entry.json()
}

async function write(lattice, name, record) {
  if (record === undefined) await kept.delete(`${lattice}-${name}`)
  else await kept.put(`${lattice}-${name}`, json.encode(record))
  const entry = await kept.get(lattice)
  const names = new Set(entry === null || entry.length === 0 ? [] : entry.json())
  if (record === undefined) names.delete(name)
  else names.add(name)
  await kept.put(lattice, json.encode([...names].sort()))
}

async function namesOf(lattice) {
  const entry = await kept.get(lattice)
  return entry === null || entry.length === 0 ? [] : entry.json()
}

const steeringOf = (lattice, name, record) => {
  const known = lattice.steering.get(name)
  if (known?.version === record.deployed_version) return known
  const manifest = record.manifests.find((one) => one.metadata.annotations.version === record.deployed_version)
  const made = { version: record.deployed_version, ...createSteering(name, manifest, lattice.world, ask(lattice.name)) }
  lattice.steering.set(name, made)
  return made
}

async function tell(lattice, name, status) {
  const text = JSON.stringify(status)
  if (lattice.told.get(name) === text) return
  lattice.told.set(name, text)
  await jetStream.publish(`wadm.status.${lattice.name}.${name}`, json.encode(status))
}

/** One pass over all that is deployed; passes run one after another. */
function pass(lattice) {
  lattice.turn = lattice.turn
    .then(async () => {
      for (const name of await namesOf(lattice.name)) {
        const record = await read(lattice.name, name)
        if (record?.deployed_version === undefined || lattice.world.hosts.size === 0) continue
        const scalers = await steeringOf(lattice, name, record).pass()
        const type = rank.find((word) => scalers.some((one) => one.status.type === word)) ?? 'deployed'
        const message = scalers.map(({ status }) => status.message).find((text) => text !== undefined)
        await tell(lattice, name, { status: { type, message }, scalers, version: '', components: [] })
      }
    })
    .catch((error) => process.stderr.write(`${error.stack}\n`))
  return lattice.turn
}

const statusOf = (lattice, name, record) => {
  if (record?.deployed_version === undefined) return undeployed
  const told = lattice.told.get(name)
  return told === undefined ? waiting : JSON.parse(told)
}

function publish(lattice, kind, data) {
  const event = {
    specversion: '1.0',
    id: crypto.randomUUID(),
    type: `com.wadm.${kind}`,
    source: 'wadm',
    datacontenttype: 'application/json',
    time: new Date().toISOString(),
    data,
  }
  connection.publish(`wadm.evt.${lattice.name}.${kind}`, json.encode(event))
}

const operations = {
  async list(lattice) {
    const models = []
    for (const name of await namesOf(lattice.name)) {
      const record = await read(lattice.name, name)
      if (record === undefined) continue
      const newest = record.manifests.at(-1)
      const status = statusOf(lattice, name, record)
      models.push({
        name,
        version: newest.metadata.annotations.version,
        description: newest.metadata.annotations.description ?? null,
        deployed_version: record.deployed_version ?? null,
        detailed_status: status,
        status: status.status.type,
        status_message: status.status.message ?? null,
      })
    }
    return models
  },
  async get(lattice, name, body) {
    if (name === undefined) return { result: 'success', message: '', models: await operations.list(lattice) }
    const record = await read(lattice.name, name)
    const manifest = body.version === undefined ? record?.manifests.at(-1) : versionOf(record, body.version)
    if (manifest === undefined) return { result: 'notfound', message: `Model with the name ${name} not found` }
    return { result: 'success', message: `Fetched model ${name}`, manifest }
  },
  async put(lattice, _name, _body, message) {
    const manifest = readManifest(message.data, message.headers?.get('Content-Type') || undefined)
    const { name } = manifest.metadata
    manifest.metadata.annotations ??= {}
    manifest.metadata.annotations.version ??= `01${Date.now().toString(36).toUpperCase()}`
    const { version } = manifest.metadata.annotations
    const record = (await read(lattice.name, name)) ?? { manifests: [] }
    if (versionOf(record, version) !== undefined) throw new Error(`Manifest version ${version} already exists`)
    record.manifests.push(manifest)
    await write(lattice.name, name, record)
    publish(lattice, 'manifest_published', manifest)
    return {
      result: record.manifests.length === 1 ? 'created' : 'newversion',
      total_versions: record.manifests.length,
      current_version: version,
      message: 'Successfully put manifest',
      name,
    }
  },
  async versions(lattice, name) {
    const record = await read(lattice.name, name)
    if (record === undefined)
      return { result: 'notfound', message: `Model with the name ${name} not found`, versions: [] }
    const versions = record.manifests.map(({ metadata }) => ({
      version: metadata.annotations.version,
      deployed: metadata.annotations.version === record.deployed_version,
    }))
    return { result: 'success', message: '', versions }
  },
  async del(lattice, name, body) {
    const record = await read(lattice.name, name)
    if (record === undefined) return { result: 'noop', message: `Model ${name} does not exist`, undeploy: false }
    const left =
      body.version === undefined
        ? []
        : record.manifests.filter((one) => one.metadata.annotations.version !== body.version)
    const wasDeployed =
      record.deployed_version !== undefined && (body.version ?? record.deployed_version) === record.deployed_version
    if (wasDeployed) await end(lattice, name, record)
    const rest = wasDeployed ? { manifests: left } : { ...record, manifests: left }
    await write(lattice.name, name, left.length === 0 ? undefined : rest)
    publish(lattice, 'manifest_unpublished', { name })
    return { result: 'deleted', message: 'Successfully deleted', undeploy: wasDeployed }
  },
  async deploy(lattice, name, body) {
    const record = await read(lattice.name, name)
    const asked = body.version === 'latest' ? undefined : body.version
    const manifest = asked === undefined ? record?.manifests.at(-1) : versionOf(record, asked)
    if (manifest === undefined) return { result: 'notfound', message: `Model with the name ${name} not found`, name }
    const { version } = manifest.metadata.annotations
    await write(lattice.name, name, { ...record, deployed_version: version })
    void pass(lattice)
    return { result: 'acknowledged', message: `Deployed model ${name}`, name, version }
  },
  async undeploy(lattice, name) {
    const record = await read(lattice.name, name)
    if (record === undefined) return { result: 'notfound', message: `Model with the name ${name} not found`, name }
    await end(lattice, name, record)
    await write(lattice.name, name, { manifests: record.manifests })
    return { result: 'acknowledged', message: `Undeployed model ${name}`, name }
  },
  history: () => ({ result: 'error', message: 'History is not supported' }),
  async status(lattice, name) {
    return { result: 'ok', message: '', status: statusOf(lattice, name, await read(lattice.name, name)) }
  },
}

const versionOf = (record, version) => record?.manifests.find((one) => one.metadata.annotations.version === version)

async function end(lattice, name, record) {
  await lattice.turn
  if (record.deployed_version !== undefined) await steeringOf(lattice, name, record).end()
  lattice.steering.delete(name)
  await tell(lattice, name, undeployed)
}

async function serve(message) {
  const [, , latticeName, , operation, name] = message.subject.split('.')
  const run = operations[operation]
  const body = operation === 'put' || message.data.length === 0 ? {} : json.decode(message.data)
  const answer = await Promise.resolve()
    .then(() => {
      if (run === undefined) throw new Error(`Unsupported subject: ${message.subject}`)
      return run(latticeOf(latticeName), name, body, message)
    })
    .catch((error) => ({ result: 'error', message: error.message }))
  message.respond(json.encode(answer))
}

connection.subscribe('wadm.api.*.model.>', { queue: 'wadm_server', callback: (_error, message) => void serve(message) })
connection.subscribe('wasmbus.evt.*.>', {
  callback(_error, message) {
    const lattice = latticeOf(message.subject.split('.')[2])
    if (lattice.world.hear(message.data)) void pass(lattice)
  },
})
await connection.flush()
const ticker = setInterval(() => {
  for (const lattice of lattices.values()) void pass(lattice)
}, 1_000)
process.stdout.write(`${JSON.stringify({ ready: true })}\n`)
process.once('SIGTERM', () => {
  clearInterval(ticker)
  const violations = [...lattices.values()].flatMap(({ world }) => world.violations)
  process.stdout.write(`${JSON.stringify({ violations })}\n`)
  void connection.close().then(() => process.exit(0))
})
