// A guest that uses every service of a lattice as it is told. Written for componentize-qjs, which takes a number for a
// `u64`; built by the test that uses it.

import store from 'wasi:keyvalue/store@0.2.0-draft'
import atomics from 'wasi:keyvalue/atomics@0.2.0-draft'
import batch from 'wasi:keyvalue/batch@0.2.0-draft'
import config from 'wasi:config/store@0.2.0-draft'
import runtimeConfig from 'wasi:config/runtime@0.2.0-draft'
import logging from 'wasi:logging/logging@0.1.0-draft'
import plainLogging from 'wasi:logging/logging'
import consumer from 'wasmcloud:messaging/consumer@0.2.0'

const bytes = (list) => Uint8Array.from(list)
const plain = (value) => (value === undefined || value === null ? null : [...value])
const asText = (value) => String.fromCharCode(...value)

/** Messages that were handled, in order. */
const heard = []

const verbs = {
  'kv-set': (bucket, key, value) => store.open(bucket).set(key, bytes(value)),
  'kv-get': (bucket, key) => plain(store.open(bucket).get(key)),
  'kv-exists': (bucket, key) => store.open(bucket).exists(key),
  'kv-delete': (bucket, key) => store.open(bucket).delete(key),
  'kv-keys': (bucket, cursor) => {
    const page = store.open(bucket).listKeys(cursor === null ? undefined : cursor)
    return { count: page.keys.length, first: page.keys[0], cursor: String(page.cursor ?? '') }
  },
  'kv-increment': (bucket, key, delta) => String(atomics.increment(store.open(bucket), key, delta)),
  'kv-get-many': (bucket, keys) =>
    batch.getMany(store.open(bucket), keys).map((each) => each && [each[0], plain(each[1])]),
  'kv-set-many': (bucket, count) =>
    batch.setMany(
      store.open(bucket),
      Array.from({ length: count }, (_, n) => [`k${String(n).padStart(5, '0')}`, bytes([n & 255])]),
    ),
  'kv-delete-many': (bucket, keys) => batch.deleteMany(store.open(bucket), keys),
  config: (key) => [config.get(key), runtimeConfig.get(key), config.getAll(), runtimeConfig.getAll()],
  log: (message) => {
    logging.log('warn', 'versioned', message)
    plainLogging.log('info', 'plain', message)
  },
  publish: (subject, body, replyTo) => consumer.publish({ subject, body: bytes(body), replyTo }),
  request: (subject, body, timeoutMs) => {
    const { body: answer, replyTo } = consumer.request(subject, bytes(body), timeoutMs)
    return [plain(answer), replyTo ?? null]
  },
  heard: () => heard,
}

export const hands = {
  act(what) {
    const [verb, ...args] = JSON.parse(what)
    try {
      return JSON.stringify(verbs[verb](...args) ?? null)
    } catch (error) {
      const { payload } = error
      throw payload === undefined ? String(error) : typeof payload === 'string' ? payload : JSON.stringify(payload)
    }
  },
}

export const handler = {
  handleMessage({ subject, body, replyTo }) {
    const text = asText(body)
    const asks = typeof replyTo === 'string'
    heard.push([subject, text, asks])
    if (text === 'fail') throw 'it was told to fail'
    try {
      if (asks) consumer.publish({ subject: replyTo, body: bytes([...body].reverse()) })
    } catch (error) {
      throw String(error.payload ?? error)
    }
  },
}
