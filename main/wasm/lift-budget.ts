// Bounds what a guest can make its worker copy. An honest value is never larger than the memory it lies in, but a hostile
// list can name the same bytes a million times, and copies outside of the JavaScript heap count against no limit of the
// worker. Knows how the glue copies: `TextDecoder` for text, `ArrayBuffer.prototype.slice` for the rest.

/** V8 ends the whole process when one allocation is far over a worker's heap limit; text lies in that heap. Bytes. */
const maxTextBytes = 16 * 1024 * 1024

export interface LiftBudget {
  /** In place of the global one, in the glue. Text that is not well-formed is an error, as the canonical ABI says. */
  readonly TextDecoder: typeof TextDecoder
  /** What was copied so far is handed over: count from zero. */
  renew(): void
  /** The same imports, each call of which renews. Methods and statics of resource classes are changed in place. */
  renewing<T extends Readonly<Record<string, object>>>(imports: T): T
}

/** `memories`: those of the guest, as they are now. Changes `ArrayBuffer.prototype` of this thread for good. */
export function installLiftBudget(memories: Iterable<WebAssembly.Memory>): LiftBudget {
  let copied = 0
  const wrapped = new WeakSet<object>()

  const memoryBytes = (): number => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
  const isGuests = (buffer: ArrayBuffer): boolean => [...memories].some((memory) => memory.buffer === buffer)

  const pay = (bytes: number): void => {
    copied += bytes
    // Small copies are always paid for: the memory of a guest that has none yet is not asked for.
    if (copied > 65_536 && copied > memoryBytes()) {
      throw new RangeError('a value is larger than the whole memory of the component')
    }
  }

  const renew = (): void => {
    copied = 0
  }

  class CountingDecoder extends TextDecoder {
    constructor(label?: string) {
      super(label, { fatal: true, ignoreBOM: true })
    }

    override decode(input?: NodeJS.ArrayBufferView | ArrayBuffer | null): string {
      const bytes = input?.byteLength ?? 0
      pay(bytes)
      if (bytes > maxTextBytes) {
        throw new RangeError(`a text has ${bytes} bytes, and ${maxTextBytes} are allowed`)
      }
      try {
        return super.decode(input)
      } catch (cause) {
        throw new TypeError('a text is not well-formed Unicode', { cause })
      }
    }
  }

  const slice = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'slice')?.value as ArrayBuffer['slice']
  Object.defineProperty(ArrayBuffer.prototype, 'slice', {
    value: function (this: ArrayBuffer, begin: number, end?: number): ArrayBuffer {
      if (isGuests(this)) {
        const last = end ?? this.byteLength
        // Otherwise `slice` gives what there is, and a wrong length becomes a wrong value.
        if (begin > last || last > this.byteLength) throw new RangeError('a list lies outside of the memory')
        pay(last - begin)
      }
      return slice.call(this, begin, end)
    },
  })

  type Method = (this: unknown, ...args: unknown[]) => unknown
  const renewed = (method: Method): Method =>
    function (this: unknown, ...args: unknown[]) {
      renew()
      return method.apply(this, args)
    }

  function wrapMethods(holder: object): void {
    if (wrapped.has(holder)) return
    wrapped.add(holder)
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (name === 'constructor' || typeof property.value !== 'function' || property.configurable !== true) continue
      Object.defineProperty(holder, name, { ...property, value: renewed(property.value as Method) })
    }
  }

  /** Resource classes must stay what they are, since the glue compares them. */
  const isClass = (value: unknown): value is { readonly prototype: object } =>
    typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

  const renewOne = (members: object): object =>
    Object.fromEntries(
      Object.entries(members).map(([name, member]: [string, unknown]) => {
        if (isClass(member)) {
          wrapMethods(member.prototype)
          wrapMethods(member)
        }
        return [name, typeof member === 'function' && !isClass(member) ? renewed(member) : member]
      }),
    )

  return {
    TextDecoder: CountingDecoder,
    renew,
    renewing: (imports) =>
      // The same keys with the same members, only wrapped.
      Object.fromEntries(Object.entries(imports).map(([name, members]) => [name, renewOne(members)])) as typeof imports,
  }
}
