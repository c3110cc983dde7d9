// Copies a text, and says that it did. Without the permission to write the clipboard the text can still be selected.

import { useState, type ReactNode } from 'react'
import { useTongue } from '../hooks.js'

export function CopyButton({ text }: { readonly text: string }): ReactNode {
  const { words } = useTongue()
  const [copied, setCopied] = useState<string>()
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(
      () => setCopied(text),
      () => setCopied(undefined),
    )
  }
  return (
    <button type="button" className="button" onClick={copy}>
      {copied === text ? words.copied : words.copy}
    </button>
  )
}
