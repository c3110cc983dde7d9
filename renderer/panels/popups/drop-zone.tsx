// A .wasm dropped anywhere on the page is installed, and started on the place under the pointer. While it hangs over the
// page, one line says where it would start.

import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Glyph } from '../glyphs.js'
import { useGround, useLattice, useTongue } from '../hooks.js'
import { installFile } from './install.js'

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true

export function DropZone(): ReactNode {
  const { perform, overlay } = useGround()
  const tongue = useTongue()
  const hosts = useLattice((state) => state.hosts)
  const [over, setOver] = useState<{ readonly hostId: string | undefined }>()
  const latest = useRef(tongue)
  latest.current = tongue
  useEffect(() => {
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event) || event.dataTransfer === null) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
      const hostId = overlay.hostAt(event.clientX, event.clientY)
      setOver((before) => (before !== undefined && before.hostId === hostId ? before : { hostId }))
    }
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(undefined)
    }
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(undefined)
      const hostId = overlay.hostAt(event.clientX, event.clientY)
      for (const file of [...(event.dataTransfer?.files ?? [])].slice(0, 8)) {
        void installFile(file, hostId, latest.current, perform)
      }
    }
    document.addEventListener('dragover', onOver)
    document.addEventListener('dragleave', onLeave)
    document.addEventListener('drop', onDrop)
    return () => {
      document.removeEventListener('dragover', onOver)
      document.removeEventListener('dragleave', onLeave)
      document.removeEventListener('drop', onDrop)
    }
  }, [overlay, perform])
  if (over === undefined) return undefined
  const name = over.hostId === undefined ? undefined : hosts[over.hostId]?.friendlyName
  return (
    <div className="drop-line" role="status">
      <Glyph name="file" size={16} />
      {name === undefined ? tongue.words.drop.desktop : tongue.words.drop.here(name)}
    </div>
  )
}
