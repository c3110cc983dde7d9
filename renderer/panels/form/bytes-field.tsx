// A field for `list<u8>`: written as text or hex, or taken from a file that the person chooses.

import { useRef, type ReactNode } from 'react'
import { useTongue } from '../hooks.js'
import type { Draft } from './draft.js'

type BytesDraft = Extract<Draft, { kind: 'bytes' }>

/** Larger ones would not fit into one call anyway. */
const fileLimit = 16 * 1_048_576

export function BytesField({
  draft,
  label,
  onDraft,
}: {
  readonly draft: BytesDraft
  readonly label: string
  readonly onDraft: (draft: Draft) => void
}): ReactNode {
  const { words, format } = useTongue()
  const chooser = useRef<HTMLInputElement>(null)
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined || file.size > fileLimit) return
    onDraft({ kind: 'bytes', mode: 'file', text: '', file: new Uint8Array(await file.arrayBuffer()) })
  }
  return (
    <div className="form-inline">
      {draft.mode === 'file' ? (
        <span className="mono grow">{words.form.bytesSize(format.bytes(draft.file?.length ?? 0))}</span>
      ) : (
        <input
          type="text"
          className="field"
          style={{ flex: '1 1 80px' }}
          aria-label={label}
          value={draft.text}
          spellCheck={false}
          onChange={(event) => onDraft({ ...draft, text: event.currentTarget.value })}
        />
      )}
      <select
        className="field"
        style={{ width: 'auto' }}
        aria-label={`${label}: ${words.form.asText}, ${words.form.asHex}`}
        value={draft.mode}
        onChange={(event) => {
          const mode = event.currentTarget.value
          if (mode === 'text' || mode === 'hex') onDraft({ kind: 'bytes', mode, text: draft.text })
          else chooser.current?.click()
        }}
      >
        <option value="text">{words.form.asText}</option>
        <option value="hex">{words.form.asHex}</option>
        <option value="file">{words.form.chooseFile}</option>
      </select>
      <input ref={chooser} type="file" hidden onChange={(event) => void take(event.currentTarget.files?.[0])} />
    </div>
  )
}
