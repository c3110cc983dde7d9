// Every subject of a wasmCloud v1 lattice (lattice.md 0.1, 1.2, 1.3, 3, 6.3): built and parsed here and nowhere else.
// Pure. What is tLOS's own is in `tlos.ts`.

/** Default of the hosts' flag `--ctl-topic-prefix`. */
const defaultCtlPrefix = 'wasmbus.ctl'

/** One NATS token and part of bucket names. */
export function isLatticeName(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(text)
}

/** Names of configurations, ids and the like: one token, so that a subject built with it means what it says. */
export function isToken(text: string): boolean {
  return /^[^\s.*>]+$/.test(text)
}

export type HostCommand = 'get' | 'stop'
export type LabelCommand = 'put' | 'del'
export type ComponentCommand = 'scale' | 'update'
export type ProviderCommand = 'start' | 'stop'
export type LinkCommand = 'get' | 'put' | 'del'
export type ConfigCommand = 'get' | 'put' | 'del'

/** What a control subject asks for. */
export type ControlAddress =
  | { readonly kind: 'ping' | 'component-auction' | 'provider-auction' | 'claims' | 'registries' }
  | { readonly kind: 'host'; readonly command: HostCommand; readonly hostId: string }
  | { readonly kind: 'label'; readonly command: LabelCommand; readonly hostId: string }
  | { readonly kind: 'component'; readonly command: ComponentCommand; readonly hostId: string }
  | { readonly kind: 'provider'; readonly command: ProviderCommand; readonly hostId: string }
  | { readonly kind: 'link'; readonly command: LinkCommand }
  | { readonly kind: 'config'; readonly command: ConfigCommand; readonly name: string }

/** A subscription of a host: which subjects, in which queue group. */
export interface HostSubscription {
  readonly pattern: string
  readonly queue?: string | undefined
}

export type ControlSubjects = ReturnType<typeof controlSubjects>

export function controlSubjects(lattice: string, ctlPrefix = defaultCtlPrefix) {
  const prefix = `${ctlPrefix}.v1.${lattice}`
  return {
    ping: `${prefix}.host.ping`,
    host: (command: HostCommand, hostId: string): string => `${prefix}.host.${command}.${hostId}`,
    label: (command: LabelCommand, hostId: string): string => `${prefix}.label.${command}.${hostId}`,
    componentAuction: `${prefix}.component.auction`,
    component: (command: ComponentCommand, hostId: string): string => `${prefix}.component.${command}.${hostId}`,
    providerAuction: `${prefix}.provider.auction`,
    provider: (command: ProviderCommand, hostId: string): string => `${prefix}.provider.${command}.${hostId}`,
    link: (command: LinkCommand): string => `${prefix}.link.${command}`,
    config: (command: ConfigCommand, name: string): string => `${prefix}.config.${command}.${name}`,
    claims: `${prefix}.claims.get`,
    registries: `${prefix}.registry.put`,

    /** All that a host listens to. The queue groups are shared with every other host of the lattice. */
    ofHost: (hostId: string, bids = { components: true, providers: true }): readonly HostSubscription[] => [
      { pattern: `${prefix}.registry.put` },
      { pattern: `${prefix}.host.ping` },
      { pattern: `${prefix}.component.*.${hostId}` },
      { pattern: `${prefix}.provider.*.${hostId}` },
      { pattern: `${prefix}.label.*.${hostId}` },
      { pattern: `${prefix}.host.*.${hostId}` },
      ...(bids.components ? [{ pattern: `${prefix}.component.auction` }] : []),
      ...(bids.providers ? [{ pattern: `${prefix}.provider.auction` }] : []),
      { pattern: `${prefix}.link.*`, queue: `${prefix}.link` },
      { pattern: `${prefix}.claims.get`, queue: `${prefix}.claims` },
      { pattern: `${prefix}.config.>`, queue: `${prefix}.config` },
    ],

    /** Undefined: no operation of this interface (`unsupported subject`). */
    parse(subject: string): ControlAddress | undefined {
      if (!subject.startsWith(`${prefix}.`)) return undefined
      const [area, command, id, ...rest] = subject.slice(prefix.length + 1).split('.')
      if (rest.length > 0 || area === undefined || command === undefined) return undefined
      return id === undefined ? parseScattered(area, command) : parseAddressed(area, command, id)
    },
  }
}

function parseScattered(area: string, command: string): ControlAddress | undefined {
  switch (`${area}.${command}`) {
    case 'host.ping':
      return { kind: 'ping' }
    case 'component.auction':
      return { kind: 'component-auction' }
    case 'provider.auction':
      return { kind: 'provider-auction' }
    case 'claims.get':
      return { kind: 'claims' }
    case 'registry.put':
      return { kind: 'registries' }
    case 'link.get':
    case 'link.put':
    case 'link.del':
      return { kind: 'link', command: command as LinkCommand } // one of the three cases
    default:
      return undefined
  }
}

function parseAddressed(area: string, command: string, id: string): ControlAddress | undefined {
  if (id === '') return undefined
  // Each cast repeats the comparison to its left.
  if (area === 'host' && isOneOf(command, ['get', 'stop'])) return { kind: 'host', command, hostId: id }
  if (area === 'label' && isOneOf(command, ['put', 'del'])) return { kind: 'label', command, hostId: id }
  if (area === 'component' && isOneOf(command, ['scale', 'update'])) return { kind: 'component', command, hostId: id }
  if (area === 'provider' && isOneOf(command, ['start', 'stop'])) return { kind: 'provider', command, hostId: id }
  if (area === 'config' && isOneOf(command, ['get', 'put', 'del'])) return { kind: 'config', command, name: id }
  return undefined
}

function isOneOf<const T extends string>(text: string, options: readonly T[]): text is T {
  return (options as readonly string[]).includes(text)
}

/** All events of a lattice. */
export const eventPattern = (lattice: string): string => `wasmbus.evt.${lattice}.>`
export const eventSubject = (lattice: string, name: string): string => `wasmbus.evt.${lattice}.${name}`

/** Where a host asks at its start for what else it needs. */
export const configServiceSubject = (lattice: string): string => `wasmbus.cfg.${lattice}.req`

/** Where a provider hears of its links, health checks and end. */
export const providerSubjects = (lattice: string, providerId: string) => {
  const prefix = `wasmbus.rpc.${lattice}.${providerId}`
  return {
    health: `${prefix}.health`,
    putLink: `${prefix}.linkdefs.put`,
    deleteLink: `${prefix}.linkdefs.del`,
    shutdown: `${prefix}.default.shutdown`,
    updateConfig: `${prefix}.config.update`,
  }
}

/** Prefix and queue group under which a component or provider is called. */
export const rpcPrefix = (lattice: string, targetId: string): string => `${lattice}.${targetId}`
