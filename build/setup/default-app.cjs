// What Electron runs first when it has no app of its own: starts the folder or file named on the command line, as the
// loader inside official builds does. Copied into the development-only runtime, whose own loader we do not unpack.
// Knows no more of Electron's flags than `-r` (Playwright needs it) and `--version`.

const fs = require('fs')
const Module = require('module')
const path = require('path')
const { app } = require('electron')

const args = process.argv.slice(1)
let target
for (let i = 0; i < args.length; i += 1) {
  if (args[i] === '-r' || args[i] === '--require') Module._preloadModules([args[(i += 1)]])
  else if (args[i] === '-v' || args[i] === '--version') {
    console.log(`v${process.versions.electron}`)
    process.exit(0)
  } else if (!args[i].startsWith('-')) {
    target = path.resolve(args[i])
    break
  }
}
process.defaultApp = true
if (target === undefined) {
  console.error('usage: electron [options] FOLDER-or-FILE [arguments]')
  process.exit(64)
}
let file = target
let folder = path.dirname(target)
if (fs.statSync(target).isDirectory()) {
  folder = target
  const description = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
  if (description.productName || description.name) app.setName(description.productName || description.name)
  if (description.version) app.setVersion(description.version)
  app.setDesktopName(description.desktopName || `${app.getName()}.desktop`)
  app.setPath('userData', path.join(app.getPath('appData'), app.getName()))
  file = path.resolve(folder, description.main || 'index.js')
}
app.setAppPath(folder)
Module._load(file, Module, true)
