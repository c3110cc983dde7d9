// What signed components and providers of the lattice say of themselves.

import { useCallback, type ReactNode } from 'react'
import { useGround, useTongue } from '../hooks.js'
import { Popup } from '../popups/popup.js'
import { useAsked } from './use-asked.js'

const everyMs = 5_000

export function ClaimsPanel(): ReactNode {
  const { shell } = useGround()
  const { words } = useTongue()
  const say = words.tools.claims
  const ask = useCallback(() => shell.call('claims.list'), [shell])
  const { value: claims, failure } = useAsked(ask, everyMs)
  const columns = [
    [say.name, 'name'],
    [say.subject, 'sub'],
    [say.issuer, 'iss'],
    [say.version, 'version'],
    [say.tags, 'tags'],
  ] as const
  return (
    <Popup className="tool-wide lattice-table claims" title={say.title}>
      <div className="popup-body">
        {failure === undefined ? undefined : (
          <p className="bad selectable" role="alert">
            {failure.message}
          </p>
        )}
        {claims?.length === 0 ? <p className="muted">{say.none}</p> : undefined}
        {claims === undefined || claims.length === 0 ? undefined : (
          <table aria-label={say.title}>
            <thead>
              <tr>
                {columns.map(([title]) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {claims.map((one) => (
                <tr key={one['sub'] ?? JSON.stringify(one)}>
                  {columns.map(([title, key]) => (
                    <td key={title} className={key === 'sub' || key === 'iss' ? 'mono selectable' : 'selectable'}>
                      {one[key] ?? ''}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Popup>
  )
}
