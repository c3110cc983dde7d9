// Components without code for host tests: what the host is told to run is in a table, and references that say so fail.

import type { Link } from '../../../preload/records.js'
import { TlosError } from '../../../main/failure.js'
import type { ActorSpec, HostActors, RunningComponent, RunningProvider } from '../../../main/lattice/host-types.js'

export class TableActors implements HostActors {
  readonly running = new Map<string, RunningComponent>()
  readonly links = new Map<string, readonly Link[]>()
  /** What was done, in order. */
  readonly deeds: string[] = []
  delayMs = 0
  provider: RunningProvider | undefined = { id: 'kv', imageRef: 'kv-image', annotations: { a: 'b' } }

  list(): readonly RunningComponent[] {
    return [...this.running.values()]
  }

  get(id: string): RunningComponent | undefined {
    return this.running.get(id)
  }

  async start(spec: ActorSpec): Promise<void> {
    this.deeds.push(`start ${spec.componentId}`)
    await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    if (spec.imageRef.startsWith('bad')) {
      throw new TlosError('invalid', 'cannot be started', { cause: new Error('not a component') })
    }
    this.running.set(spec.componentId, spec)
    this.deeds.push(`started ${spec.componentId}`)
  }

  change(id: string, spec: ActorSpec, image: 'same' | 'new'): Promise<void> {
    this.deeds.push(`change ${id} ${image}`)
    if (image === 'new' && spec.imageRef.startsWith('bad')) return Promise.reject(new TlosError('invalid', 'bad bytes'))
    this.running.set(id, spec)
    return Promise.resolve()
  }

  stop(id: string): Promise<void> {
    this.deeds.push(`stop ${id}`)
    this.running.delete(id)
    return Promise.resolve()
  }

  canRun(id: string, ref: string): boolean {
    return !this.running.has(id) && !ref.startsWith('never')
  }

  setLinks(sourceId: string, links: readonly Link[]): void {
    this.links.set(sourceId, links)
  }

  providers(): readonly RunningProvider[] {
    return this.provider === undefined ? [] : [this.provider]
  }

  startProvider(ref: string): Promise<void> {
    return ref.endsWith('good')
      ? Promise.resolve()
      : Promise.reject(new TlosError('unavailable', `cannot start ${ref}`))
  }

  stopProvider(id: string): Promise<void> {
    this.deeds.push(`stop provider ${id}`)
    this.provider = undefined
    return Promise.resolve()
  }
}
