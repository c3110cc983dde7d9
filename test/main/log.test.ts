// The log: bounded, always JSON, without secrets, and never in the way.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLog } from '../../main/log.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tlos-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const fixed = { now: () => 0 }
const collect = (level?: string) => {
  const lines: string[] = []
  const log = openLog({ ...fixed, level, stderr: (line) => lines.push(line) })
  return { log, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

describe('the log', () => {
  it('writes one JSON object a line, and fields cannot pose as time, level or text', () => {
    const { log, parsed } = collect('info')
    log.part('nats').part('server').info('came up', { port: 4222, level: 'error', text: 'x', at: 'y' })
    expect(parsed()).toEqual([
      { at: '1970-01-01T00:00:00.000Z', level: 'info', part: 'nats/server', text: 'came up', port: 4222 },
    ])
  })

  it('says warnings on stderr unless told more, or silence', () => {
    const say = (level?: string): number => {
      const { log, lines } = collect(level)
      for (const one of ['debug', 'info', 'warn', 'error'] as const) log.write(one, one)
      return lines.length
    }
    expect([say(), say('nonsense'), say('debug'), say('INFO'), say('error'), say('silent')]).toEqual([2, 2, 4, 3, 1, 0])
  })

  it('removes secrets by key and by shape, wherever they stand', () => {
    const { log, lines } = collect('info')
    log.info('connects to ws://ann:hunter2@hub:8080/x', {
      request: { url: 'tls://tok3n@hub', password: 'hunter2', Token: 't', nested: [{ apiSecret: 's', user: 'ann' }] },
      error: new Error('no route to nats://ann:p@ss@hub'),
      line: `seed SUAKYRHVIOREXV7EUZTBHUHL7NUMHPMAS7QMDU3GTIUWEI5LDNOXD43IZY ends`,
    })
    const line = lines.join('')
    for (const secret of ['hunter2', 'tok3n', '"t"', 'p@ss', 'SUAKYRHV']) expect(line).not.toContain(secret)
    expect(line).toContain('"user":"ann"')
    expect(line).toContain('ws://***@hub:8080/x')
  })

  it('takes anything: circles, bytes, big numbers, getters that throw, endless text', () => {
    const { log, parsed } = collect('info')
    const circle: Record<string, unknown> = { big: 2n ** 70n, bytes: new Uint8Array(9), text: 'x'.repeat(100_000) }
    circle['self'] = circle
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get() {
        throw new Error('no')
      },
    })
    log.info('odd', { circle })
    log.info('trap', { trap })
    expect(parsed().map((line) => line['text'])).toEqual(['odd', 'trap'])
    expect(JSON.stringify(parsed()).length).toBeLessThan(100_000)
  })

  it('keeps its file and three older ones within their size', () => {
    const file = path.join(folder, 'deep', 'tlos.log')
    const log = openLog({ ...fixed, file, maxBytes: 2_000, stderr: () => undefined })
    for (let n = 0; n < 500; n += 1) log.info(`line ${n}`)
    const names = readdirSync(path.dirname(file)).sort()
    expect(names).toEqual(['tlos.log', 'tlos.log.1', 'tlos.log.2', 'tlos.log.3'])
    for (const name of names) expect(statSync(path.join(path.dirname(file), name)).size).toBeLessThanOrEqual(2_000)
    expect(readFileSync(file, 'utf8')).toContain('line 499')
  })

  it('does not end the shell when its file cannot be written', () => {
    writeFileSync(path.join(folder, 'file'), '')
    const log = openLog({ ...fixed, file: path.join(folder, 'file', 'tlos.log'), stderr: () => undefined })
    expect(() => log.error('lost')).not.toThrow()
  })
})
