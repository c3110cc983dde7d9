// Addresses as wasi:sockets has them, from text and back; and settings of a socket that a guest may have.

import { formatAddress, parseAddress } from '../addresses.js'
import { GuestError } from '../import-error.js'

export type Family = 'ipv4' | 'ipv6'

export interface SocketAddress {
  readonly tag: Family
  readonly val: { readonly port: number; readonly address: readonly number[] }
}

/** A name for the network, with which nothing can be done by itself. */
export class Network {}

export const failGuest = (code: string): never => {
  throw new GuestError(code)
}

export const textOf = ({ tag, val }: SocketAddress): string =>
  formatAddress({ family: tag === 'ipv4' ? 4 : 6, parts: val.address })

export function ipAddress(text: string): { readonly tag: Family; readonly val: readonly number[] } | undefined {
  const address = parseAddress(text)
  return address === undefined ? undefined : { tag: address.family === 4 ? 'ipv4' : 'ipv6', val: address.parts }
}

export function socketAddress(text: string, port: number): SocketAddress {
  const address = ipAddress(text)
  if (address === undefined) return failGuest('unknown')
  const { tag, val } = address
  const more = tag === 'ipv4' ? {} : { flowInfo: 0, scopeId: 0 }
  return { tag, val: { port, address: val, ...more } }
}

/** Settings that the guest may have and that change nothing here. */
export class SocketOptions {
  readonly #values = new Map<string, unknown>()
  get(name: string, initial: unknown): unknown {
    return this.#values.get(name) ?? initial
  }
  set(name: string, value: unknown): void {
    if (value === 0 || value === 0n) failGuest('invalid-argument')
    this.#values.set(name, value)
  }
}
