// A fingerprint of each page of a linear memory, by a few lines of WebAssembly that import it: several times as fast as
// JavaScript, and at once, while JavaScript would run its first megabytes in the interpreter: each start waits for this.

/** In bytes. Smaller ones say more closely what changed, and each costs 8 bytes for as long as the instance lives. */
export const pageSize = 1_024

/** 52 bits for each page, 0 for one of zeros, against accidents: a guest can fool only itself. */
export type Fingerprint = Float64Array

/** `fingerprint.wat`. */
const code = [
  'AGFzbQEAAAABBgFgAX8BfAIRAQVndWVzdAZtZW1vcnkCAAADAgEABwkBBXByaW50AAAKzAIByQICAX8JfiAAQYAIaiEBQtORjK2I',
  '0dqfJCEDQsTmwZvgxeKMEyEEQpH8sdrZw86nJCEFQonZueKO076XCCEGA0AgACkDACEHIAApAwghCCAAKQMQIQkgACkDGCEKIAIg',
  'ByAIhCAJIAqEhIQhAiADIAeFQpX4qfqXt96bnn9+IQMgBCAIhUKV+Kn6l7fem55/fiEEIAUgCYVClfip+pe33puef34hBSAGIAqF',
  'QpX4qfqXt96bnn9+IQYgAyADQiCIhSEDIAQgBEIgiIUhBCAFIAVCIIiFIQUgBiAGQiCIhSEGIABBIGohACAAIAFJDQALIAJQBEBE',
  'AAAAAAAAAAAPCyADIARCF4mFQrnLk+fR7ZGsv39+IAUgBkIpiYVC66PEmbG3kuiUf358IQMgAyADQh+IhSEDQgEgA0KV+Kn6l7fe',
  'm55/fkILiIS6CwA7BG5hbWUCKQEACwACYXQBA2VuZAIDYW55AwFhBAFiBQFjBgFkBwF3CAF4CQF5CgF6AwkBAAEABG5leHQ=',
]

export const fingerprintModule = (): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(code.join(''), 'base64'))

export type Print = () => Fingerprint

/** For each of these memories a function that prints it as it then is. */
export function openPrints(memories: readonly WebAssembly.Memory[]): readonly Print[] {
  const module = new WebAssembly.Module(fingerprintModule())
  return memories.map((memory) => {
    const { exports } = new WebAssembly.Instance(module, { guest: { memory } })
    const print = exports['print'] as (at: number) => number // as the text has it
    return () => {
      const prints = new Float64Array(memory.buffer.byteLength / pageSize)
      for (let page = 0; page < prints.length; page += 1) prints[page] = print(page * pageSize)
      return prints
    }
  })
}
