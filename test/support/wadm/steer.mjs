// Brings a lattice to what a manifest says and tells how far it is, as wadm's scalers do (lattice.md 8.2 to 8.4): one pass
// compares, sends what is missing, and waits its back-off before it sends the same again.

import { configName, idOf } from './manifest.mjs'

const backOffMs = { component: 5_000, provider: 60_000, other: 30_000 }

const same = (a, b) => JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())
const fits = (host, labels) => Object.entries(labels ?? {}).every(([key, value]) => host.labels[key] === value)
const withoutScheme = (image) => image.replace(/^(?:oci|https?|file|wasmcloud\+builtin):\/\//, '')

/** The scalers of a manifest as plain data. */
export function scalersOf(app, manifest) {
  const byName = new Map(manifest.spec.components.map((one) => [one.name, idOf(app, one)]))
  const scalers = []
  const configsOf = (list = []) => {
    for (const config of list) {
      if (config.properties === undefined) continue
      const name = configName(app, config)
      scalers.push({ kind: 'ConfigScaler', id: `config ${name}`, name, values: config.properties })
    }
    return list.map((config) => configName(app, config))
  }
  for (const component of manifest.spec.components) {
    const id = idOf(app, component)
    const isProvider = component.type === 'capability'
    const config = configsOf(component.properties.config)
    const traits = component.traits ?? []
    const scale = traits.find(({ type }) => type !== 'link')
    const instances = scale?.properties.instances ?? scale?.properties.replicas ?? 1
    scalers.push({
      kind: `${isProvider ? 'Provider' : 'Component'}${scale?.type === 'daemonscaler' ? 'Daemon' : 'Spread'}Scaler`,
      id: `${component.type} ${id}`,
      name: component.name,
      target: id,
      image: component.properties.image,
      config,
      instances,
      spread: scale?.properties.spread ?? [{ name: 'default', requirements: {}, weight: 100 }],
    })
    for (const trait of traits.filter(({ type }) => type === 'link')) {
      const { namespace, package: pack, interfaces, name = 'default', source, target } = trait.properties
      scalers.push({
        kind: 'LinkScaler',
        id: `link ${id} ${namespace}:${pack} ${name}`,
        name: component.name,
        link: {
          source_id: id,
          target: byName.get(target.name ?? target),
          name,
          wit_namespace: namespace,
          wit_package: pack,
          interfaces,
          source_config: configsOf(source?.config),
          target_config: configsOf(target.config),
        },
      })
    }
  }
  return scalers
}

/** How many instances belong on which host: the first eligible host of each spread, or each eligible one. */
function wanted(scaler, hosts, app) {
  const result = new Map()
  const total = scaler.spread.reduce((sum, one) => sum + (one.weight ?? 100), 0)
  for (const spread of scaler.spread) {
    const eligible = hosts.filter((host) => fits(host, spread.requirements))
    const isDaemon = scaler.kind.includes('Daemon')
    const count = isDaemon ? scaler.instances : Math.round((scaler.instances * (spread.weight ?? 100)) / total)
    for (const host of isDaemon ? eligible : eligible.slice(0, 1)) {
      const annotations = {
        'wasmcloud.dev/managed-by': 'wadm',
        'wasmcloud.dev/appspec': app,
        'wasmcloud.dev/scaler': scaler.id.replace(/[^a-z0-9]/gi, '_'),
        'wasmcloud.dev/spread_name': spread.name,
      }
      result.set(host.id, { count, annotations })
    }
  }
  return result
}

/** `world` as heard, `ask` sends on the control interface of the lattice. */
export function createSteering(app, manifest, world, ask) {
  const scalers = scalersOf(app, manifest)
  const sentAt = new Map()
  const onceIn = async (key, ms, send) => {
    if (Date.now() - (sentAt.get(key) ?? -Infinity) < ms) return
    sentAt.set(key, Date.now())
    await send()
  }

  const passes = {
    async config({ name, values }) {
      const now = await ask(`config.get.${name}`)
      if (now.response !== undefined && same(now.response, values)) return 'deployed'
      await onceIn(name, backOffMs.other, () => ask(`config.put.${name}`, values))
      return 'reconciling'
    },
    async link({ link, id }) {
      const links = (await ask('link.get')).response ?? []
      const isThere = links.some(
        (one) =>
          one.source_id === link.source_id &&
          one.target === link.target &&
          one.name === link.name &&
          one.wit_namespace === link.wit_namespace &&
          one.wit_package === link.wit_package,
      )
      if (isThere) return 'deployed'
      await onceIn(id, backOffMs.other, () => ask('link.put', link))
      return 'reconciling'
    },
    async run(scaler) {
      const isProvider = scaler.kind.startsWith('Provider')
      const places = wanted(scaler, [...world.hosts.values()], app)
      if (places.size === 0) return { type: 'failed', message: 'No eligible hosts found' }
      let type = 'deployed'
      for (const host of world.hosts.values()) {
        const place = places.get(host.id)
        const running = (isProvider ? host.providers : host.components).get(scaler.target)
        const image = isProvider ? withoutScheme(scaler.image) : scaler.image
        const isMine = running !== undefined && running.annotations['wasmcloud.dev/appspec'] === app
        if (place === undefined) {
          if (!isMine) continue
          type = 'reconciling'
          await onceIn(`${host.id} ${scaler.id} 0`, backOffMs.component, () => stop(scaler, host.id, running))
          continue
        }
        const isDone =
          running !== undefined &&
          running.image === image &&
          same(running.annotations, place.annotations) &&
          (isProvider || running.count === place.count)
        if (isDone) continue
        const error = world.failures.get(`${host.id} ${scaler.target}`)
        type = error === undefined ? 'reconciling' : { type: 'failed', message: error }
        await onceIn(`${host.id} ${scaler.id}`, isProvider ? backOffMs.provider : backOffMs.component, () =>
          isProvider
            ? ask(`provider.start.${host.id}`, {
                host_id: host.id,
                provider_id: scaler.target,
                provider_ref: scaler.image,
                config: scaler.config,
                annotations: place.annotations,
              })
            : ask(`component.scale.${host.id}`, {
                host_id: host.id,
                component_id: scaler.target,
                component_ref: scaler.image,
                count: place.count,
                config: scaler.config,
                annotations: place.annotations,
                allow_update: false,
              }),
        )
      }
      return type
    },
  }

  const stop = (scaler, hostId, running) =>
    scaler.kind.startsWith('Provider')
      ? ask(`provider.stop.${hostId}`, { host_id: hostId, provider_id: scaler.target })
      : ask(`component.scale.${hostId}`, {
          host_id: hostId,
          component_id: scaler.target,
          component_ref: running.image,
          count: 0,
          annotations: running.annotations,
        })

  return {
    /** Compares and sends; resolves to the state of each scaler. */
    async pass() {
      const states = []
      for (const scaler of scalers) {
        const run =
          scaler.kind === 'ConfigScaler' ? passes.config : scaler.kind === 'LinkScaler' ? passes.link : passes.run
        const state = await run(scaler)
        const status = typeof state === 'string' ? { type: state } : state
        states.push({ id: scaler.id, kind: scaler.kind, name: scaler.name, status })
        // What runs names its configurations: they come first.
        if (scaler.kind === 'ConfigScaler' && status.type !== 'deployed') break
      }
      return states
    },
    /** Takes away all that it brought. */
    async end() {
      for (const scaler of scalers) {
        if (scaler.kind === 'LinkScaler') {
          const { source_id, name, wit_namespace, wit_package } = scaler.link
          await ask('link.del', { source_id, name, wit_namespace, wit_package })
        } else if (scaler.kind !== 'ConfigScaler') {
          for (const host of world.hosts.values()) {
            const running = (scaler.kind.startsWith('Provider') ? host.providers : host.components).get(scaler.target)
            if (running?.annotations['wasmcloud.dev/appspec'] === app) await stop(scaler, host.id, running)
          }
        }
      }
      for (const { kind, name } of scalers) if (kind === 'ConfigScaler') await ask(`config.del.${name}`)
    },
  }
}
