// The link operations that every host answers for the whole lattice (lattice.md 1.9): list, put with its checks, delete.
// Stands on the shared buckets; who hears of it besides (events, providers) is given.

import type { Link } from '../../preload/records.js'
import { formatChain, TlosError } from '../failure.js'
import type { CommandParts } from './host-commands.js'
import { linkCodec } from './protocol/buckets.js'
import * as control from './protocol/control.js'

type LinkParts = Pick<CommandParts, 'data' | 'emit' | 'tellProviders'>

export async function answerLinkCommand(
  parts: LinkParts,
  command: 'get' | 'put' | 'del',
  data: Uint8Array,
): Promise<Uint8Array> {
  switch (command) {
    case 'get':
      return control.encodeResponse(parts.data.links().map((link) => linkCodec.toWire(link)))
    case 'put': {
      const link = control.putLinkCodec.decode(data)
      return link.ok ? await putLink(parts, link.value) : notALink()
    }
    case 'del': {
      const request = control.deleteLinkCodec.decode(data)
      return request.ok ? await deleteLink(parts, request.value) : notALink()
    }
  }
}

function notALink(): Uint8Array {
  return control.encodeFailure('failed to deserialize wrpc link definition')
}

async function putLink(parts: LinkParts, link: Link): Promise<Uint8Array> {
  try {
    await checkConfigs(parts, [...link.sourceConfig, ...link.targetConfig])
    await parts.data.updateLinks(link.sourceId, (links) => upsert(links, link))
  } catch (error) {
    parts.emit({ kind: 'linkdef_set_failed', link, error: formatChain(error) })
    return control.encodeFailure(error instanceof Error ? error.message : String(error))
  }
  await parts.tellProviders(link, false)
  parts.emit({ kind: 'linkdef_set', link })
  return control.encodeSuccess('successfully set link')
}

async function checkConfigs(parts: LinkParts, names: readonly string[]): Promise<void> {
  let problems = ''
  for (const name of names) {
    if ((await parts.data.getConfig(name)) !== undefined) continue
    problems += name.startsWith('SECRET_')
      ? `Secret reference ${name} not found in config store. `
      : `Configuration ${name} not found in config store. `
  }
  if (problems !== '') throw new TlosError('not-found', `Failed to validate configuration and secrets. ${problems}`)
}

/** The links with this one in place of the one that has the same source, target, name and package. */
function upsert(links: readonly Link[], link: Link): readonly Link[] {
  const isSamePackage = (other: Link): boolean =>
    other.sourceId === link.sourceId &&
    other.witNamespace === link.witNamespace &&
    other.witPackage === link.witPackage &&
    other.name === link.name
  const conflict = links.some(
    (other) =>
      isSamePackage(other) &&
      other.target !== link.target &&
      other.interfaces.some((name) => link.interfaces.includes(name)),
  )
  if (conflict) {
    throw new TlosError(
      'conflict',
      'link already exists with different target, consider deleting the existing link or using a different link name',
    )
  }
  const index = links.findIndex((other) => isSamePackage(other) && other.target === link.target)
  return index < 0 ? [...links, link] : links.map((other, at) => (at === index ? link : other))
}

async function deleteLink(
  parts: LinkParts,
  request: Pick<Link, 'sourceId' | 'name' | 'witNamespace' | 'witPackage'>,
): Promise<Uint8Array> {
  let hasSpec = false
  let removed: Link | undefined
  await parts.data.updateLinks(request.sourceId, (links, exists) => {
    hasSpec = exists
    const index = links.findIndex(
      (link) =>
        link.name === request.name &&
        link.witNamespace === request.witNamespace &&
        link.witPackage === request.witPackage,
    )
    removed = links[index]
    return index < 0 ? undefined : links.filter((_, at) => at !== index)
  })
  if (!hasSpec) return control.encodeSuccess("successfully deleted link (spec doesn't exist)")
  if (removed !== undefined) await parts.tellProviders(removed, true)
  parts.emit({
    kind: 'linkdef_deleted',
    ...request,
    target: removed?.target,
    interfaces: removed?.interfaces,
  })
  return control.encodeSuccess('successfully deleted link')
}
