// Under which name a guest's secrets are asked for, by the worker of the host. Pure; the host's side loads no code of the worker.

/** Without version. */
export const secretsStore = 'wasmcloud:secrets/store'
