// WIT interfaces that components in this tree import, in the guest's JavaScript mapping: resources are objects with
// methods, the error of a `result` is thrown, an absent option is `null`.

declare module 'wasi:clocks/wall-clock@0.2.0' {
  interface Datetime {
    readonly seconds: number
    readonly nanoseconds: number
  }
  const wallClock: { now(): Datetime; resolution(): Datetime }
  export default wallClock
}

declare module 'wasi:keyvalue/store@0.2.0-draft' {
  export interface Bucket {
    get(key: string): Uint8Array | null
    set(key: string, value: Uint8Array): void
    delete(key: string): void
    exists(key: string): boolean
    listKeys(cursor: number | null): { readonly keys: readonly string[]; readonly cursor: number | null }
  }
  const store: { open(identifier: string): Bucket }
  export default store
}
