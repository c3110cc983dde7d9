// The content of a window as `tlos:shell/window` (wit/shell.wit) has it, in the guest's JavaScript mapping: an absent
// option is `null`, 64-bit integers are numbers. Types only.

export type Tone = 'plain' | 'muted' | 'good' | 'warn' | 'bad'

export interface Point {
  readonly x: number
  readonly y: number
}

export type Draw =
  | { readonly tag: 'line' | 'fill'; readonly val: readonly Point[] }
  | { readonly tag: 'circle'; readonly val: readonly [Point, number] }
  | { readonly tag: 'label'; readonly val: readonly [Point, string] }
  | { readonly tag: 'ink'; readonly val: Tone }
  | { readonly tag: 'width'; readonly val: number }

export type Content =
  | { readonly tag: 'column' | 'row' | 'entries' }
  | { readonly tag: 'heading'; readonly val: string }
  | {
      readonly tag: 'text'
      readonly val: { readonly text: string; readonly tone: Tone; readonly big: boolean; readonly mono: boolean }
    }
  | {
      readonly tag: 'button'
      readonly val: { readonly label: string; readonly primary: boolean; readonly disabled: boolean }
    }
  | {
      readonly tag: 'input'
      readonly val: {
        readonly label: string
        readonly value: string
        readonly placeholder: string
        readonly multiline: boolean
      }
    }
  | {
      readonly tag: 'checkbox'
      readonly val: { readonly label: string; readonly checked: boolean; readonly done: boolean }
    }
  | {
      readonly tag: 'canvas'
      readonly val: {
        readonly alt: string
        readonly width: number
        readonly height: number
        readonly commands: readonly Draw[]
      }
    }

export interface ContentNode {
  readonly id: number
  /** `null`: directly in the window. */
  readonly parent: number | null
  readonly order: number
  readonly content: Content
}

export type Patch =
  { readonly tag: 'put'; readonly val: ContentNode } | { readonly tag: 'remove'; readonly val: number }

export interface Frame {
  readonly revision: number
  readonly whole: boolean
  readonly patches: readonly Patch[]
  readonly tickMs: number | null
}

export type Action =
  | { readonly tag: 'press' | 'submit' | 'tick' }
  | { readonly tag: 'text'; readonly val: string }
  | { readonly tag: 'checked'; readonly val: boolean }
  | { readonly tag: 'selected' | 'number'; readonly val: number }
  | { readonly tag: 'key'; readonly val: string }
  | { readonly tag: 'pointer'; readonly val: { readonly x: number; readonly y: number; readonly down: boolean } }

export interface WindowEvent {
  readonly target: number
  readonly action: Action
}
