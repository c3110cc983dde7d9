// The content of an actor's window as data: `tlos:shell/window` (wit/shell.wit) in jco's JavaScript mapping, with
// bounds. Pure. What a component answers is checked against this before the shell draws anything of it.

import * as v from 'valibot'

const text = v.pipe(v.string(), v.maxLength(65_536))
const label = v.pipe(v.string(), v.maxLength(4_096))
const finite = v.pipe(v.number(), v.finite())
const tone = v.picklist(['plain', 'muted', 'good', 'warn', 'bad'])
const point = v.object({ x: finite, y: finite })

const draw = v.variant('tag', [
  v.object({ tag: v.picklist(['line', 'fill']), val: v.pipe(v.array(point), v.maxLength(10_000)) }),
  v.object({ tag: v.literal('circle'), val: v.tuple([point, finite]) }),
  v.object({ tag: v.literal('label'), val: v.tuple([point, label]) }),
  v.object({ tag: v.literal('ink'), val: tone }),
  v.object({ tag: v.literal('width'), val: finite }),
])

export const Content = v.variant('tag', [
  v.object({ tag: v.picklist(['column', 'row', 'entries']) }),
  v.object({ tag: v.literal('heading'), val: label }),
  v.object({ tag: v.literal('text'), val: v.object({ text, tone, big: v.boolean(), mono: v.boolean() }) }),
  v.object({ tag: v.literal('button'), val: v.object({ label, primary: v.boolean(), disabled: v.boolean() }) }),
  v.object({
    tag: v.literal('input'),
    val: v.object({ label, value: text, placeholder: label, multiline: v.boolean() }),
  }),
  v.object({ tag: v.literal('checkbox'), val: v.object({ label, checked: v.boolean(), done: v.boolean() }) }),
  v.object({
    tag: v.literal('select'),
    val: v.object({ label, options: v.pipe(v.array(label), v.maxLength(1_000)), selected: v.number() }),
  }),
  v.object({
    tag: v.literal('slider'),
    val: v.object({ label, min: finite, max: finite, step: finite, value: finite }),
  }),
  v.object({
    tag: v.literal('table'),
    val: v.object({
      columns: v.pipe(v.array(label), v.maxLength(64)),
      rows: v.pipe(v.array(v.pipe(v.array(label), v.maxLength(64))), v.maxLength(2_000)),
    }),
  }),
  v.object({
    tag: v.literal('image'),
    val: v.object({
      alt: label,
      mediaType: v.picklist(['image/png', 'image/jpeg']),
      bytes: v.pipe(v.instance(Uint8Array), v.maxLength(4_194_304)),
    }),
  }),
  v.object({ tag: v.literal('progress'), val: v.object({ label, value: v.optional(finite) }) }),
  v.object({
    tag: v.literal('canvas'),
    val: v.object({
      alt: label,
      width: v.pipe(v.number(), v.maxValue(4_096)),
      height: v.pipe(v.number(), v.maxValue(4_096)),
      commands: v.pipe(v.array(draw), v.maxLength(10_000)),
    }),
  }),
])
export type Content = v.InferOutput<typeof Content>

export const ContentNode = v.object({
  id: v.number(),
  parent: v.optional(v.number()),
  order: v.number(),
  content: Content,
})
export type ContentNode = v.InferOutput<typeof ContentNode>

export const Patch = v.variant('tag', [
  v.object({ tag: v.literal('put'), val: ContentNode }),
  v.object({ tag: v.literal('remove'), val: v.number() }),
])
export type Patch = v.InferOutput<typeof Patch>

/** One answer of a window: patches, and the revision they lead to. */
export const Frame = v.object({
  revision: v.bigint(),
  whole: v.boolean(),
  patches: v.pipe(v.array(Patch), v.maxLength(5_000)),
  tickMs: v.optional(v.number()),
})
export type Frame = v.InferOutput<typeof Frame>

export const Action = v.variant('tag', [
  v.object({ tag: v.picklist(['press', 'submit', 'tick']) }),
  v.object({ tag: v.literal('text'), val: text }),
  v.object({ tag: v.literal('checked'), val: v.boolean() }),
  v.object({ tag: v.literal('selected'), val: v.number() }),
  v.object({ tag: v.literal('number'), val: finite }),
  v.object({ tag: v.literal('key'), val: label }),
  v.object({ tag: v.literal('pointer'), val: v.object({ x: finite, y: finite, down: v.boolean() }) }),
])
export type Action = v.InferOutput<typeof Action>

/** What a person did to a node of the content; target 0 is the window itself (`tick`). */
export const WindowEvent = v.object({ target: v.number(), action: Action })
export type WindowEvent = v.InferOutput<typeof WindowEvent>
