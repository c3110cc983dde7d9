// The part of the WebAssembly API that the runtime uses; Node's types leave it to the DOM's, which have no place here.

declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
    /** By pages of 64 KiB; throws at the maximum. */
    grow(pages: number): number
  }
  const Memory: { new (descriptor: { initial: number; maximum?: number }): Memory; readonly prototype: Memory }

  interface Global {
    value: unknown
  }
  const Global: { new (descriptor: { value: string; mutable?: boolean }, value?: unknown): Global }

  interface Table {
    readonly length: number
    get(slot: number): unknown
    set(slot: number, value: unknown): void
    grow(by: number): number
  }
  const Table: { new (descriptor: { element: string; initial: number }): Table }

  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module'
  }
  const Module: { new (bytes: Uint8Array<ArrayBuffer>): Module }

  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>
  }
  const Instance: { new (module: Module, imports: Imports): Instance }

  type Imports = Record<string, Record<string, unknown>>

  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>
  function instantiate(module: Module, imports: Imports): Promise<Instance>
}
