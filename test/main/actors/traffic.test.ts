import { describe, expect, it } from 'vitest'
import { TrafficMeter } from '../../../main/actors/traffic.js'

describe('a meter of calls', () => {
  it('reads nothing when nothing was called in the last ten seconds', () => {
    const meter = new TrafficMeter()
    expect(meter.read(0)).toBeUndefined()
    meter.record(1_000, 5, false)
    expect(meter.read(2_000)?.perSecond).toBe(0.1)
    expect(meter.read(12_500)).toBeUndefined()
    expect(meter.total).toBe(1)
  })

  it('tells rate, errors and percentiles of what was called', () => {
    const meter = new TrafficMeter()
    for (let i = 0; i < 100; i += 1) meter.record(50_000 + i * 50, i + 1, i % 10 === 0)
    expect(meter.read(55_000)).toEqual({ perSecond: 10, errorsPerSecond: 1, p50Ms: 51, p99Ms: 100 })
  })

  it('keeps exact rates and bounded memory over more calls than it keeps samples of', () => {
    const meter = new TrafficMeter()
    for (let i = 0; i < 50_000; i += 1) meter.record(100_000 + i / 10, 1, false)
    expect(meter.read(105_000)?.perSecond).toBe(5_000)
    expect(meter.total).toBe(50_000)
  })
})
