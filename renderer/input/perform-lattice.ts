// Deeds on the lattice: each is one call over the bridge; while it takes its time its thing says so, and when it fails a
// notice says why and what stayed as it was.

import type { CallArgs, CallName, CallResult } from '../../preload/contract.js'
import type { Notice } from '../../preload/records.js'
import type { Ground } from './ground.js'
import type { Intent } from './intents.js'
import type { Granting } from './perform-grants.js'
import { onHostKey } from '../../preload/records.js'
import { asComponentId, asHostId, partsOf } from './keys.js'
import type { Moving } from './moving.js'
import { words } from './words.js'

type LatticeIntent = Extract<
  Intent,
  {
    readonly kind:
      | `actor.${string}`
      | `grant.${string}`
      | `link.${string}`
      | `host.${string}`
      | 'node.start'
      | 'lattice.retry'
      | 'notice.take'
  }
>

export function createLatticeDeeds(ground: Ground, moving: Moving, granting: Granting) {
  const { stores, shell, notices, now } = ground
  const { lattice, workspace, interaction } = stores
  const say = () => words[workspace.getState().locale]
  const nameOf = (hostId: string): string => lattice.getState().hosts[hostId]?.friendlyName ?? hostId

  /** Calls, tells of trouble, and hands the value on. `busy`: what to say of which thing meanwhile. */
  const call = <N extends CallName>(
    title: string,
    busy: { readonly about: string; readonly text: string } | undefined,
    name: N,
    ...args: CallArgs<N>
  ): Promise<{ readonly value: CallResult<N> } | undefined> => {
    if (busy !== undefined) interaction.setState({ busy: { ...interaction.getState().busy, [busy.about]: busy.text } })
    return shell.call(name, ...args).then((outcome) => {
      if (busy !== undefined) {
        const { [busy.about]: _over, ...rest } = interaction.getState().busy
        interaction.setState({ busy: rest })
      }
      if (outcome.ok) return { value: outcome.value }
      notices.trouble(title, outcome.failure)
      return undefined
    })
  }

  const startOn = (componentId: string, imageRef: string, hostId: string): void => {
    const busy = { about: componentId, text: say().starting }
    const title = say().notStarted(componentId, nameOf(hostId))
    void call(title, busy, 'component.start', asComponentId(componentId), imageRef, asHostId(hostId))
  }

  const install = async (fileName: string, bytes: Uint8Array, hostId: string | undefined): Promise<void> => {
    const busy = { about: fileName, text: say().installing }
    // The bridge copies bytes that own their buffer; a view into a larger one would take all of it along.
    const own = new Uint8Array(bytes)
    const done = await call(say().notInstalled(fileName), busy, 'component.install', fileName, own)
    if (done === undefined) return
    const { id, imageRef, version } = done.value
    notices.raise({
      id: `installed ${imageRef} ${now()}`,
      atMs: now(),
      tone: 'good',
      title: say().installed(id),
      text: version === undefined ? fileName : `${fileName}, ${version}`,
      about: id,
    })
    if (hostId !== undefined) startOn(id, imageRef, hostId)
  }

  const take = (notice: Notice): void => {
    const { offer } = notice
    if (offer === undefined) return
    notices.dismiss(notice.id)
    const { hosts, components, installed } = lattice.getState()
    const complain = (message: string): void => notices.refuse(notice.title, message, offer.about)
    switch (offer.kind) {
      case 'start-here': {
        const desktop = Object.values(hosts).find((host) => host.kind === 'desktop')
        const imageRef =
          installed[offer.about]?.imageRef ??
          Object.values(components).find((component) => component.id === offer.about)?.imageRef
        if (desktop === undefined || imageRef === undefined) complain(say().noSuchImage(offer.about))
        else startOn(offer.about, imageRef, desktop.id)
        return
      }
      case 'undo-move': {
        const { receipt } = notice
        const running = Object.values(components).filter((component) => component.id === offer.about)
        const here = running.find((component) => component.hostId === receipt?.to) ?? running[0]
        if (receipt === undefined || here === undefined) complain(say().goneMeanwhile(offer.about))
        else if (here.hostId !== receipt.from) moving.move(here.id, here.hostId, receipt.from)
        return
      }
      case 'give-again':
      case 'take-again': {
        const { grant } = notice
        if (grant === undefined) return
        const key = onHostKey(grant.hostId, offer.about)
        void (offer.kind === 'give-again' ? granting.give(key, grant.part) : granting.take(key, grant.part))
        return
      }
      case 'retry-connect':
        void call(say().notConnected, undefined, 'lattice.retry')
        return
    }
  }

  return (intent: LatticeIntent): void => {
    switch (intent.kind) {
      case 'actor.event': {
        const { hostId, id } = partsOf(intent.key)
        void call(say().notSent(id), undefined, 'window.send', id, hostId, intent.event)
        return
      }
      case 'actor.move': {
        const { hostId, id } = partsOf(intent.key)
        if (hostId !== intent.toHostId) moving.move(id, hostId, intent.toHostId)
        return
      }
      case 'actor.start':
        startOn(intent.componentId, intent.imageRef, intent.hostId)
        return
      case 'actor.stop': {
        const { hostId, id } = partsOf(intent.key)
        const busy = { about: id, text: say().stopping }
        void call(say().notStopped(id, nameOf(hostId)), busy, 'component.scale', id, hostId, 0)
        return
      }
      case 'actor.restart': {
        const { hostId, id } = partsOf(intent.key)
        const busy = { about: id, text: say().restarting }
        void call(say().notRestarted(id, nameOf(hostId)), busy, 'component.restart', id, hostId)
        return
      }
      case 'actor.scale': {
        const { hostId, id } = partsOf(intent.key)
        void call(say().notScaled(id, nameOf(hostId)), undefined, 'component.scale', id, hostId, intent.count)
        return
      }
      case 'actor.install':
        void install(intent.fileName, intent.bytes, intent.startOn)
        return
      case 'actor.uninstall': {
        const id = asComponentId(intent.componentId)
        void call(say().notUninstalled(id), undefined, 'component.uninstall', id)
        return
      }
      case 'grant.give':
        void granting.give(intent.key, intent.part)
        return
      case 'grant.take':
        void granting.take(intent.key, intent.part)
        return
      case 'link.put': {
        const { link } = intent
        void call(say().notLinked(link.sourceId, link.target), undefined, 'link.put', link)
        return
      }
      case 'link.delete': {
        const { link } = intent
        void call(say().notUnlinked(link.sourceId, link.target), undefined, 'link.delete', link)
        return
      }
      case 'host.forget': {
        const { forgotten } = workspace.getState()
        if (!forgotten.includes(intent.id)) workspace.setState({ forgotten: [...forgotten, intent.id] })
        void call(say().notForgotten(nameOf(intent.id)), undefined, 'host.forget', asHostId(intent.id))
        return
      }
      case 'host.stop':
        void call(say().hostNotStopped(nameOf(intent.id)), undefined, 'host.stop', asHostId(intent.id))
        return
      case 'node.start':
        void call(say().nodeNotStarted(intent.name), undefined, 'node.start', intent.name)
        return
      case 'lattice.retry':
        void call(say().notConnected, undefined, 'lattice.retry')
        return
      case 'notice.take': {
        const notice = notices.find(intent.id)
        if (notice !== undefined) take(notice)
        return
      }
    }
  }
}
