import { describe, expect, it } from 'vitest'
import { runInterface } from '../../../../renderer/panels/form/callable.js'
import { exitCodeOf, linesSince, type LogLines } from '../../../../renderer/panels/form/run-output.js'

const lines = (...texts: readonly string[]): LogLines =>
  texts.map((text, index) => ({ atMs: 1_000 + index, level: 'info', text }))

describe('The output of a run', () => {
  it('is what the log says since it began', () => {
    expect(linesSince(lines('a', 'b'), lines('a', 'b', 'c', 'd')).map((each) => each.text)).toEqual(['c', 'd'])
    expect(linesSince(lines('a'), lines('a'))).toEqual([])
    expect(linesSince([], lines('a')).map((each) => each.text)).toEqual(['a'])
  })

  it('is found in a log that lost its beginning meanwhile', () => {
    const all = lines('a', 'b', 'c', 'd', 'e')
    expect(linesSince(all.slice(0, 3), all.slice(3)).map((each) => each.text)).toEqual(['d', 'e'])
    expect(linesSince(all.slice(0, 3), all.slice(2)).map((each) => each.text)).toEqual(['d', 'e'])
  })

  it.each([
    [{ tag: 'ok', exitCode: 0 }, 0],
    [{ tag: 'err', exitCode: 7 }, 7],
    [{ tag: 'ok' }, 0],
    [{ tag: 'err' }, 1],
    [undefined, 1],
  ])('ends with an exit code: %j', (answer, code) => {
    expect(exitCodeOf(answer)).toBe(code)
  })

  it('belongs to a component that exports wasi:cli/run, in whatever version', () => {
    const world = (name: string) => ({ imports: [], exports: [{ name, functions: [] }] })
    expect(runInterface(world('wasi:cli/run@0.2.3'))).toBe('wasi:cli/run@0.2.3')
    expect(runInterface(world('wasi:cli/runner@0.2.3'))).toBeUndefined()
  })
})
