// Whether a file is a program of this machine, by its first bytes. Asked before it is started: where the system cannot execute a
// file, the C library gives it to a shell instead, line by line, and a program for another processor is no list of commands. Pure.

/** `e_machine` of ELF by Node's names. */
const elfMachines: Readonly<Record<string, number>> = { ia32: 3, arm: 40, x64: 62, arm64: 183, riscv64: 243 }
const machMagics = ['cffaedfe', 'cafebabe', 'feedfacf']

/** Bytes that `findExecutableTrouble` looks at. */
export const headerBytes = 64

/** What is wrong with it; undefined when nothing is. */
export function findExecutableTrouble(header: Uint8Array, arch: string, platform: string): string | undefined {
  const isText = (at: number, text: string): boolean => [...text].every((c, i) => header[at + i] === c.charCodeAt(0))
  if (platform === 'win32') return isText(0, 'MZ') ? undefined : 'it is no program for Windows'
  if (isText(0, '#!')) return undefined
  if (platform === 'darwin') {
    const magic = [...header.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return machMagics.includes(magic) ? undefined : 'it is no program for macOS'
  }
  if (header[0] !== 0x7f || !isText(1, 'ELF')) return 'it is neither an ELF program nor a script'
  const [low = 0, high = 0] = header.subarray(18, 20)
  const machine = header[5] === 2 ? (low << 8) | high : low | (high << 8)
  const wanted = elfMachines[arch]
  return wanted === undefined || machine === wanted ? undefined : 'it is a program for another processor'
}
