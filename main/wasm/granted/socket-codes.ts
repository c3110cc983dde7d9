// Errors of this machine's sockets as codes of wasi:sockets.

import { OperationError, systemCode } from './answers.js'

const codes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  ECONNABORTED: 'connection-aborted',
  EPIPE: 'connection-reset',
  ENETUNREACH: 'remote-unreachable',
  EHOSTUNREACH: 'remote-unreachable',
  EADDRNOTAVAIL: 'address-not-bindable',
  EADDRINUSE: 'address-in-use',
  // A privileged port: granted by the node, not by the system.
  EACCES: 'access-denied',
  EMSGSIZE: 'datagram-too-large',
  EINVAL: 'remote-unreachable',
  EMFILE: 'new-socket-limit',
  ETIMEDOUT: 'timeout',
}

export const socketCode = (error: unknown): string => codes[systemCode(error) ?? ''] ?? 'unknown'

export const failSocket = (code: string): never => {
  throw new OperationError(code)
}
