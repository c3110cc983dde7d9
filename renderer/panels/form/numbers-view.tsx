// What a component did and holds, in figures: its calls now and since its start, memory, restarts, limits. Asked of its node
// again after calls; what the picture has anyway is shown at once, also for a node that tells no more.

import { useEffect, useState, type ReactNode } from 'react'
import type { Component, Numbers } from '../../../preload/records.js'
import { type Tongue, useGround, useTongue } from '../hooks.js'

type Rows = readonly (readonly [label: string, value: string])[]

export function NumbersView({ component }: { readonly component: Component }): ReactNode {
  const { shell } = useGround()
  const tongue = useTongue()
  const [numbers, setNumbers] = useState<Numbers>()
  const { id, hostId, activity } = component
  useEffect(() => {
    let isWanted = true
    // Calls come in bursts; the figures are read once after each.
    const timer = setTimeout(() => {
      void shell.call('component.numbers', id, hostId).then((outcome) => {
        if (isWanted) setNumbers(outcome.ok ? outcome.value : undefined)
      })
    }, 300)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [shell, id, hostId, activity])
  return (
    <>
      <Table rows={[...rowsOfPicture(component, tongue), ...(numbers === undefined ? [] : rowsOf(numbers, tongue))]} />
      {numbers === undefined ? undefined : (
        <section>
          <div className="form-interface">{tongue.words.form.limits}</div>
          <Table rows={rowsOfLimits(numbers.limits, tongue)} />
        </section>
      )}
    </>
  )
}

function Table({ rows }: { readonly rows: Rows }): ReactNode {
  return (
    <dl className="facts">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function rowsOfPicture(component: Component, { words, format }: Tongue): Rows {
  const { traffic, memoryBytes, memoryLimitBytes, epoch } = component
  const memory =
    memoryBytes === undefined
      ? words.unknown
      : memoryLimitBytes === undefined
        ? format.bytes(memoryBytes)
        : words.form.of(format.bytes(memoryBytes), format.bytes(memoryLimitBytes))
  return [
    [words.form.calls, words.cable.perSecond(format.rate(traffic?.perSecond ?? 0))],
    [words.form.errors, words.cable.perSecond(format.rate(traffic?.errorsPerSecond ?? 0))],
    [
      words.form.latency,
      traffic?.p50Ms === undefined || traffic.p99Ms === undefined
        ? words.none
        : `${format.ms(traffic.p50Ms)}, ${format.ms(traffic.p99Ms)}`,
    ],
    [words.form.memory, memory],
    [words.form.epoch, epoch === undefined ? words.none : String(epoch)],
  ]
}

function rowsOf(numbers: Numbers, tongue: Tongue): Rows {
  const { words, format } = tongue
  const { form } = words
  const latency =
    numbers.p50Ms === undefined || numbers.p99Ms === undefined
      ? ''
      : ` (${format.ms(numbers.p50Ms)}, ${format.ms(numbers.p99Ms)})`
  return [
    [form.total, `${form.callsSince(format.count(numbers.calls), format.count(numbers.errors))}${latency}`],
    [form.guestTime, format.ms(numbers.guestMs)],
    [form.instancesLabel, instancesOf(numbers, tongue)],
    [`${form.memory}, Wasm`, form.pages(format.count(numbers.memoryPages))],
    [form.waiting, format.count(numbers.waiting)],
    [form.handles, format.count(numbers.handles)],
    [form.restarts, format.count(numbers.restarts)],
  ]
}

/** One at rest has none, and what is kept of it says that nothing was lost. */
function instancesOf({ instances, mostInstances, keptBytes }: Numbers, { words, format }: Tongue): string {
  if (instances === 0 && keptBytes > 0) return words.form.atRest(format.bytes(keptBytes))
  return words.form.live(format.count(instances), format.count(mostInstances))
}

function rowsOfLimits(limits: Numbers['limits'], { words, format }: Tongue): Rows {
  const { limit } = words.form
  return [
    [limit.memory, format.bytes(limits.memoryBytes)],
    [limit.call, format.ms(limits.callMs)],
    [limit.start, format.ms(limits.startMs)],
    [limit.message, format.bytes(limits.messageBytes)],
    [limit.log, format.bytes(limits.logBytesPerSecond)],
    [limit.waiting, format.count(limits.callsWaiting)],
    [limit.wait, format.ms(limits.waitMs)],
    [limit.idle, format.ms(limits.idleMs)],
    [limit.handles, format.count(limits.handles)],
    [limit.handleIdle, format.ms(limits.handleIdleMs)],
  ]
}
