// How soon the picture is right again after the NATS server went and came back with everything on the lattice changed
// meanwhile: from the moment the mirror is on the bus again, and from the start of the server, beside a bare client of the same server.

import { connect } from 'nats'
import { openHost } from '../../main/lattice/host.js'
import { openMirror } from '../../main/lattice/mirror.js'
import { createKey } from '../../main/lattice/nkeys.js'
import { openTransport } from '../../main/nats/connection.js'
import { TableActors } from '../main/lattice/sample-actors.js'
import { startNatsServer } from '../support/nats-server.js'
import { type Row, rowOf } from './support/statistics.js'

export const name = 'the picture after the server was started again'

const hostCount = 10
const rounds = 8
/** The issue's own words: within five seconds. */
const aimMs = 5_000
const giveUpMs = 30_000

const spec = (componentId: string) => ({ componentId, imageRef: 'r', annotations: {}, maxInstances: 1, config: [] })

async function until(isSo: () => boolean, what: string): Promise<void> {
  const since = performance.now()
  while (!isSo()) {
    if (performance.now() - since > giveUpMs) throw new Error(`${what} did not come within ${giveUpMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

export async function run(): Promise<Row[]> {
  const server = await startNatsServer()
  const ending: (() => Promise<unknown> | void)[] = [() => server.close()]
  try {
    const tables: TableActors[] = []
    for (let n = 0; n < hostCount; n += 1) {
      const transport = await openTransport({ servers: server.tcpUrl })
      ending.push(() => transport.close())
      const actors = new TableActors()
      actors.running.set('round-0', spec('round-0'))
      const host = await openHost({
        transport,
        lattice: 'default',
        key: createKey('server'),
        friendlyName: `host-${n}`,
        version: '0.1.0',
        actors,
      })
      ending.push(() => host.close())
      tables.push(actors)
    }
    const transport = await openTransport({ servers: server.tcpUrl })
    ending.push(() => transport.close())
    const mirror = await openMirror({ transport, lattice: 'default', embedded: false })
    ending.push(() => mirror.close())
    // The client as it comes: it knows no back-off of ours.
    const bare = await connect({ servers: server.tcpUrl, maxReconnectAttempts: -1 })
    ending.push(() => bare.close())
    let bareBackAt = 0
    void (async () => {
      for await (const { type } of bare.status()) if (String(type) === 'reconnect') bareBackAt = performance.now()
    })()

    const isRight = (component: string): boolean => {
      const { hosts, components } = mirror.state()
      const shown = Object.values(components).map(({ id }) => id)
      return (
        Object.values(hosts).filter(({ liveness }) => liveness === 'fresh').length === hostCount &&
        shown.length === hostCount &&
        shown.every((id) => id === component)
      )
    }
    await until(() => isRight('round-0'), 'the first picture')

    const sinceLive: number[] = []
    const sinceStart: number[] = []
    const bareSinceStart: number[] = []
    for (let round = 1; round <= rounds; round += 1) {
      const component = `round-${round}`
      bareBackAt = 0
      await server.kill()
      await until(() => mirror.state().connection.state === 'lost', 'the loss')
      for (const actors of tables) {
        actors.running.clear()
        actors.running.set(component, spec(component))
      }
      const startedAt = performance.now()
      await server.start()
      await until(() => mirror.state().connection.state === 'live', 'the connection')
      const liveAt = performance.now()
      await until(() => isRight(component), 'the picture')
      sinceLive.push(performance.now() - liveAt)
      sinceStart.push(performance.now() - startedAt)
      await until(() => bareBackAt > 0, 'the bare client')
      bareSinceStart.push(bareBackAt - startedAt)
    }
    return [
      rowOf(`picture of ${hostCount} hosts right again after the connection is back, worst`, 'ms', sinceLive, {
        share: 1,
        aim: aimMs,
      }),
      rowOf(
        'the same from the start of the server, median, beside a bare client that is connected again',
        'ms',
        sinceStart,
        {
          baseline: bareSinceStart,
        },
      ),
    ]
  } finally {
    for (const end of ending.reverse()) await end()
  }
}
