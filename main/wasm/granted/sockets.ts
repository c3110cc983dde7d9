// wasi:sockets of one instance: names, TCP (tcp.ts) and datagrams (udp.ts), each within what it was granted.

import { decide, type Grants } from '../grants.js'
import type { Operations } from './answers.js'
import type { Channels } from './channels.js'
import type { Lacked } from '../lacks.js'
import type { Names } from './names.js'
import { failSocket as fail } from './socket-codes.js'
import { createTcp } from './tcp.js'
import { createUdp } from './udp.js'

export function createSockets(grants: Grants, names: Names, channels: Channels, lacked: Lacked): Operations {
  return {
    /** May it have sockets at all? */
    'socket.create': () => {
      if (decide(grants, { kind: 'network' }).ok) return
      lacked({ kind: 'host' })
      fail('access-denied')
    },
    'name.resolve': async (name) => {
      const resolved = await names.resolve(String(name))
      switch (resolved.kind) {
        case 'addresses':
          return resolved.addresses
        case 'unknown':
          return fail('name-unresolvable')
        case 'too-slow':
          return fail('temporary-resolver-failure')
        default:
          return fail('access-denied')
      }
    },
    ...createTcp(grants, names, channels, lacked),
    ...createUdp(grants, names, channels, lacked),
  }
}
