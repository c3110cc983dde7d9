// Says what became of the actors of a node that is gone. Reads the picture only: a pure function from the picture before
// and after to the notices that are due.

import type { Component, Host, LatticeState } from '../preload/records.js'
import type { NewNotice } from './notices.js'

/** One notice for each actor of each host that turned gone between the two. */
export function findLosses(
  before: LatticeState,
  after: LatticeState,
  formatTime: (atMs: number) => string,
): NewNotice[] {
  if (before.hosts === after.hosts) return []
  const lost = Object.values(after.hosts).filter((host) => {
    const was = before.hosts[host.id]
    // A host that said goodbye told its actors to park; only sudden ends lose something.
    return host.liveness === 'gone' && was !== undefined && was.liveness !== 'gone' && host.reason !== 'stopped'
  })
  return lost.flatMap((host) =>
    Object.values(after.components)
      .filter((component) => component.hostId === host.id && component.maxInstances > 0)
      .filter((component) => !runsElsewhere(component, after))
      .map((component) => describeLoss(component, host, formatTime)),
  )
}

function runsElsewhere(component: Component, state: LatticeState): boolean {
  return Object.values(state.components).some(
    (other) =>
      other.id === component.id &&
      other.hostId !== component.hostId &&
      state.hosts[other.hostId]?.liveness === 'fresh' &&
      other.state !== 'failed',
  )
}

function describeLoss(component: Component, host: Host, formatTime: (atMs: number) => string): NewNotice {
  return {
    tone: 'bad',
    title: `${component.id} is gone with ${host.friendlyName}`,
    text: `${host.friendlyName} was last heard at ${formatTime(host.heardAtMs)}. ${sayWhatIsLost(component)}`,
    said: {
      code: 'gone-with-node',
      args: {
        actor: component.id,
        host: host.friendlyName,
        time: formatTime(host.heardAtMs),
        stateKind: component.stateKind,
      },
    },
    about: component.id,
    offer: { label: 'Start here', kind: 'start-here', about: component.id },
  }
}

function sayWhatIsLost({ id, stateKind }: Component): string {
  switch (stateKind) {
    case 'exported':
      return (
        `What ${id} kept in memory since it was last saved is lost. ` +
        'Started here, it goes on from its last saved state, if there is one.'
      )
    case 'snapshot':
      return `What ${id} kept in memory is lost. It can be started here again; it begins afresh.`
    case 'none':
      return `${id} can be started here again; it begins afresh.`
    case 'unknown':
      return `What ${id} kept in memory, if anything, is lost with it. It can be started here again.`
  }
}
