// What the desktop does on its lattice besides showing it: wadm, looking at traffic, calling the roll, writing down what
// runs. Each stands on the client and the picture; nothing here keeps state of its own.

import { stringify } from 'yaml'
import type { CutLinks, HttpAnswer, HttpRequest, RollCall } from '../preload/lattice-calls.js'
import type { ManifestRequest, WrittenManifest } from '../preload/manifest.js'
import { TlosError, toFailure } from './failure.js'
import { type Capture, createCapture, recorded } from './lattice/capture.js'
import type { LatticeClient } from './lattice/client.js'
import type { Mirror } from './lattice/mirror.js'
import { answerOf, handleHttp, incomingHandler, requestValue } from './lattice/protocol/http.js'
import { manifestOf } from './lattice/protocol/manifest.js'
import { rpcPrefix } from './lattice/protocol/subjects.js'
import type { Rpc } from './lattice/rpc-types.js'
import { createSpy, type Spy } from './lattice/spy.js'
import { createWadm, type Wadm } from './lattice/wadm.js'
import { createRecording } from './nats/recording.js'
import type { Transport } from './nats/transport.js'

export interface ToolsParts {
  readonly transport: Transport
  readonly lattice: string
  readonly client: LatticeClient
  readonly mirror: Pick<Mirror, 'state' | 'reseed'>
  readonly rpc: Rpc
}

export interface Tools {
  readonly wadm: Wadm
  readonly spy: Spy
  /** Pings all, tells who did not answer, and reads the lattice again. */
  refresh(): Promise<RollCall>
  writeManifest(request: ManifestRequest): Promise<WrittenManifest>
  readonly capture: Capture
  /** Cuts every link of the lattice, or of this source, as the lattice has them now; the first that fails ends it. */
  cutAll(sourceId: string | undefined): Promise<CutLinks>
  /** Calls `ns:pkg/iface@version.func`, which takes nothing and gives a text, as `wash call` does. */
  invoke(componentId: string, target: string): Promise<string>
  /** Sends an HTTP request to it over the bus. Fails with the error's word when it gives none. */
  request(componentId: string, request: HttpRequest): Promise<HttpAnswer>
  close(): void
}

export function createTools({ transport, lattice, client, mirror, rpc }: ToolsParts): Tools {
  const spy = createSpy({
    transport,
    lattice,
    now: Date.now,
    targetsOf: (componentId) =>
      Object.values(mirror.state().links).flatMap(({ sourceId, target }) => (sourceId === componentId ? [target] : [])),
  })
  return {
    wadm: createWadm({ transport, lattice }),
    spy,
    capture: createCapture(createRecording({ transport, ...recorded(lattice) }), client),

    async cutAll(sourceId) {
      const all = (await client.links()).filter((link) => sourceId === undefined || link.sourceId === sourceId)
      for (const [cut, link] of all.entries()) {
        try {
          await client.deleteLink(link)
        } catch (error) {
          return { cut, left: all.length - cut, failure: toFailure(error) }
        }
      }
      return { cut: all.length, left: 0 }
    },

    async refresh() {
      const known = Object.values(mirror.state().hosts).filter(
        ({ liveness, v2 }) => liveness !== 'gone' && v2 === undefined,
      )
      const answered = new Set<string>((await client.ping()).map(({ id }) => id))
      await mirror.reseed()
      const hosts = Object.values(mirror.state().hosts)
      return {
        answered: hosts.flatMap(({ id }) => (answered.has(id) ? [id] : [])),
        silent: known.flatMap(({ id }) => (answered.has(id) ? [] : [id])),
      }
    },

    async writeManifest(request) {
      const { components, links } = mirror.state()
      const names = new Set([
        ...Object.values(components).flatMap(({ config }) => config ?? []),
        ...Object.values(links).flatMap(({ sourceConfig, targetConfig }) => [...sourceConfig, ...targetConfig]),
      ])
      const configs: Record<string, Readonly<Record<string, string>>> = {}
      for (const name of names) {
        const values = await client.getConfig(name)
        if (values !== undefined) configs[name] = values
      }
      const { version, description } = request
      const { manifest, notes } = manifestOf({ ...request, version, description }, { lattice: mirror.state(), configs })
      if (manifest.spec.components.length === 0) {
        throw new TlosError('not-found', 'Nothing runs here that a manifest could name.')
      }
      return { text: stringify(manifest, { lineWidth: 0 }), notes }
    },

    async invoke(componentId, target) {
      const parts = /^([^\s]+\/[^\s.@]+(?:@[^\s]+)?)\.([a-z0-9-]+)$/.exec(target.trim())
      const [, instance, name] = parts ?? []
      if (instance === undefined || name === undefined) {
        throw new TlosError('invalid', `${target} is not of the form namespace:package/interface.function`)
      }
      const answer = await rpc.call({
        prefix: rpcPrefix(lattice, componentId),
        instance,
        fn: { name, params: [], result: { kind: 'string' } },
        params: [],
        headers: { 'source-id': 'tlos-shell', 'link-name': 'default' },
      })
      return String(answer)
    },

    async request(componentId, request) {
      if (!request.path.startsWith('/')) throw new TlosError('invalid', `${request.path} is no path: it begins with /`)
      const value = await rpc.call({
        prefix: rpcPrefix(lattice, componentId),
        instance: incomingHandler,
        fn: handleHttp,
        params: [requestValue(request)],
        headers: { 'source-id': 'tlos-shell', 'link-name': 'default' },
      })
      const answer = answerOf(value)
      if ('error' in answer) throw new TlosError('refused', answer.error, { about: componentId })
      return answer
    },

    close: () => spy.close(),
  }
}
