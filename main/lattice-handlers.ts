// Joins the calls of `preload/lattice-calls.ts` to the parts that do the work: a line or two each, no decisions.

import type { HostId } from '../preload/records.js'
import type { Desktop } from './desktop-lattice.js'
import type { Handlers } from './ipc.js'
import { captureName } from './lattice/capture-file.js'
import { startComponent, startProvider } from './lattice/client-place.js'
import { secretPrefix, writeSecret } from './lattice/protocol/secret.js'
import type { latticeCalls } from '../preload/lattice-calls.js'

/** Ids of hosts come from hosts. */
const asHostId = (id: string): HostId => id as HostId

export function createLatticeHandlers(
  desktop: () => Desktop,
  saveFile: (name: string, data: string | Uint8Array) => Promise<string | undefined>,
): Pick<Handlers, keyof typeof latticeCalls> {
  const client = () => desktop().client
  const wadm = () => desktop().tools.wadm
  return {
    'lattice.refresh': () => desktop().tools.refresh(),
    'host.inventory': (hostId) => client().inventory(hostId),
    'component.run': async ({ id, imageRef, count, annotations, config, limits, ...place }) =>
      asHostId(
        await startComponent(
          client(),
          { componentId: id, imageRef, count, annotations, config, limits, allowUpdate: false },
          place,
        ),
      ),
    'component.update': (componentId, hostId, imageRef, annotations) =>
      client().update(hostId, componentId, imageRef, annotations),
    'component.invoke': (componentId, target) => desktop().tools.invoke(componentId, target),
    'component.request': (componentId, request) => desktop().tools.request(componentId, request),
    'link.delete-all': (sourceId) => desktop().tools.cutAll(sourceId ?? undefined),
    'capture.state': async () => (await desktop().tools.capture.state()) ?? null,
    'capture.begin': () => desktop().tools.capture.begin(),
    'capture.end': () => desktop().tools.capture.end(),
    'capture.save': async () => {
      const { bytes, silent, ...said } = await desktop().tools.capture.write()
      const file = await saveFile(captureName(new Date()), bytes)
      return file === undefined ? null : { ...said, file, silent: silent.map(asHostId) }
    },
    'provider.start': async ({ id, imageRef, annotations, config, ...place }) =>
      asHostId(await startProvider(client(), { providerId: id, providerRef: imageRef, annotations, config }, place)),
    'provider.stop': (providerId, hostId) => client().stopProvider(hostId, providerId),
    'config.list': () => client().listConfigs(),
    'config.read': async (name) => {
      const values = await client().getConfig(name)
      return values === undefined ? null : { ...values }
    },
    'config.put': (name, values) => client().putConfig(name, values),
    'config.delete': (name) => client().deleteConfig(name),
    'secret.put': (name, secret) => client().putConfig(`${secretPrefix}${name}`, writeSecret({ ...secret, name })),
    'claims.list': async () => (await client().claims()).map((one) => ({ ...one })),
    'registry.put': (registry, login) => client().putRegistries({ [registry]: { ...login, registryType: 'oci' } }),
    'traffic.read': (componentId, after) => desktop().tools.spy.read(componentId, after),
    'application.list': () => wadm().list(),
    'application.detail': (name) => wadm().detail(name),
    'application.manifest': (name, version) => wadm().manifest(name, version),
    'application.put': (text) => wadm().put(text),
    'application.deploy': (name, version) => wadm().deploy(name, version ?? undefined),
    'application.undeploy': (name) => wadm().undeploy(name),
    'application.delete': (name, version) => wadm().delete(name, version ?? undefined),
    'manifest.write': (request) => desktop().tools.writeManifest(request),
    'text.save': async (name, text) => (await saveFile(name, text)) ?? null,
  }
}
