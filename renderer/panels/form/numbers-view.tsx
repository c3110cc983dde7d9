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
  const { words, format } = tongue
  const { form } = words
  return (
    <>
      <Group title={form.now} rows={rowsOfNow(component, tongue)} />
      {numbers === undefined ? undefined : <Group title={form.total} rows={rowsSinceStart(numbers, tongue)} />}
      <Group title={form.memory} rows={rowsOfMemory(component, numbers, tongue)}>
        <Budget component={component} label={words.window.budget} percent={format.percent} />
      </Group>
      {numbers === undefined ? undefined : <Group title={form.limits} rows={rowsOfLimits(numbers.limits, tongue)} />}
    </>
  )
}

function Group({
  title,
  rows,
  children,
}: {
  readonly title: string
  readonly rows: Rows
  readonly children?: ReactNode
}): ReactNode {
  return (
    <section className="numbers">
      <h3>{title}</h3>
      {children}
      <dl>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** How full its fullest instance is, as the rim of its window shows it. */
function Budget({
  component: { memoryBytes, memoryLimitBytes },
  label,
  percent,
}: {
  readonly component: Component
  readonly label: (percent: string) => string
  readonly percent: (share: number) => string
}): ReactNode {
  if (memoryBytes === undefined || memoryLimitBytes === undefined || memoryLimitBytes === 0) return undefined
  const share = Math.min(1, memoryBytes / memoryLimitBytes)
  return (
    <div className="bar-track" role="img" aria-label={label(percent(share))}>
      <div className="bar-fill" style={{ width: `${share * 100}%` }} />
    </div>
  )
}

const orDash = (value: number | undefined, format: (value: number) => string): string =>
  value === undefined ? '–' : format(value)

function rowsOfNow({ traffic }: Component, { words, format }: Tongue): Rows {
  return [
    [words.form.calls, words.cable.perSecond(format.rate(traffic?.perSecond ?? 0))],
    [words.form.errors, words.cable.perSecond(format.rate(traffic?.errorsPerSecond ?? 0))],
    ['p50', orDash(traffic?.p50Ms, format.ms)],
    ['p99', orDash(traffic?.p99Ms, format.ms)],
  ]
}

function rowsSinceStart(numbers: Numbers, { words, format }: Tongue): Rows {
  const { form } = words
  return [
    [form.calls, format.count(numbers.calls)],
    [form.errors, format.count(numbers.errors)],
    ['p50', orDash(numbers.p50Ms, format.ms)],
    ['p99', orDash(numbers.p99Ms, format.ms)],
    [form.guestTime, format.ms(numbers.guestMs)],
    [form.waiting, format.count(numbers.waiting)],
    [form.handles, format.count(numbers.handles)],
    [form.restarts, format.count(numbers.restarts)],
  ]
}

function rowsOfMemory(component: Component, numbers: Numbers | undefined, { words, format }: Tongue): Rows {
  const { form } = words
  const { memoryBytes, memoryLimitBytes, epoch } = component
  const used = memoryBytes === undefined ? words.unknown : format.bytes(memoryBytes)
  const of = memoryLimitBytes === undefined ? used : form.of(used, format.bytes(memoryLimitBytes))
  return [
    [form.fullest, of],
    ...(numbers === undefined
      ? []
      : ([
          [form.pagesLabel, format.count(numbers.memoryPages)],
          [form.instancesLabel, instancesOf(numbers, { words, format })],
        ] as const)),
    ...(epoch === undefined ? [] : ([[form.epoch, String(epoch)]] as const)),
  ]
}

/** One at rest has none, and what is kept of it says that nothing was lost. */
function instancesOf(
  { instances, mostInstances, keptBytes }: Numbers,
  { words, format }: Pick<Tongue, 'words' | 'format'>,
): string {
  if (instances === 0 && keptBytes > 0) return words.form.atRest(format.bytes(keptBytes))
  return words.form.of(format.count(instances), format.count(mostInstances))
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
