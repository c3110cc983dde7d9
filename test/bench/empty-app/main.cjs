// The least that can be compared with the shell: one sandboxed window with one Three.js scene. When the page has drawn its
// first frame it says so in its title, and this process prints `{"firstFrameAt":<ms since 1970>}` on stdout.

const path = require('path')
const { app, BrowserWindow } = require('electron')

void app.whenReady().then(() => {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    webPreferences: { sandbox: true, contextIsolation: true },
  })
  window.on('page-title-updated', (_event, title) => {
    const at = /^first frame (\d+)/.exec(title)?.[1]
    if (at !== undefined) process.stdout.write(`${JSON.stringify({ firstFrameAt: Number(at) })}\n`)
  })
  void window.loadFile(path.join(__dirname, 'index.html'))
})
app.on('window-all-closed', () => app.quit())
