// A pool process in tests of starting one: answers what it is told, on the port that it was given.

const { parentPort } = process as unknown as {
  parentPort: {
    postMessage(message: unknown): void
    on(event: 'message', listener: (event: { data: unknown }) => void): void
  }
}
process.stderr.write('pool is here\n')
parentPort.on('message', ({ data }) => {
  if (data === 'spin') for (;;);
  else parentPort.postMessage({ data, args: process.argv.slice(2) })
})
