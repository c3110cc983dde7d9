// What a part of the desktop needs of a file that outlives it: the value, and to save another. Types only; implemented by
// `main/state-file.ts`.

export interface Kept<T> {
  readonly value: T
  save(value: T): Promise<void>
}
