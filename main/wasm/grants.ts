// What an instance may reach beyond itself, as data, and the one function that decides about it. Without a grant the answer
// is no. Pure: whoever opens a file or a socket (main/wasm/granted) asks here first, and does nothing else than it allows.

import * as v from 'valibot'
import { formatAddress, parseAddress, reachOf } from './addresses.js'

const maxText = 4_096
const text = v.pipe(v.string(), v.maxLength(maxText), v.check(isPlain, 'it holds a NUL character'))
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))

const Directory = v.object({
  /** Absolute path on this machine. */
  host: v.pipe(text, v.startsWith('/', 'this is no absolute path')),
  /** Where the guest finds it. */
  guest: v.pipe(text, v.minLength(1)),
  access: v.picklist(['read', 'read-write']),
})

const Host = v.object({
  /** A name, or an address, which then is exactly this address. */
  host: v.pipe(text, v.regex(/^[a-zA-Z0-9._:-]{1,253}$/, 'this is no name of a host'), v.transform(normalName)),
  port,
  /** May the name lead to an address of a private network (192.168.0.0/16 and the like, not this machine)? */
  private: v.optional(v.boolean(), false),
})

const Environment = v.pipe(
  v.record(v.pipe(text, v.regex(/^[^=\0]+$/, 'a name of a variable has no =')), text),
  v.check((all) => Object.keys(all).length <= 256, 'more than 256 variables'),
)

/** Everything an instance may be granted. Each part is optional in data from outside, and then nothing. */
export const Grants = v.object({
  directories: v.optional(v.pipe(v.array(Directory), v.maxLength(16, 'at most 16')), []),
  /** Outgoing TCP, UDP and HTTP. */
  hosts: v.optional(v.pipe(v.array(Host), v.maxLength(64, 'at most 64')), []),
  /** Loopback port of this machine on which its `wasi:http/incoming-handler` is served. */
  serve: v.optional(port),
  /** Loopback ports of this machine on which it may listen by TCP and take datagrams. */
  listen: v.optional(v.pipe(v.array(port), v.maxLength(16, 'at most 16')), []),
  environment: v.optional(Environment, {}),
  arguments: v.optional(v.pipe(v.array(text), v.maxLength(256)), []),
  stdin: v.optional(v.pipe(v.string(), v.maxLength(1024 * 1024)), ''),
})

export type Grants = v.InferOutput<typeof Grants>
export type GrantedDirectory = Grants['directories'][number]
export type GrantedHost = Grants['hosts'][number]

export const noGrants: Grants = { directories: [], hosts: [], listen: [], environment: {}, arguments: [], stdin: '' }

/** What an instance wants to reach. */
export type Wish =
  /** Network at all: a socket, a request. */
  | { readonly kind: 'network' }
  /** To know the addresses of a name; for a connection to this port, if it is for one. */
  | { readonly kind: 'name'; readonly name: string; readonly port?: number | undefined }
  /**
   * A connection. `names` are those by which it came to this address: the host of a URL, or names that were looked up for
   * it; none when it brought the address itself.
   */
  | { readonly kind: 'connect'; readonly names: readonly string[]; readonly address: string; readonly port: number }
  /** The nth granted directory, to change something in it. */
  | { readonly kind: 'change-directory'; readonly index: number }
  | { readonly kind: 'directory'; readonly index: number }
  | { readonly kind: 'serve'; readonly port: number }
  /** To be reached at this address and port, by TCP or UDP. */
  | { readonly kind: 'listen'; readonly address: string; readonly port: number }
  /** A port that the system chooses, for datagrams to granted hosts and their answers. */
  | { readonly kind: 'any-port'; readonly address: string }

/** `why` is for a person, and a log; a guest gets an error code. */
export type Decision = { readonly ok: true } | { readonly ok: false; readonly why: string }

const yes: Decision = { ok: true }
const no = (why: string): Decision => ({ ok: false, why })

/** May this instance do that? */
export function decide(grants: Grants, wish: Wish): Decision {
  switch (wish.kind) {
    case 'network':
      return grants.hosts.length + grants.listen.length > 0 ? yes : no('it was granted no host and no port')
    case 'name': {
      const name = normalName(wish.name)
      const isGranted = grants.hosts.some(
        (each) => each.host === name && (wish.port === undefined || each.port === wish.port),
      )
      return isGranted ? yes : no(`it was not granted the host ${wish.name}`)
    }
    case 'connect':
      return decideConnect(grants.hosts, wish)
    case 'directory':
      return grants.directories[wish.index] === undefined ? no('it was not granted this directory') : yes
    case 'change-directory':
      return grants.directories[wish.index]?.access === 'read-write' ? yes : no('this directory is granted for reading')
    case 'serve':
      return grants.serve === wish.port ? yes : no(`it was not granted port ${wish.port}`)
    case 'listen':
      return decideListen(grants.listen, wish.address, wish.port)
    case 'any-port':
      return decideAnyPort(grants.hosts, wish.address)
  }
}

/** Programs of this machine only may come: any other address of it is refused, and so is all of them at once. */
function decideListen(ports: readonly number[], address: string, port: number): Decision {
  const parsed = parseAddress(address)
  const isHere = parsed !== undefined && ['127.0.0.1', '0:0:0:0:0:0:0:1'].includes(formatAddress(parsed))
  if (!isHere) return no(`${address} is not 127.0.0.1 or ::1`)
  return ports.includes(port) ? yes : no(`it was not granted port ${port} to listen on`)
}

/** Who may speak to it there is judged with each datagram. */
function decideAnyPort(hosts: readonly GrantedHost[], address: string): Decision {
  const parsed = parseAddress(address)
  if (parsed === undefined) return no(`${address} is no address`)
  const isOfAll = parsed.parts.every((part) => part === 0)
  if (!isOfAll && reachOf(parsed) !== 'loopback') return no(`${address} is an address of one network of this machine`)
  return hosts.length > 0 ? yes : no('it was granted no host')
}

function decideConnect(
  hosts: readonly GrantedHost[],
  wish: { readonly names: readonly string[]; readonly address: string; readonly port: number },
): Decision {
  const address = parseAddress(wish.address)
  if (address === undefined) return no(`${wish.address} is no address`)
  const onPort = hosts.filter((each) => each.port === wish.port)
  const spelled = formatAddress(address)
  if (onPort.some((each) => normalName(each.host) === spelled)) return yes
  const names = wish.names.map(normalName)
  const named = onPort.filter((each) => parseAddress(each.host) === undefined && names.includes(each.host))
  if (named.length === 0) return no(`it was not granted ${wish.names[0] ?? wish.address}:${wish.port}`)
  const reach = reachOf(address)
  const isAllowed = named.some((each) => {
    if (each.host === 'localhost') return reach === 'loopback'
    return reach === 'public' || (reach === 'private' && each.private)
  })
  return isAllowed ? yes : no(`${wish.names[0] ?? ''} leads to ${wish.address}, which is ${reach} and was not granted`)
}

function isPlain(value: string): boolean {
  return !value.includes('\0')
}

/** A name as it is compared: lower case, without the dot of the root; an address in its one spelling. */
export function normalName(name: string): string {
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
  const address = parseAddress(bare)
  return address === undefined ? bare.toLowerCase().replace(/\.$/, '') : formatAddress(address)
}

/** Data from outside as grants, or what is wrong with it in words. */
export function decodeGrants(
  data: unknown,
): { readonly ok: true; readonly value: Grants } | { readonly ok: false; readonly why: string } {
  const result = v.safeParse(Grants, data)
  if (result.success) return { ok: true, value: result.output }
  const [issue] = result.issues
  return { ok: false, why: `${v.getDotPath(issue) ?? 'the grant'}: ${issue.message}` }
}
