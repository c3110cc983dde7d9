// What a person calls the objects of a host that a guest may hold, by the names of their classes in WIT, for the message that
// one of them keeps it from being copied. Objects can have words of their own (recipes.ts).

const words: ReadonlyMap<string, string> = new Map([
  ['Descriptor', 'a file or directory'],
  ['DirectoryEntryStream', 'the listing of a directory'],
  ['Fields', 'headers of an HTTP message'],
  ['FutureIncomingResponse', 'an HTTP request under way'],
  ['FutureTrailers', 'the end of an HTTP message'],
  ['IncomingBody', 'the body of an HTTP message'],
  ['IncomingRequest', 'an HTTP request'],
  ['IncomingResponse', 'an HTTP response'],
  ['IncomingValue', 'an object of a blob store that it reads'],
  ['InputStream', 'a stream that it reads'],
  ['OutgoingBody', 'the body of an HTTP message'],
  ['OutgoingRequest', 'an HTTP request'],
  ['OutgoingResponse', 'an HTTP response'],
  ['OutgoingValue', 'an object of a blob store that it writes'],
  ['OutputStream', 'a stream that it writes'],
  ['Pollable', 'a wait for something of its host'],
  ['RequestOptions', 'limits of an HTTP request'],
  ['ResolveAddressStream', 'the look-up of a name'],
  ['ResponseOutparam', 'an HTTP request that it has not answered'],
  ['TcpSocket', 'a TCP socket'],
  ['UdpSocket', 'a UDP socket'],
])

/** `name`: of the class, as the glue or a bundler has it. */
export function wordsForClass(name: string): string {
  const bare = name.replace(/^_+/, '')
  return words.get(bare) ?? `a ${bare} of its host`
}
