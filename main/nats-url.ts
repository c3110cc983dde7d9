// Credentials written into a NATS URL (`nats://user:password@host`, `ws://token@host`), taken out of it: the clients do not
// read them there, and a URL that is shown or logged must not carry them. Text in, values out.

export interface NatsAddress {
  readonly url: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
}

/** Credentials beside the URL stay as they are when it carries none. A text that is no URL is given back as it is. */
export function separateCredentials<T extends NatsAddress>(address: T): T {
  let parsed: URL
  try {
    parsed = new URL(address.url)
  } catch {
    return address
  }
  const { username, password } = parsed
  if (username === '' && password === '') return address
  const url = address.url.replace(/\/\/[^/?#]*@/, '//')
  if (password === '') return { ...address, url, token: decode(username) }
  return { ...address, url, user: decode(username), password: decode(password) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign that stands for itself.
    return text
  }
}

/** The other way round, for programs that read credentials in the URL alone. Not to be shown or logged. */
export function joinCredentials({ url, user, password, token }: NatsAddress): string {
  const first = user ?? token
  if (first === undefined || first === '') return url
  const given = password === undefined ? '' : `:${encodeURIComponent(password)}`
  return url.replace('//', `//${encodeURIComponent(first)}${user === undefined ? '' : given}@`)
}
