// What a dropped or chosen file is, found out before it is read whole: name, size, first bytes. Pure.

/** As much as the image store of a lattice takes (`main/lattice/images.ts`); a larger file is not even read. */
export const sizeLimitBytes = 50 * 1_048_576

export type FileVerdict = 'fine' | 'not-wasm' | 'too-large' | 'empty' | 'not-component'

/** By name and size alone. */
export function judgeFile(name: string, sizeBytes: number): Exclude<FileVerdict, 'not-component'> {
  if (!name.toLowerCase().endsWith('.wasm')) return 'not-wasm'
  if (sizeBytes === 0) return 'empty'
  return sizeBytes > sizeLimitBytes ? 'too-large' : 'fine'
}

/** By its first bytes: `\0asm`. Core module or component is for main to tell, in its own words. */
export function judgeHead(head: Uint8Array): 'fine' | 'not-component' {
  const magic = [0x00, 0x61, 0x73, 0x6d]
  return magic.every((byte, index) => head[index] === byte) ? 'fine' : 'not-component'
}
