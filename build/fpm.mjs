#!/usr/bin/env node
// The part of fpm's command line that electron-builder uses to make a .deb, done with dpkg-deb. Debian has no fpm, and
// electron-builder would download one; it takes this instead (CUSTOM_FPM_PATH) and still writes the .desktop file, icons
// and maintainer scripts itself.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** `{ options, depends, recommends, files }` of fpm's command line. */
export function parse(args) {
  const options = {}
  const depends = []
  const recommends = []
  const files = []
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i]
    if (arg === '--force' || arg === '--debug') continue
    if (arg === '-d' || arg === '--depends') depends.push(args[(i += 1)])
    else if (arg === '--deb-recommends') recommends.push(args[(i += 1)])
    else if (arg.startsWith('-')) {
      const [name, value] = arg.split(/=(.*)/s)
      options[name.replace(/^-+/, '')] = value ?? args[(i += 1)]
    } else files.push(arg)
  }
  return { options, depends, recommends, files }
}

/** The text of DEBIAN/control. */
export function control({ options, depends, recommends }, installedKib) {
  const [first, ...rest] = options.description.split('\n').map((line) => line.trim())
  const long = rest.filter((line) => line !== '').map((line) => ` ${line}`)
  const fields = [
    ['Package', options.name],
    ['Version', options.version],
    ['Architecture', options.architecture === 'x86_64' ? 'amd64' : options.architecture],
    ['Maintainer', options.maintainer],
    ['Installed-Size', installedKib],
    ['Depends', depends.join(', ')],
    ['Recommends', recommends.join(', ')],
    ['Section', options.category],
    ['Priority', options['deb-priority'] ?? 'optional'],
    ['Homepage', options.url],
    ['Description', first || rest[0] || options.name],
  ]
  const lines = fields
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}: ${value}`)
  return [...lines, ...(first ? long : long.slice(1))].join('\n') + '\n'
}

function make(parsed) {
  const { options, files } = parsed
  if (options.t !== 'deb') throw new Error(`only deb can be made here, not ${options.t}`)
  const tree = fs.mkdtempSync(path.join(os.tmpdir(), 'tlos-deb-'))
  try {
    for (const file of files) {
      const [from, to] = file.split(/=(.*)/s)
      const target = path.join(tree, to)
      const isFolder = from.endsWith('/')
      fs.mkdirSync(isFolder ? target : path.dirname(target), { recursive: true })
      execFileSync('cp', isFolder ? ['-a', `${from}.`, target] : ['-aL', from, target])
    }
    execFileSync('chmod', ['-R', 'u=rwX,go=rX', tree])
    const installedKib = execFileSync('du', ['-sk', tree], { encoding: 'utf8' }).split('\t')[0]
    const meta = path.join(tree, 'DEBIAN')
    fs.mkdirSync(meta)
    fs.writeFileSync(path.join(meta, 'control'), control(parsed, installedKib))
    for (const [option, name] of Object.entries({ 'after-install': 'postinst', 'after-remove': 'postrm' })) {
      if (options[option] === undefined) continue
      fs.copyFileSync(options[option], path.join(meta, name))
      fs.chmodSync(path.join(meta, name), 0o755)
    }
    fs.rmSync(options.package, { force: true })
    const compression =
      { gz: 'gzip', bzip2: 'gzip', xzmt: 'xz' }[options['deb-compression']] ?? options['deb-compression'] ?? 'xz'
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '-b', tree, options.package], {
      stdio: 'inherit',
    })
  } finally {
    fs.rmSync(tree, { recursive: true, force: true })
  }
}

// electron-builder starts this file through its path alone.
if (process.argv[1]?.endsWith('fpm.mjs')) make(parse(process.argv.slice(2)))
