// A certificate authority of a test's own, and certificates that it signs: made by the program `openssl`, trusted by nobody.

import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export interface Authority {
  /** PEM. */
  readonly ca: string
  /** PEM, for one host name. */
  sign(host: string): Promise<{ readonly certificate: string; readonly key: string }>
  close(): Promise<void>
}

export async function openAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'tlos-authority-'))
  const at = (name: string): string => join(folder, name)
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const self = ['-x509', '-days', '2', '-subj', '/CN=test authority', '-addext', 'basicConstraints=critical,CA:TRUE']
  await run('openssl', ['req', ...fresh, ...self, '-keyout', at('ca.key'), '-out', at('ca.pem')])
  return {
    ca: await readFile(at('ca.pem'), 'utf8'),
    async sign(host) {
      await run('openssl', [
        'req',
        ...fresh,
        '-subj',
        `/CN=${host}`,
        '-keyout',
        at('key.pem'),
        '-out',
        at('request.pem'),
      ])
      await writeFile(at('names'), `subjectAltName=DNS:${host}\n`)
      const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', at('names')]
      await run('openssl', ['x509', '-req', '-in', at('request.pem'), ...by, '-out', at('certificate.pem')])
      return {
        certificate: await readFile(at('certificate.pem'), 'utf8'),
        key: await readFile(at('key.pem'), 'utf8'),
      }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
