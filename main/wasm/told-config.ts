// What one instance was told of its configuration, and that it is told when it changes. Pure but for who is told.

import type { ConfigSource, ConfigValues, StartOptions } from './types.js'

const isSource = (config: StartOptions['config']): config is ConfigSource =>
  // A value of a plain configuration is text.
  typeof config === 'object' && typeof config['current'] === 'function'

export const currentOf = (config: StartOptions['config']): ConfigValues =>
  isSource(config) ? config.current() : (config ?? {})

export interface ToldConfig {
  /** It can be told now: what has changed meanwhile is told at once. */
  begin(): void
  end(): void
}

/** `tell` resolves when the instance reads what it was told. */
export function watchConfig(
  config: StartOptions['config'],
  first: ConfigValues,
  tell: (values: ConfigValues) => Promise<void>,
): ToldConfig {
  if (!isSource(config)) return { begin: () => undefined, end: () => undefined }
  let told = JSON.stringify(first)
  let telling: Promise<void> = Promise.resolve()
  let hasBegun = false

  const look = (): Promise<void> => {
    // Its start is not over: nothing reads, and `begin` comes before anything else.
    if (!hasBegun) return Promise.resolve()
    const values = config.current()
    const text = JSON.stringify(values)
    if (text === told) return telling
    told = text
    // Messages keep their order: when the last has arrived, those before it have.
    telling = tell(values).catch(() => undefined) // gone, and with it whoever reads
    return telling
  }
  const stop = config.onChanged(look)
  return {
    begin() {
      hasBegun = true
      void look()
    },
    end: stop,
  }
}
