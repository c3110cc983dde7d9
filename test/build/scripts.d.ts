// Types of the scripts of build/ that tests call. The scripts are plain JavaScript, so that node runs them from a fresh
// clone without a build.

declare module '*/build/arguments.mjs' {
  export function resolvePaths(
    args: readonly string[],
    world?: { resolve?: (typed: string) => string; exists?: (file: string) => boolean },
  ): string[]
}

declare module '*/build/bench.mjs' {
  interface Row {
    readonly name: string
    readonly value: number
    readonly unit: string
    readonly baseline?: number
    readonly ratio?: number
    readonly aim?: number
  }
  interface JudgedRow extends Row {
    readonly kept?: boolean
  }
  export function judge(row: Row): JudgedRow
  export function table(rows: readonly JudgedRow[]): string
}

declare module '*/build/empty-app.mjs' {
  export function buildEmptyApp(): Promise<string>
}

declare module '*/build/fpm.mjs' {
  interface Parsed {
    readonly options: Readonly<Record<string, string>>
    readonly depends: readonly string[]
    readonly recommends: readonly string[]
    readonly files: readonly string[]
  }
  export function parse(args: readonly string[]): Parsed
  export function control(parsed: Parsed, installedKib: number): string
}

declare module '*/build/icons.mjs' {
  export const sizes: readonly number[]
  export function svg(): string
  export function png(size: number): Buffer
}

declare module '*/build/setup/debian.mjs' {
  export function packagesFor(libraries: readonly string[]): {
    readonly packages: readonly (readonly string[])[]
    readonly unknown: readonly string[]
  }
}

declare module '*/build/setup/display.mjs' {
  export function startDisplay(xvfb: string): Promise<{
    readonly env: { readonly DISPLAY: string; readonly XAUTHORITY: string }
    stop(): Promise<void>
  }>
}

declare module '*/build/setup/lock.mjs' {
  export function withLock<T>(
    file: string,
    work: () => Promise<T>,
    options?: { waitMs?: number; staleMs?: number; onWait?: () => void },
  ): Promise<T>
}

declare module '*/build/package.mjs' {
  export function pack(options: {
    runtime: string
    electronVersion: string
    release: string
    stdio?: 'ignore'
  }): Promise<string>
}

declare module '*/build/complete-lock.mjs' {
  interface Lock {
    readonly packages: Readonly<
      Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>>; readonly version?: string }>
    >
  }
  interface Platform {
    readonly cpu: readonly string[]
    readonly os?: readonly string[]
    readonly libc?: readonly string[]
  }
  export function missingEntries(lock: Lock): readonly (readonly [string, Platform & { readonly version: string }])[]
  export function platformOf(name: string): Platform | undefined
}
