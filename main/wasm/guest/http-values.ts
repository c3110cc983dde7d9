// Small values of wasi:http: methods, schemes, and what a guest wishes for a request. Pure.

export type Method =
  | { readonly tag: 'get' | 'head' | 'post' | 'put' | 'delete' | 'connect' | 'options' | 'trace' | 'patch' }
  | { readonly tag: 'other'; readonly val: string }

export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' } | { readonly tag: 'other'; readonly val: string }

const known = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const

export const methodName = (method: Method): string => (method.tag === 'other' ? method.val : method.tag.toUpperCase())

export function methodOf(name: string): Method {
  const tag = known.find((each) => each.toUpperCase() === name)
  return tag === undefined ? { tag: 'other', val: name } : { tag }
}

export function schemeOf(name: string): Scheme {
  if (name === 'http') return { tag: 'HTTP' }
  return name === 'https' ? { tag: 'HTTPS' } : { tag: 'other', val: name }
}

/** `request-options`. Of the three limits the one for the first byte is kept to; the others are bounded by the host's own. */
export class RequestOptions {
  #connect: bigint | undefined
  #firstByte: bigint | undefined
  #betweenBytes: bigint | undefined

  connectTimeout(): bigint | undefined {
    return this.#connect
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes
  }

  setConnectTimeout(ns: bigint | undefined): void {
    this.#connect = ns
  }

  setFirstByteTimeout(ns: bigint | undefined): void {
    this.#firstByte = ns
  }

  setBetweenBytesTimeout(ns: bigint | undefined): void {
    this.#betweenBytes = ns
  }

  /** Longest from the request to the first byte of the answer, which includes connecting; ms. */
  firstByteMs(): number | undefined {
    const wishes = [this.#connect, this.#firstByte].filter((ns) => ns !== undefined)
    if (this.#firstByte === undefined) return undefined
    return wishes.reduce((sum, ns) => sum + Number(ns) / 1e6, 0)
  }
}
