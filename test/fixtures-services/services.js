// A guest that uses every service of a lattice as it is told. Written for componentize-qjs, which takes a number for a
// `u64`; built by the test that uses it.

import store from 'wasi:keyvalue/store@0.2.0-draft'
import atomics from 'wasi:keyvalue/atomics@0.2.0-draft'
import batch from 'wasi:keyvalue/batch@0.2.0-draft'
import config from 'wasi:config/store@0.2.0-draft'
import runtimeConfig from 'wasi:config/runtime@0.2.0-draft'
import logging from 'wasi:logging/logging@0.1.0-draft'
import plainLogging from 'wasi:logging/logging'
import blobstore from 'wasi:blobstore/blobstore@0.2.0-draft'
import { OutgoingValue, IncomingValue } from 'wasi:blobstore/types@0.2.0-draft'
import consumer from 'wasmcloud:messaging/consumer@0.2.0'
import * as bus from 'wasmcloud:bus/lattice@2.0.1'
import * as oldBus from 'wasmcloud:bus/lattice@1.0.0'
import secrets from 'wasmcloud:secrets/store@0.1.0-draft'
import revealing from 'wasmcloud:secrets/reveal@0.1.0-draft'

const bytes = (list) => Uint8Array.from(list)
const plain = (value) => (value === undefined || value === null ? null : [...value])
const asText = (value) => String.fromCharCode(...value)

/** Messages that were handled, in order. */
const heard = []

/** Bytes that say where they are. */
const pattern = (length) => Uint8Array.from({ length }, (_, at) => (at * 31) & 255)

function sumOf(list) {
  let sum = 0
  for (const byte of list) sum = (sum * 33 + byte) % 1_000_007
  return sum
}

/** Writes through the stream, in pieces as a permit allows. */
function pour(value, data) {
  const stream = value.outgoingValueWriteBody()
  for (let at = 0; at < data.length;) {
    const end = Math.min(data.length, at + Math.min(64 * 1024, Number(stream.checkWrite())))
    stream.write(data.subarray(at, end))
    at = end
  }
}

/** Reads the stream to its end. */
function drain(stream) {
  const all = []
  for (;;) {
    try {
      for (const byte of stream.blockingRead(32 * 1024)) all.push(byte)
    } catch (error) {
      if (error.payload?.tag === 'closed') return all
      throw error
    }
  }
}

/** From one call to the next. */
const kept = {}

/** `ns:pkg/iface` as the bus names it. */
const targetOf =
  ({ CallTargetInterface }) =>
  (name) =>
    new CallTargetInterface(...name.split(/[:/]/))

const verbs = {
  'keep-container': (name) => (kept.container = blobstore.getContainer(name)).name(),
  'keep-names': (name, count) =>
    (kept.names = blobstore.getContainer(name).listObjects()).readStreamObjectNames(count)[0],
  'keep-writing': () => (kept.value = OutgoingValue.newOutgoingValue()) !== undefined,
  'keep-reading': (name, object) => (kept.value = blobstore.getContainer(name).getData(object, 0, 10)) !== undefined,
  'kept-has': (object) => kept.container.hasObject(object),
  'kept-names': (count) => kept.names.readStreamObjectNames(count)[0],
  secret: (key) => {
    const { tag, val } = revealing.reveal(secrets.get(key))
    return { tag, val: tag === 'bytes' ? [...val] : val }
  },
  'blob-create': (name) => blobstore.createContainer(name).name(),
  'blob-exists': (name) => blobstore.containerExists(name),
  'blob-drop': (name) => blobstore.deleteContainer(name),
  'blob-info': (name) => Number(blobstore.getContainer(name).info().createdAt),
  'blob-write': (name, object, length) => {
    const value = OutgoingValue.newOutgoingValue()
    blobstore.getContainer(name).writeData(object, value)
    const data = pattern(length)
    pour(value, data)
    OutgoingValue.finish(value)
    return sumOf(data)
  },
  'blob-write-unfinished': (name, object) => {
    const value = OutgoingValue.newOutgoingValue()
    blobstore.getContainer(name).writeData(object, value)
    pour(value, pattern(10))
  },
  'blob-write-too-much': () => {
    const value = OutgoingValue.newOutgoingValue()
    const stream = value.outgoingValueWriteBody()
    const piece = new Uint8Array(512 * 1024)
    for (let n = 0; n < 1_000; n += 1) {
      try {
        stream.checkWrite()
        stream.write(piece)
      } catch (error) {
        return [n, error.payload?.tag ?? String(error)]
      }
    }
    return 'it was taken'
  },
  'blob-read': (name, object, start, end) =>
    plain(IncomingValue.incomingValueConsumeSync(blobstore.getContainer(name).getData(object, start, end))),
  'blob-sum': (name, object) => {
    const container = blobstore.getContainer(name)
    const { size } = container.objectInfo(object)
    const value = container.getData(object, 0, Number(size) - 1)
    const told = Number(value.size())
    const all = drain(IncomingValue.incomingValueConsumeAsync(value))
    return [told, all.length, sumOf(all)]
  },
  'blob-object-info': (name, object) => {
    const info = blobstore.getContainer(name).objectInfo(object)
    return [info.name, info.container, Number(info.size)]
  },
  'blob-has': (name, object) => blobstore.getContainer(name).hasObject(object),
  'blob-list': (name, step) => {
    const stream = blobstore.getContainer(name).listObjects()
    const names = []
    for (let isEnd = false; !isEnd;) {
      const [some, end] = stream.readStreamObjectNames(step)
      names.push(...some)
      isEnd = end
    }
    return names
  },
  'blob-skip': (name, count) => {
    const stream = blobstore.getContainer(name).listObjects()
    const [skipped, isEnd] = stream.skipStreamObjectNames(count)
    return [Number(skipped), isEnd, stream.readStreamObjectNames(2)]
  },
  'blob-delete': (name, ...objects) => {
    const container = blobstore.getContainer(name)
    if (objects.length === 1) container.deleteObject(objects[0])
    else container.deleteObjects(objects)
  },
  'blob-clear': (name) => blobstore.getContainer(name).clear(),
  'blob-copy': (from, to) => blobstore.copyObject(from, to),
  'blob-move': (from, to) => blobstore.moveObject(from, to),
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
  'link-name': (name, ...interfaces) => bus.setLinkName(name, interfaces.map(targetOf(bus))),
  'link-name-1': (name, ...interfaces) => oldBus.setLinkName(name, interfaces.map(targetOf(oldBus))),
  /** One after another, in this one call; what each gave, or why it failed. */
  all: (...steps) =>
    steps.map(([verb, ...args]) => {
      try {
        return verbs[verb](...args) ?? null
      } catch (error) {
        return { err: error.payload?.val ?? error.payload ?? String(error) }
      }
    }),
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
