// What a made window draws of resources, as HTML: the list of what is held, and a field that offers what fits.

import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { createStore } from 'zustand/vanilla'
import type { Component } from '../../../../preload/records.js'
import type { WitFunction, WitHandle } from '../../../../preload/wit.js'
import type { HeldHandle } from '../../../../renderer/panels/form/held.js'
import { FunctionForm } from '../../../../renderer/panels/form/function-form.js'
import { HeldList } from '../../../../renderer/panels/form/held-list.js'
import { type Ground, GroundContext } from '../../../../renderer/panels/hooks.js'

const home = { instance: 'demo:mint/coins@0.1.0', name: 'coin', isImported: false }
const lent: WitHandle = { kind: 'borrow', resource: 'piece', home }
const weigh: WitFunction = {
  name: '[method]coin.weigh',
  params: [{ name: 'self', type: lent }],
  result: { kind: 'u32' },
}
// Of a component only these are read here, and of the ground only what is given below.
const component = { id: 'mint', hostId: 'N' } as unknown as Component

function draw(held: readonly HeldHandle[]): string {
  const workspace = createStore(() => ({ locale: 'en' }))
  const ground = { held: createStore(() => ({ held })), stores: { workspace }, shell: {} } as unknown as Ground
  return renderToString(
    <GroundContext value={ground}>
      <HeldList component={component} />
      <FunctionForm component={component} interfaceName={home.instance} fn={weigh} isOpenAtFirst={true} />
    </GroundContext>,
  )
}

const coin = (name: string, componentId: string, more: Partial<typeof home> = {}): HeldHandle => ({
  name,
  componentId,
  handle: new Uint8Array(16),
  home: { ...home, ...more },
})

describe('Resources in a made window', () => {
  it('are listed with a way to drop them, those of somebody else with one to put them away', () => {
    const html = draw([
      coin('coin 3f2a', 'mint'),
      coin('coin 77aa', 'mint', { isImported: true }),
      coin('coin 1111', 'other'),
    ])
    const list = html.slice(0, html.indexOf('</section>'))
    expect(
      [...list.matchAll(/>(coin \w+)<\/span><button[^>]*>([^<]+)</g)].map(([, name, deed]) => [name, deed]),
    ).toEqual([
      ['coin 3f2a', 'Drop'],
      ['coin 77aa', 'Put away'],
    ])
  })

  it('are offered where they fit, wherever they came from, under the name that the function has in WIT', () => {
    const html = draw([
      coin('coin 3f2a', 'mint'),
      coin('coin 1111', 'other'),
      coin('note 2222', 'mint', { name: 'note' }),
    ])
    expect(html).toContain('<b>coin.weigh</b>')
    expect([...html.matchAll(/<option value="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      '',
      'coin 3f2a',
      'coin 1111',
    ])
    expect(draw([])).toContain('You hold no borrow&lt;piece&gt; yet')
  })
})
