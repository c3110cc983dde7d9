// A process that answers requests over plain NATS with what they hold: `node responder.mjs URL SUBJECT`.

import { connect } from 'nats'

const [url, subject] = process.argv.slice(2)
const connection = await connect({ servers: url })
connection.subscribe(subject, { callback: (_error, message) => void message.respond(message.data) })
await connection.flush()
process.send('ready')
process.on('disconnect', () => process.exit(0))
