import { describe, expect, it } from 'vitest'
import { beginMove, type MoveInput, type MoveOutput, type MoveState, stepMove } from '../../../main/actors/move.js'

/** Runs the machine on inputs from the start; all outputs in order, and where it ended. */
function run(isStateful: boolean, inputs: readonly MoveInput[]): { outputs: MoveOutput[]; state: MoveState } {
  let { state, outputs } = beginMove({ isStateful })
  const all = [...outputs]
  for (const input of inputs) {
    ;({ state, outputs } = stepMove(state, input))
    all.push(...outputs)
  }
  return { outputs: all, state }
}

const ok = (...kinds: Exclude<MoveInput['kind'], 'failed'>[]): MoveInput[] => kinds.map((kind) => ({ kind }))
const failed = (isGone = false): MoveInput => ({ kind: 'failed', reason: 'because', isGone })

describe('the move of an actor', () => {
  it('[M3] takes a stateful actor through pause, save, load, commit, serve, forward and let-go', () => {
    const { outputs, state } = run(
      true,
      ok('prepared', 'paused', 'saved', 'loaded', 'committed', 'served', 'forwarded'),
    )
    expect(outputs).toEqual(['prepare', 'pause', 'save', 'load', 'commit', 'serve', 'forward', 'let-go', 'report'])
    expect(state.phase).toBe('done')
  })

  it('[M2] lets the target of a stateless actor serve before this node stops taking calls', () => {
    const { outputs, state } = run(false, ok('prepared', 'served', 'forwarded'))
    expect(outputs).toEqual(['prepare', 'serve', 'forward', 'let-go', 'report'])
    expect(state.phase).toBe('done')
  })

  it.each(['prepared', 'paused', 'saved', 'loaded'] as const)(
    '[M7] goes on serving here when something fails instead of `%s`, and says why',
    (last) => {
      const steps = ['prepared', 'paused', 'saved', 'loaded'] as const
      const before = ok(...steps.slice(0, steps.indexOf(last)))
      const { outputs, state } = run(true, [...before, failed()])
      expect(outputs.slice(-3)).toEqual(['abandon', 'resume', 'report'])
      expect({ phase: state.phase, reason: state.reason }).toEqual({ phase: 'failed', reason: 'because' })
    },
  )

  it('[M4] a lost compare-and-set leaves the actor here', () => {
    const { outputs, state } = run(true, [...ok('prepared', 'paused', 'saved', 'loaded'), failed()])
    expect(outputs).not.toContain('let-go')
    expect(state.isCommitted).toBe(false)
  })

  it('[M6] asks a silent target again after the commit, and takes the actor back only when it stays silent', () => {
    const committed = ok('prepared', 'paused', 'saved', 'loaded', 'committed')
    const once = run(true, [...committed, failed()])
    expect(once.outputs.slice(-1)).toEqual(['serve'])
    const thrice = run(true, [...committed, failed(), failed(), failed()])
    expect(thrice.outputs.slice(-1)).toEqual(['take-back'])
    const back = run(true, [...committed, failed(), failed(), failed(), { kind: 'taken-back' }])
    expect(back.outputs.slice(-3)).toEqual(['abandon', 'resume', 'report'])
  })

  it('[M6] takes the actor back at once when the target is certainly gone', () => {
    const { outputs } = run(true, [...ok('prepared', 'paused', 'saved', 'loaded', 'committed'), failed(true)])
    expect(outputs.slice(-1)).toEqual(['take-back'])
  })

  it('[M4] serves nothing here when taking back fails too: somebody else owns it', () => {
    const { outputs, state } = run(true, [
      ...ok('prepared', 'paused', 'saved', 'loaded', 'committed'),
      failed(true),
      failed(),
    ])
    expect(outputs.slice(-2)).toEqual(['let-go', 'report'])
    expect(state.phase).toBe('failed')
  })

  it('counts a move as done when only the settling failed: the target serves', () => {
    const { outputs, state } = run(true, [
      ...ok('prepared', 'paused', 'saved', 'loaded', 'committed', 'served'),
      failed(),
    ])
    expect(outputs.slice(-2)).toEqual(['let-go', 'report'])
    expect(state.phase).toBe('done')
  })

  it.each([1, 2, 3, 4, 5])(
    'is total, ends, and never both resumes and lets go, under 2,000 random inputs a run [seed %i]',
    (seed) => {
      const random = lcg(seed)
      const kinds = ['prepared', 'paused', 'saved', 'loaded', 'committed', 'served', 'forwarded', 'taken-back'] as const
      for (let round = 0; round < 200; round += 1) {
        let { state, outputs } = beginMove({ isStateful: random() < 0.7 })
        const seen = new Set<MoveOutput>(outputs)
        for (let i = 0; i < 10_000 && state.phase !== 'done' && state.phase !== 'failed'; i += 1) {
          const input: MoveInput =
            random() < 0.1 ? failed(random() < 0.5) : { kind: kinds[Math.floor(random() * kinds.length)] ?? 'prepared' }
          ;({ state, outputs } = stepMove(state, input))
          for (const output of outputs) seen.add(output)
        }
        expect(['done', 'failed']).toContain(state.phase)
        expect(seen.has('resume') && seen.has('let-go')).toBe(false)
        expect(seen.has('report')).toBe(true)
        expect(stepMove(state, { kind: 'prepared' })).toEqual({ state, outputs: [] })
      }
    },
  )
})

function lcg(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}
