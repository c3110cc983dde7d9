// Joins each call of the contract to the part that does the work: a line or two each, no decisions.

import type { Installed } from '../preload/records.js'
import type { Desktop } from './desktop-lattice.js'
import { TlosError } from './failure.js'
import type { Handlers } from './ipc.js'
import { createLatticeHandlers } from './lattice-handlers.js'
import type { Notices } from './notices.js'
import type { RememberedConnections } from './remembered.js'
import type { Session } from './session.js'

export interface HandlersParts {
  readonly session: Session<Desktop>
  readonly notices: Notices
  readonly loadWorkspace: () => Promise<Record<string, unknown> | null>
  readonly saveWorkspace: (workspace: Record<string, unknown>) => Promise<void>
  readonly startNode: (name: string) => Promise<void>
  readonly saveFile: (name: string, data: string | Uint8Array) => Promise<string | undefined>
  /** Asks the person for a folder of this machine; null: none was chosen. */
  readonly chooseFolder: () => Promise<string | null>
  /** Opened at its first use. */
  readonly remembered: () => Promise<RememberedConnections>
  readonly onReady: () => void
  readonly onSettled: () => void
}

export function createHandlers(parts: HandlersParts): Handlers {
  const { session } = parts

  /** What is there while there is a lattice; a failure with the reason otherwise. */
  const desktop = (): Desktop => {
    if (session.joined !== undefined) return session.joined
    const { problem } = session.snapshot().state.connection
    throw new TlosError('unreachable', problem ?? 'The shell is not connected to a lattice yet')
  }

  return {
    ...createLatticeHandlers(desktop, parts.saveFile),
    'lattice.watch': () => session.snapshot(),
    'lattice.connect': async ({ isRemembered, ...request }) => {
      await session.connect(request)
      if (isRemembered === true) await (await parts.remembered()).keep(request)
    },
    'lattice.reconnect': async (id) => session.connect((await parts.remembered()).open(id)),
    'connection.remembered': async () => (await parts.remembered()).view(),
    'connection.forget': async (id) => (await parts.remembered()).forget(id),
    'lattice.own': () => session.connect(undefined),
    'lattice.retry': () => session.retry(),
    'lattice.events': () => [...desktop().mirror.recentEvents()],
    'node.start': (name) => parts.startNode(name),
    'host.forget': (hostId) => desktop().mirror.forget(hostId),
    'host.stop': (hostId) => desktop().client.stopHost(hostId),
    'label.put': (hostId, key, value) => desktop().client.putLabel(hostId, key, value),
    'label.delete': (hostId, key) => desktop().client.deleteLabel(hostId, key),
    'component.install': (fileName, bytes): Promise<Installed> => desktop().install(fileName, bytes),
    'component.uninstall': (componentId) => desktop().images.uninstall(componentId),
    'component.start': (componentId, imageRef, hostId) =>
      desktop().client.scale(hostId, {
        componentId,
        imageRef,
        count: 1,
        annotations: desktop().annotationsOf(componentId),
      }),
    'component.scale': async (componentId, hostId, count) => await desktop().scale(componentId, hostId, count),
    'component.restart': (componentId, hostId) => desktop().restart(componentId, hostId),
    'component.describe': (componentId, hostId) => desktop().calls.describe(componentId, hostId),
    'component.call': (componentId, hostId, instance, functionName, values) =>
      desktop().calls.call(componentId, hostId, instance, functionName, values),
    'component.numbers': (componentId, hostId) => desktop().numbersOf(componentId, hostId),
    'component.log': (componentId, hostId) => desktop().logOf(componentId, hostId),
    'run.start': (componentId, hostId, instance, input) => desktop().run(componentId, hostId, instance, input),
    'run.stop': (componentId, hostId) => desktop().stopRun(componentId, hostId),
    'grant.list': (componentId, hostId) => desktop().grants.list(componentId, hostId),
    'grant.give': (componentId, hostId, part) => desktop().grants.give(componentId, hostId, part),
    'grant.take': (componentId, hostId, part) => desktop().grants.take(componentId, hostId, part),
    'grant.choose-folder': () => parts.chooseFolder(),
    'permit.view': () => desktop().permits.view(),
    'permit.answer': (askId, answer) => desktop().permits.answer(askId, answer),
    'permit.revoke': (ref) => desktop().permits.revoke(ref),
    'permit.ask-again': (ref) => desktop().permits.forgetRefusal(ref),
    'window.open': (componentId, hostId) => desktop().calls.open(componentId, hostId),
    'window.send': (componentId, hostId, event) => desktop().calls.send(componentId, hostId, event),
    'move.ask': (componentId, from) => desktop().ask(componentId, from),
    'move.start': (componentId, from, to) => desktop().move(componentId, from, to),
    'move.receipts': async (componentId) => [...(await desktop().node.receipts.list(componentId))],
    'link.put': (link) => desktop().client.putLink(link),
    'link.delete': (link) => desktop().client.deleteLink(link),
    'notice.list': () => [...parts.notices.list()],
    'workspace.load': () => parts.loadWorkspace(),
    'workspace.save': (workspace) => parts.saveWorkspace(workspace),
    'shell.inspect': (about) => desktop().inspect(about),
    'shell.ready': () => parts.onReady(),
    'shell.settled': () => parts.onSettled(),
  }
}
