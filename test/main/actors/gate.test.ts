import { describe, expect, it } from 'vitest'
import { Gate } from '../../../main/actors/gate.js'

describe('the gate in front of an actor', () => {
  it('lets calls in while it is open and counts them', async () => {
    const gate = new Gate()
    expect(await gate.enter()).toEqual({ kind: 'serve' })
    expect(await gate.enter()).toEqual({ kind: 'serve' })
    expect(gate.inside).toBe(2)
    gate.leave()
    expect(gate.inside).toBe(1)
  })

  it('waits for the call in hand before it is held, and keeps later ones outside', async () => {
    const gate = new Gate()
    await gate.enter()
    let isHeld = false
    const held = gate.hold().then(() => (isHeld = true))
    let isIn = false
    const late = gate.enter().then((pass) => {
      isIn = true
      return pass
    })
    await Promise.resolve()
    expect(isHeld).toBe(false)
    gate.leave()
    await held
    expect({ isIn, waiting: gate.waiting, inside: gate.inside }).toEqual({ isIn: false, waiting: 1, inside: 0 })
    gate.open()
    expect(await late).toEqual({ kind: 'serve' })
    expect(gate.inside).toBe(1)
  })

  it('sends those who waited and those who come later to the new place, and counts both', async () => {
    const gate = new Gate()
    await gate.hold()
    const waited = gate.enter()
    gate.forwardTo('there')
    expect(await waited).toEqual({ kind: 'forward', prefix: 'there' })
    expect(await gate.enter()).toEqual({ kind: 'forward', prefix: 'there' })
    expect(gate.forwarded).toBe(2)
    expect(gate.inside).toBe(0)
  })

  it('answers those who wait and those who come with the reason once it is closed', async () => {
    const gate = new Gate()
    await gate.hold()
    const waited = gate.enter()
    gate.close(new Error('stopped'))
    await expect(waited).rejects.toThrow('stopped')
    await expect(gate.enter()).rejects.toThrow('stopped')
    expect(gate.inside).toBe(0)
  })

  it('runs nobody inside while it is held, whatever the order of arrival [seed 7]', async () => {
    const random = lcg(7)
    const gate = new Gate()
    let isHeld = false
    let ran = 0
    const calls: Promise<void>[] = []
    for (let i = 0; i < 2_000; i += 1) {
      calls.push(
        (async () => {
          await sleepTurns(Math.floor(random() * 20))
          const pass = await gate.enter()
          expect(pass.kind).toBe('serve')
          expect(isHeld).toBe(false)
          await sleepTurns(Math.floor(random() * 3))
          ran += 1
          gate.leave()
        })(),
      )
    }
    for (let i = 0; i < 50; i += 1) {
      await gate.hold()
      isHeld = true
      expect(gate.inside).toBe(0)
      await sleepTurns(2)
      isHeld = false
      gate.open()
      await sleepTurns(2)
    }
    await Promise.all(calls)
    expect(ran).toBe(2_000)
  })
})

async function sleepTurns(turns: number): Promise<void> {
  for (let i = 0; i < turns; i += 1) await Promise.resolve()
}

function lcg(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}
