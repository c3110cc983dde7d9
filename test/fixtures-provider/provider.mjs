// A capability provider as a program of its own, written from the description of the protocol alone (lattice.md 6, wrpc.md 1 and
// 5.6): a key-value store in memory, which does what a provider built with the v1 SDK does. It shares no code with the node that
// runs it. What it heard it tells whoever asks on `test.provider.{id}`; its configuration can make it behave badly.

import { connect, nkeys } from 'nats'

// wRPC: one function at a time, values small enough for one message.

const nothing = new Uint8Array(0)

class Reader {
  constructor(bytes) {
    this.bytes = bytes
    this.at = 0
  }

  unsigned() {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new Error('too short')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }

  take() {
    const length = Number(this.unsigned())
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  string() {
    return new TextDecoder().decode(this.take())
  }
}

function unsigned(value) {
  const bytes = []
  for (let rest = BigInt(value); ;) {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
    if (rest === 0n) return bytes
  }
}

async function run() {
  const store = new Map()
  const chunks = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  const line = Buffer.concat(chunks).toString()
  if (!line.endsWith('\r\n')) throw new Error('the line of HostData has no end')
  const host = JSON.parse(Buffer.from(line.trim(), 'base64').toString())
  const { lattice_rpc_prefix: lattice, provider_key: id, config } = host

  if (config.mode === 'die') process.exit(3)

  const nats = await connect({ servers: host.lattice_rpc_url, inboxPrefix: '_INBOX' })
  const xkey = nkeys.fromSeed(new TextEncoder().encode(host.provider_xkey_private_key)).getPublicKey()
  const rpc = (who, what) => `wasmbus.rpc.${lattice}.${who}.${what}`
  const json = (message) => JSON.parse(new TextDecoder().decode(message.data))
  const text = (value) => new TextEncoder().encode(value)

  const keyOf = (link) => `${link.source_id} ${link.target} ${link.name}`
  const links = new Map(host.link_definitions.map((link) => [keyOf(link), link]))
  const heard = { puts: 0, repeated: 0, dels: [], configs: [], healths: 0 }
  const onMessage = (subject, take) => nats.subscribe(subject, { callback: (error, message) => error || take(message) })

  function putLink(message) {
    const link = json(message)
    heard.puts += 1
    if (links.has(keyOf(link))) heard.repeated += 1
    links.set(keyOf(link), link)
  }
  onMessage(rpc(xkey, 'linkdefs.put'), putLink)
  if (config.old === 'yes') onMessage(rpc(id, 'linkdefs.put'), putLink)
  onMessage(rpc(id, 'linkdefs.del'), (message) => {
    const link = json(message)
    heard.dels.push(link)
    links.delete(keyOf(link))
  })
  onMessage(rpc(id, 'config.update'), (message) => heard.configs.push(json(message)))
  onMessage(rpc(id, 'health'), (message) => {
    heard.healths += 1
    if (config.mode !== 'silent') message.respond(text(JSON.stringify({ healthy: config.mode !== 'ill' })))
  })
  onMessage(rpc(id, 'default.shutdown'), (message) => {
    if (config.mode === 'stubborn' || json(message).host_id !== host.host_id) return
    message.respond(text('shutting down'))
    if (config.mode === 'lingering') return
    const end = () => void nats.drain().then(() => process.exit(0))
    if (config.mode !== 'slow') return end()
    setTimeout(() => {
      nats.publish(`test.provider.${id}.ended`)
      end()
    }, 2_000)
  })
  onMessage(`test.provider.${id}`, (message) =>
    message.respond(
      text(
        JSON.stringify({
          host,
          pid: process.pid,
          env: process.env,
          links: [...links.values()],
          heard,
          stored: [...store.keys()],
        }),
      ),
    ),
  )
  onMessage(`test.provider.${id}.crash`, () => process.exit(9))

  /** `take` gives the bytes of the results; what it throws is an end without results, all that wRPC has for it. */
  function serve(instance, name, take) {
    const prefix = `${lattice}.${id}`
    nats.subscribe(`${prefix}.wrpc.0.0.1.${instance}.${name}`, {
      queue: prefix,
      callback: async (error, message) => {
        if (error !== null || !message.reply) return
        const inbox = `_INBOX.${Math.random().toString(36).slice(2)}${Date.now()}`
        const params = nats.subscribe(`${inbox}.params`)
        nats.publish(message.reply, nothing, { reply: inbox })
        const parts = [message.data]
        for await (const part of params) {
          if (part.data.length === 0) break
          parts.push(part.data)
        }
        try {
          const source = message.headers?.get('source-id') ?? ''
          const linkName = message.headers?.get('link-name') || 'default'
          if (!links.has(`${source} ${id} ${linkName}`)) throw new Error(`no link from ${source} under ${linkName}`)
          nats.publish(`${message.reply}.results`, Uint8Array.from(take(new Reader(Buffer.concat(parts)), source)))
        } catch (failure) {
          console.error(`${name}: ${failure.message}`)
        }
        nats.publish(`${message.reply}.results`, nothing)
      },
    })
  }

  const keyFor = (reader, source) => `${source}/${reader.string()}/${reader.string()}`
  serve('wrpc:keyvalue/store@0.2.0-draft', 'get', (reader, source) => {
    const found = store.get(keyFor(reader, source))
    return found === undefined ? [0, 0] : [0, 1, ...unsigned(found.length), ...found]
  })
  serve('wrpc:keyvalue/store@0.2.0-draft', 'set', (reader, source) => {
    store.set(keyFor(reader, source), Uint8Array.from(reader.take()))
    return [0]
  })
  serve('wrpc:keyvalue/atomics@0.2.0-draft', 'increment', (reader, source) => {
    const key = keyFor(reader, source)
    const next = BigInt(new TextDecoder().decode(store.get(key) ?? text('0'))) + reader.unsigned()
    store.set(key, text(String(next)))
    return [0, ...unsigned(next)]
  })

  await nats.flush()
  console.log(`ready as ${id}`)
  if (config.mode === 'flood') {
    const much = `${'x'.repeat(200)}\n`.repeat(500)
    const go = () => process.stderr.write(much, () => setImmediate(go))
    go()
  }
}

run().catch((error) => {
  console.error(error)
  process.exit(1)
})
