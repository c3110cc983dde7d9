// Errors of a request as `error-code` of wasi:http says them. Pure.

export interface HttpErrorCode {
  readonly tag: string
  readonly val?: unknown
}

const plain: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-terminated',
  EPIPE: 'connection-terminated',
  ETIMEDOUT: 'connection-timeout',
  ENETUNREACH: 'destination-IP-unroutable',
  EHOSTUNREACH: 'destination-IP-unroutable',
  EPROTO: 'TLS-protocol-error',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS-certificate-error',
  CERT_HAS_EXPIRED: 'TLS-certificate-error',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS-certificate-error',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS-certificate-error',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS-certificate-error',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS-certificate-error',
}

/** `code`: of the system or of Node's HTTP parser. */
export function httpErrorOf(code: string | undefined, message: string): HttpErrorCode {
  const tag = code !== undefined && Object.hasOwn(plain, code) ? plain[code] : undefined
  if (tag !== undefined) return { tag }
  if (code === 'HPE_HEADER_OVERFLOW') return { tag: 'HTTP-response-header-section-size', val: undefined }
  if (code?.startsWith('HPE_') === true) return { tag: 'HTTP-protocol-error' }
  if (code?.startsWith('ERR_SSL') === true) return { tag: 'TLS-protocol-error' }
  return { tag: 'internal-error', val: message }
}
