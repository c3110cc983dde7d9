// wasi:blobstore for a guest, served by calls of wrpc:blobstore: containers are names there, and what is read or written is
// in this worker as a whole, since the guest runs synchronously and a call carries whole values.

import * as shimIo from '@bytecodealliance/preview2-shim/io'
import type { HostCall } from './host-call.js'
import { GuestError } from './import-error.js'
import type { Recipes } from './snapshot/recipes.js'

const instance = 'wrpc:blobstore/blobstore@0.2.0'
/** Largest object that a guest can write, bytes; the blob store of a node takes the same. */
const maxObjectBytes = 32 * 1024 * 1024
/** Names that are asked for at a time. */
const pageSize = 1_000n
/** Most names in one answer to the guest. */
const mostNames = 10_000

type Interfaces = Record<string, Record<string, unknown>>

interface Metadata {
  readonly createdAt: bigint
  readonly size: bigint
}

/** The three interfaces by name without version. */
export function createBlobstore(call: HostCall, recipes: Recipes): Interfaces {
  /** Every function is a `result` with words for its error, so that each failure has a place. */
  function ask(functionName: string, args: readonly unknown[]): unknown {
    const outcome = call(instance, functionName, args)
    if (!outcome.ok) throw new GuestError(outcome.fault.message)
    return open(outcome.value)
  }

  /** The data of a stream, when the future beside it says that it is whole. */
  function askWhole(functionName: string, args: readonly unknown[]): unknown {
    const [data, status] = ask(functionName, args) as readonly [unknown, unknown] // of the function's type
    open(status)
    return data
  }

  class OutgoingValue {
    #chunks: Uint8Array[] = []
    #length = 0
    #hasBody = false
    readonly #targets: { readonly container: string; readonly object: string }[] = []

    static newOutgoingValue(): OutgoingValue {
      return new OutgoingValue()
    }

    static finish(value: OutgoingValue): void {
      value.#finish()
    }

    outgoingValueWriteBody(): unknown {
      if (this.#hasBody) throw new GuestError(undefined)
      this.#hasBody = true
      return shimIo.outputStreamCreate({ write: (bytes) => this.#write(bytes) })
    }

    /** Where it goes once it is finished: a value that is dropped before is nowhere. */
    goTo(container: string, object: string): void {
      this.#targets.push({ container, object })
    }

    #write(bytes: Uint8Array): void {
      this.#length += bytes.length
      if (this.#length > maxObjectBytes) {
        this.#chunks = []
        const words = `an object can have ${maxObjectBytes} bytes here`
        throw new GuestError({ tag: 'last-operation-failed', val: shimIo.ioErrorCreate(words) })
      }
      // A copy: what is given may be the guest's memory.
      this.#chunks.push(bytes.slice())
    }

    #finish(): void {
      if (this.#length > maxObjectBytes) throw new GuestError(`an object can have ${maxObjectBytes} bytes here`)
      if (this.#targets.length === 0) throw new GuestError('it was written to no container')
      const whole = Buffer.concat(this.#chunks)
      const bytes = new Uint8Array(whole.buffer, whole.byteOffset, whole.length)
      for (const id of this.#targets) open(ask('write-container-data', [id, bytes]))
    }
  }

  class IncomingValue {
    readonly #bytes: Uint8Array

    constructor(bytes: Uint8Array) {
      this.#bytes = bytes
    }

    static incomingValueConsumeSync(value: IncomingValue): Uint8Array {
      return value.#bytes
    }

    static incomingValueConsumeAsync(value: IncomingValue): unknown {
      let left = value.#bytes
      return shimIo.inputStreamCreate({
        blockingRead(length) {
          // Not an Error, which would end the instance.
          if (left.length === 0) throw new GuestError({ tag: 'closed' })
          const part = left.subarray(0, Number(length < BigInt(left.length) ? length : BigInt(left.length)))
          left = left.subarray(part.length)
          return part
        },
      })
    }

    size(): bigint {
      return BigInt(this.#bytes.length)
    }
  }

  class StreamObjectNames {
    readonly #container: string
    #waiting: string[] = []
    #offset = 0n
    #isAll = false

    constructor(container: string) {
      this.#container = container
      const at = (): number[] => [Number(this.#offset), this.#isAll ? 1 : 0]
      recipes.add(this, () => ['container-names', this.#container, ...at(), ...this.#waiting])
    }

    /** One that has come so far; undefined when that makes no sense. */
    static at([container, offset, isAll, ...waiting]: readonly (string | number)[]): StreamObjectNames | undefined {
      const names = waiting.filter((name) => typeof name === 'string')
      if (typeof container !== 'string' || !Number.isSafeInteger(offset) || Number(offset) < 0) return undefined
      if (names.length < waiting.length) return undefined
      const stream = new StreamObjectNames(container)
      stream.#offset = BigInt(offset ?? 0)
      stream.#isAll = isAll === 1
      stream.#waiting = names
      return stream
    }

    readStreamObjectNames(length: bigint): [string[], boolean] {
      const names = this.#take(length > BigInt(mostNames) ? mostNames : Number(length))
      return [names, this.#isAll && this.#waiting.length === 0]
    }

    skipStreamObjectNames(count: bigint): [bigint, boolean] {
      const [skipped, isEnd] = this.readStreamObjectNames(count)
      return [BigInt(skipped.length), isEnd]
    }

    /** Looks one name ahead, so that the last one is known to be the last. */
    #take(count: number): string[] {
      while (!this.#isAll && this.#waiting.length <= count) {
        const page = askWhole('list-container-objects', [this.#container, pageSize, this.#offset]) as string[] // its type
        this.#waiting.push(...page)
        this.#offset += BigInt(page.length)
        this.#isAll = BigInt(page.length) < pageSize
      }
      return this.#waiting.splice(0, count)
    }
  }

  class Container {
    readonly #name: string

    constructor(name: string) {
      this.#name = name
      recipes.add(this, () => ['container', name])
    }

    name(): string {
      return this.#name
    }

    info(): unknown {
      const { createdAt } = ask('get-container-info', [this.#name]) as Metadata // of the function's type
      return { name: this.#name, createdAt }
    }

    getData(object: string, start: bigint, end: bigint): IncomingValue {
      const bytes = askWhole('get-container-data', [this.#id(object), start, end])
      return new IncomingValue(bytes as Uint8Array) // of the function's type
    }

    writeData(object: string, value: OutgoingValue): void {
      // Now, so that a guest hears of a container that is gone before it writes anything.
      ask('get-container-info', [this.#name])
      value.goTo(this.#name, object)
    }

    listObjects(): StreamObjectNames {
      ask('get-container-info', [this.#name])
      return new StreamObjectNames(this.#name)
    }

    deleteObject(object: string): void {
      ask('delete-object', [this.#id(object)])
    }

    deleteObjects(objects: readonly string[]): void {
      ask('delete-objects', [this.#name, objects])
    }

    hasObject(object: string): unknown {
      return ask('has-object', [this.#id(object)])
    }

    objectInfo(object: string): unknown {
      const { createdAt, size } = ask('get-object-info', [this.#id(object)]) as Metadata // of the function's type
      return { name: object, container: this.#name, createdAt, size }
    }

    clear(): void {
      ask('clear-container', [this.#name])
    }

    #id(object: string): { container: string; object: string } {
      return { container: this.#name, object }
    }
  }

  // Only names: each call asks for its link anew.
  recipes.onMake('container', ([name]) => (typeof name === 'string' ? new Container(name) : undefined))
  recipes.onMake('container-names', (data) => StreamObjectNames.at(data))

  return {
    'wasi:blobstore/blobstore': {
      createContainer(name: string): Container {
        ask('create-container', [name])
        return new Container(name)
      },
      getContainer(name: string): Container {
        ask('get-container-info', [name])
        return new Container(name)
      },
      deleteContainer: (name: string) => ask('delete-container', [name]),
      containerExists: (name: string) => ask('container-exists', [name]),
      copyObject: (from: unknown, to: unknown) => ask('copy-object', [from, to]),
      moveObject: (from: unknown, to: unknown) => ask('move-object', [from, to]),
    },
    'wasi:blobstore/container': { Container, StreamObjectNames },
    'wasi:blobstore/types': { OutgoingValue, IncomingValue },
  }
}

/** What a `result` holds; its error goes to the guest. */
function open(result: unknown): unknown {
  const { tag, val } = result as { readonly tag: unknown; readonly val?: unknown } // of the function's type
  if (tag === 'ok') return val
  throw new GuestError(val)
}
