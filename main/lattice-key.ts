// What a lattice is called in this machine's own files. Its name alone is not enough: anybody can run a server and name a
// lattice like yours. Neither is anything that the server says of itself (its id changes at each start, and what is stored in
// a lattice can be copied), so it is the address that a person told us to connect to.

/** `NAME at URL`: scheme, host and port; without credentials, path and everything else. */
export function latticeKey(lattice: string, url: string): string {
  return `${lattice} at ${addressOf(url)}`
}

/** For a server whose address is not to be relied on, such as the one that a shell starts on whatever port is free. */
export const namedLatticeKey = (lattice: string, serverName: string): string => `${lattice} at ${serverName}`

function addressOf(url: string): string {
  try {
    const { protocol, host } = new URL(url)
    return `${protocol}//${host.toLowerCase()}`
  } catch {
    return url
  }
}
