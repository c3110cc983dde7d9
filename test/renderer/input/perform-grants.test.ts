import { describe, expect, it } from 'vitest'
import type { GrantPart, GrantsView } from '../../../preload/grants.js'
import { onHostKey } from '../../../preload/records.js'
import { component, host, lattice } from '../scene/build.js'
import { openGround, settled } from './ground.js'

const key = onHostKey('desk', 'files')
const folder = { kind: 'directory', host: '/srv/data', guest: '/data', access: 'read' } as const satisfies GrantPart
const state = lattice({ hosts: [host('desk')], components: [component('desk', 'files')] })

/** A main that keeps what it is given, one part for each place. */
async function open(keptFor: GrantsView['keptFor'] = 'these') {
  let kept: GrantPart[] = keptFor === 'others' ? [{ ...folder, host: '/old' }] : []
  let isFor = keptFor
  const view = (): GrantsView => ({ kept: [...kept], given: [], keptFor: isFor })
  const ground = await openGround(state, {
    'grant.list': view,
    'grant.give': (_id, _host, part) => {
      kept = [
        ...(isFor === 'others' ? [] : kept).filter((one) => one.kind !== (part as GrantPart).kind),
        part as GrantPart,
      ]
      isFor = 'these'
      return view()
    },
    'grant.take': () => {
      kept = []
      return view()
    },
  })
  return { ...ground, kept: () => kept }
}

describe('Granting', () => {
  it('says what was given and that the actor was started again, and takes it back on request', async () => {
    const { perform, interaction, kept } = await open()
    perform({ kind: 'grant.give', key, part: folder })
    expect(interaction.getState().busy).toEqual({ files: 'Restarting' })
    await settled()
    expect(interaction.getState().busy).toEqual({})
    expect(interaction.getState().grantTurn).toBe(1)
    const [given] = interaction.getState().notices
    expect(given).toMatchObject({ title: 'files may use /srv/data', text: 'It was started again.', tone: 'good' })
    perform({ kind: 'notice.take', id: given?.id ?? '' })
    await settled()
    expect(kept()).toEqual([])
    const taken = interaction.getState().notices.at(-1)
    expect(taken).toMatchObject({ title: 'files may no longer use /srv/data', offer: { kind: 'give-again' } })
    perform({ kind: 'notice.take', id: taken?.id ?? '' })
    await settled()
    expect(kept()).toEqual([folder])
  })

  it('offers no undoing of what took the place of something else', async () => {
    const { perform, interaction } = await open()
    perform({ kind: 'grant.give', key, part: folder })
    await settled()
    perform({ kind: 'grant.give', key, part: { ...folder, host: '/other' } })
    await settled()
    expect(interaction.getState().notices.at(-1)?.offer).toBeUndefined()
    const others = await open('others')
    others.perform({ kind: 'grant.give', key, part: folder })
    await settled()
    expect(others.interaction.getState().notices.at(-1)?.offer).toBeUndefined()
  })

  it('says why it was not done', async () => {
    const { perform, interaction } = await openGround(state, {
      'grant.give': () => {
        throw new Error('/srv is no folder')
      },
    })
    perform({ kind: 'grant.give', key, part: folder })
    await settled()
    expect(interaction.getState().notices.at(-1)).toMatchObject({
      tone: 'bad',
      title: 'Nothing was granted to files',
      text: '/srv is no folder',
    })
    expect(interaction.getState().busy).toEqual({})
  })
})

describe('The inspector', () => {
  it('opens at the grants with what was refused, and elsewhere at its overview', async () => {
    const { perform, interaction } = await open()
    const thing = { kind: 'window', id: key } as const
    const wish = { kind: 'host', host: 'example.com', port: 443 } as const
    perform({ kind: 'inspect', thing, tab: 'grants', wish })
    expect(interaction.getState()).toMatchObject({ inspector: thing, inspectorTab: 'grants', grantWish: wish })
    perform({ kind: 'inspect', thing })
    expect(interaction.getState()).toMatchObject({ inspectorTab: 'grants', grantWish: undefined })
    perform({ kind: 'select', thing: { kind: 'place', id: 'desk' } })
    expect(interaction.getState().inspectorTab).toBe('overview')
  })
})
