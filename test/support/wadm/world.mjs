// What the stand-in of wadm knows of a lattice: hosts and what runs on them, from events alone (lattice.md 8.4). Events
// that wadm itself could not read are told as violations: a host that says them breaks its word to wadm.

const semver = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/
const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value) => typeof value === 'string'
const isCount = (value) => Number.isInteger(value) && value >= 0

/** Fields that must be there, by event. */
const required = {
  host_started: { labels: isMap, friendly_name: isText },
  host_stopped: { labels: isMap },
  host_heartbeat: {
    components: Array.isArray,
    providers: Array.isArray,
    friendly_name: isText,
    labels: isMap,
    version: (value) => semver.test(value),
    uptime_human: isText,
    uptime_seconds: isCount,
  },
  component_scaled: { annotations: isMap, image_ref: isText, max_instances: isCount, component_id: isText },
  component_scale_failed: {
    annotations: isMap,
    image_ref: isText,
    max_instances: isCount,
    component_id: isText,
    error: isText,
  },
  provider_started: { annotations: isMap, image_ref: isText, provider_id: isText },
  provider_start_failed: { error: isText, provider_id: isText, provider_ref: isText },
  provider_stopped: { annotations: isMap, provider_id: isText, reason: isText },
}

export function createWorld() {
  const hosts = new Map()
  const failures = new Map()
  const violations = []

  const hostOf = (id, labels) => {
    const known = hosts.get(id) ?? { id, labels: {}, components: new Map(), providers: new Map() }
    if (labels !== undefined) known.labels = labels
    hosts.set(id, known)
    return known
  }
  const component = (data) => ({ image: data.image_ref, count: data.max_instances, annotations: data.annotations })
  const provider = (data) => ({ image: data.image_ref, annotations: data.annotations })

  const take = {
    host_started: (source, data) => hostOf(source, data.labels).components.clear(),
    host_stopped: (source) => hosts.delete(source),
    host_heartbeat(source, data) {
      const host = hostOf(source, data.labels)
      host.components = new Map(data.components.map((one) => [one.id, component(one)]))
      host.providers = new Map(data.providers.map((one) => [one.id, provider(one)]))
    },
    component_scaled(source, data) {
      failures.delete(`${source} ${data.component_id}`)
      const { components } = hostOf(source)
      if (data.max_instances === 0) components.delete(data.component_id)
      else components.set(data.component_id, component(data))
    },
    component_scale_failed: (source, data) => failures.set(`${source} ${data.component_id}`, data.error),
    provider_started(source, data) {
      failures.delete(`${source} ${data.provider_id}`)
      hostOf(source).providers.set(data.provider_id, provider(data))
    },
    provider_start_failed: (source, data) => failures.set(`${source} ${data.provider_id}`, data.error),
    provider_stopped: (source, data) => hostOf(source).providers.delete(data.provider_id),
  }

  return {
    hosts,
    failures,
    violations,
    /** True when something was learned. */
    hear(bytes) {
      const event = JSON.parse(Buffer.from(bytes).toString('utf8'))
      const kind = String(event.type).replace('com.wasmcloud.lattice.', '')
      const wanted = required[kind]
      if (wanted === undefined) return false
      for (const [field, fits] of Object.entries(wanted)) {
        if (!fits(event.data?.[field])) violations.push(`${kind} of ${event.source}: ${field}`)
      }
      take[kind](event.source, event.data)
      return true
    },
  }
}
