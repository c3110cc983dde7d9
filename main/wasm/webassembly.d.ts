// The part of the WebAssembly API that the runtime uses; Node's types leave it to the DOM's, which have no place here.

declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  const Memory: { new (descriptor: { initial: number; maximum?: number }): Memory; readonly prototype: Memory }

  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module'
  }

  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }

  type Imports = Record<string, Record<string, unknown>>

  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>
  function instantiate(module: Module, imports: Imports): Promise<Instance>
}
