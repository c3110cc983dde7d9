// The hidden field behind every "choose a .wasm file": its button is wherever the panel has one, and clicks it through the
// reference.

import type { ReactNode, RefObject } from 'react'

export function FileChooser({
  field,
  onFile,
}: {
  readonly field: RefObject<HTMLInputElement | null>
  readonly onFile: (file: File) => void
}): ReactNode {
  return (
    <input
      ref={field}
      type="file"
      accept=".wasm"
      hidden
      onChange={(event) => {
        const file = event.currentTarget.files?.[0]
        // The same file may be chosen again.
        event.currentTarget.value = ''
        if (file !== undefined) onFile(file)
      }}
    />
  )
}
