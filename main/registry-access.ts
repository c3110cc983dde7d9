// How registries are reached besides straight ahead: through the proxy that the environment names, and with an authority of
// one's own. Reads files; what goes over the line is `lattice/oci/node-fetch.ts`.

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { TlosError } from './failure.js'
import type { ImageOptions } from './image-options.js'
import type { Fetch } from './lattice/oci/http-get.js'
import { createNodeFetch } from './lattice/oci/node-fetch.js'

/**
 * Undefined: as the runtime does it. Fails with `invalid` and the file's name when the authority cannot be read. `extraFile`: what
 * Node was told to trust beside its own (`NODE_EXTRA_CA_CERTS`), which a list of authorities would leave out.
 */
export async function openRegistryFetch(
  { caFile, proxy }: Pick<ImageOptions, 'caFile' | 'proxy'>,
  extraFile = process.env['NODE_EXTRA_CA_CERTS'],
): Promise<Fetch | undefined> {
  if (caFile === undefined && proxy.https === undefined && proxy.http === undefined) return undefined
  if (caFile === undefined) return createNodeFetch({ proxy, trusted: undefined })
  const own = await readAuthority(caFile)
  // One that Node itself cannot read it only warns of.
  const extra = extraFile === undefined || extraFile === '' ? '' : await readFile(extraFile, 'utf8').catch(() => '')
  return createNodeFetch({ proxy, trusted: [...rootCertificates, own, ...(extra === '' ? [] : [extra])] })
}

async function readAuthority(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    // Fails where there is no certificate: a connection would only say that nobody is trusted.
    new X509Certificate(text)
    return text
  } catch (error) {
    throw new TlosError('invalid', `The file of the registries' authority, ${file}, cannot be used`, {
      about: file,
      cause: error,
    })
  }
}
