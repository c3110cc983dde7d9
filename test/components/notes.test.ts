import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { type Content, Frame } from '../../preload/frame.js'
import type { Instance } from '../../main/wasm/types.js'
import { openTestRuntime, recordingHost, type TestRuntime } from '../main/wasm/open-test-runtime.js'
import { readBuiltComponent } from '../support/wasm-entries.js'

const notes = 'tlos:notes/notes@0.1.0'
const window = 'tlos:shell/window@0.1.0'

/** A store as a provider offers it, which can be out of reach. */
class Store {
  readonly values = new Map<string, Uint8Array>()
  isReachable = true
  readonly host = recordingHost((_instance, functionName, [bucket, key, value]) => {
    if (!this.isReachable) return Promise.reject(new Error('there is no link for wasi:keyvalue/store'))
    const place = `${String(bucket)}/${String(key)}`
    if (functionName === 'get') return Promise.resolve({ tag: 'ok', val: this.values.get(place) })
    if (!(value instanceof Uint8Array)) return Promise.reject(new Error('a value must be bytes'))
    this.values.set(place, value)
    return Promise.resolve({ tag: 'ok' })
  })
}

/** The window of an instance, driven by labels as a person would. */
class Screen {
  readonly #nodes = new Map<number, Content>()
  readonly #instance: Instance

  constructor(instance: Instance) {
    this.#instance = instance
  }

  async open(): Promise<void> {
    this.#apply(await this.#instance.call(window, 'open', []))
  }

  async act(label: string, action: object): Promise<void> {
    const found = [...this.#nodes].find(([, content]) => JSON.stringify(content).includes(`"label":"${label}"`))
    if (found === undefined) throw new Error(`nothing is labelled ${label}: ${this.text}`)
    this.#apply(await this.#instance.call(window, 'handle', [{ target: found[0], action }]))
  }

  async add(text: string): Promise<void> {
    await this.act('New note', { tag: 'text', val: text })
    await this.act('Add', { tag: 'press' })
  }

  get text(): string {
    return JSON.stringify([...this.#nodes.values()])
  }

  get checkboxes(): (string | boolean)[][] {
    return [...this.#nodes.values()].flatMap((content) =>
      content.tag === 'checkbox' ? [[content.val.label, content.val.checked, content.val.done]] : [],
    )
  }

  #apply(value: unknown): void {
    const frame = v.parse(Frame, value)
    if (frame.whole) this.#nodes.clear()
    for (const patch of frame.patches) {
      if (patch.tag === 'put') this.#nodes.set(patch.val.id, patch.val.content)
      else this.#nodes.delete(patch.val)
    }
  }
}

describe('The notes', () => {
  let runtime: TestRuntime

  beforeAll(async () => {
    runtime = await openTestRuntime()
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  it('keep what is written in the store, where the next instance finds it', async () => {
    const store = new Store()
    const first = await runtime.run(readBuiltComponent('notes'), { host: store.host })
    const screen = new Screen(first)
    await screen.open()
    await screen.add('Order bolts, 24 of M8')
    await screen.add('Ask Ilya about the flashing')
    await screen.act('Order bolts, 24 of M8', { tag: 'checked', val: true })
    expect(screen.checkboxes).toEqual([
      ['Order bolts, 24 of M8', true, true],
      ['Ask Ilya about the flashing', false, false],
    ])
    await first.stop()
    expect(store.host.asked.every(({ instance }) => instance === 'wrpc:keyvalue/store@0.2.0-draft')).toBe(true)

    const second = await runtime.run(readBuiltComponent('notes'), { host: store.host })
    expect(await second.call(notes, 'text', [])).toEqual({
      tag: 'ok',
      val: '# Notes\n[x] Order bolts, 24 of M8\n[ ] Ask Ilya about the flashing\n',
    })
    await second.stop()
  })

  it('say when the store cannot be reached, go on in memory, and save it all when it can', async () => {
    const store = new Store()
    store.values.set('default/notes', new TextEncoder().encode('# Roof, before the frost\n[ ] Measure the slope\n'))
    store.isReachable = false
    const instance = await runtime.run(readBuiltComponent('notes'), { host: store.host })
    const screen = new Screen(instance)
    await screen.open()
    expect(screen.text).toContain('Not saved: there is no link for wasi:keyvalue/store.')
    await screen.add('Tarpaulin back')
    expect(screen.checkboxes).toEqual([['Tarpaulin back', false, false]])
    expect(await instance.call(notes, 'text', [])).toMatchObject({ tag: 'err' })

    await screen.act('Try again', { tag: 'press' })
    expect(screen.text).toContain('Not saved')

    store.isReachable = true
    await screen.act('Try again', { tag: 'press' })
    expect(screen.text).not.toContain('Not saved')
    expect(screen.text).toContain('Roof, before the frost')
    expect(screen.checkboxes.map(([label]) => label)).toEqual(['Measure the slope', 'Tarpaulin back'])
    expect(new TextDecoder().decode(store.values.get('default/notes'))).toBe(
      '# Roof, before the frost\n[ ] Measure the slope\n[ ] Tarpaulin back\n',
    )
    await instance.stop()
  })

  it('take a whole text and give it back', async () => {
    const store = new Store()
    const instance = await runtime.run(readBuiltComponent('notes'), { host: store.host })
    const text = '# Grüße\n[ ] naïve 🦀 note\n[x] done\n'
    expect(await instance.call(notes, 'set-text', [text])).toEqual({ tag: 'ok' })
    expect(await instance.call(notes, 'text', [])).toEqual({ tag: 'ok', val: text })
    const screen = new Screen(instance)
    await screen.open()
    await screen.act('Remove finished', { tag: 'press' })
    expect(await instance.call(notes, 'text', [])).toEqual({ tag: 'ok', val: '# Grüße\n[ ] naïve 🦀 note\n' })
    await instance.stop()
  })
})
