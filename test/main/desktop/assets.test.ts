// The shell's own scheme hands out files of one folder and nothing else.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerAsset, contentPolicy } from '../../../main/desktop/assets.js'

let base: string
let folder: string
beforeAll(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'tlos-assets-'))
  folder = path.join(base, 'page')
  await mkdir(path.join(folder, 'assets'), { recursive: true })
  await writeFile(path.join(folder, 'index.html'), '<!doctype html>')
  await writeFile(path.join(folder, 'assets', 'app one.js'), 'export {}')
  await writeFile(path.join(folder, '.hidden'), 'secret')
  await writeFile(path.join(base, 'secret.txt'), 'secret')
  await mkdir(path.join(base, 'page-of-others'))
  await writeFile(path.join(base, 'page-of-others', 'a.txt'), 'secret')
  await symlink(path.join(base, 'secret.txt'), path.join(folder, 'link.txt'))
  await symlink(path.join(base, 'page-of-others'), path.join(folder, 'sibling'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

const get = async (url: string, method = 'GET') => {
  const { status, headers, body } = await answerAsset(folder, method, url)
  expect(headers['content-security-policy']).toBe(contentPolicy)
  return [status, headers['content-type'], body === undefined ? undefined : Buffer.from(body).toString()]
}

describe('the shell’s scheme', () => {
  it('serves the page and its files with their types', async () => {
    const page = [200, 'text/html; charset=utf-8', '<!doctype html>']
    expect(await get('tlos-app://shell/')).toEqual(page)
    expect(await get('tlos-app://shell/index.html?x=/../..#y')).toEqual(page)
    expect(await get('tlos-app://shell/assets/app%20one.js')).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'export {}',
    ])
    expect(await get('tlos-app://shell/index.html', 'HEAD')).toEqual([200, 'text/html; charset=utf-8', undefined])
  })

  it.each([
    'tlos-app://shell/../secret.txt',
    'tlos-app://shell/assets/../../secret.txt',
    'tlos-app://shell/..%2fsecret.txt',
    'tlos-app://shell/%2e%2e/secret.txt',
    'tlos-app://shell/%252e%252e%252fsecret.txt',
    'tlos-app://shell/..%5csecret.txt',
    'tlos-app://shell/a%00.html',
    'tlos-app://shell/%zz',
    'tlos-app://shell/.hidden',
    'tlos-app://shell/link.txt',
    'tlos-app://shell/sibling/a.txt',
    'tlos-app://other/index.html',
    'tlos-app://shell.evil/index.html',
    'tlos-app://shell',
    'https://shell/index.html',
    'file:///etc/passwd',
  ])('refuses %s', async (url) => {
    expect(await get(url)).toEqual([403, 'text/plain', undefined])
  })

  it('says 404 for what is not there and 405 for other methods', async () => {
    expect((await get('tlos-app://shell/nothing.js'))[0]).toBe(404)
    expect((await get('tlos-app://shell/assets'))[0]).toBe(404)
    expect((await get('tlos-app://shell/index.html', 'POST'))[0]).toBe(405)
  })
})
