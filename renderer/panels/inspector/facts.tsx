// Sections and label-value rows of the inspector, and a sample of a cable as it is drawn on the plane.

import type { ReactNode } from 'react'
import type { CableNode } from '../../scene/types.js'

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  )
}

/** Rows without a value are left out. */
export function Facts({
  rows,
}: {
  readonly rows: readonly { readonly label: string; readonly value: ReactNode; readonly isMono?: boolean }[]
}): ReactNode {
  return (
    <dl className="facts">
      {rows
        .filter(({ value }) => value !== undefined)
        .map(({ label, value, isMono }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={isMono === true ? 'mono selectable' : 'selectable'}>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

/** The line of a transport as on the plane: one, two, or one thick. */
export function CableSample({ transport }: { readonly transport: CableNode['transport'] | undefined }): ReactNode {
  return (
    <svg className={`cable-sample ${transport ?? 'lattice'}`} width="30" height="8" aria-hidden="true">
      {transport === 'in-process' ? (
        <path d="M0 4h30" strokeWidth="1.75" />
      ) : transport === 'worker' ? (
        <path d="M0 2.2h30M0 5.8h30" strokeWidth="1.5" />
      ) : (
        <path d="M0 4h30" strokeWidth="3.5" />
      )}
    </svg>
  )
}
