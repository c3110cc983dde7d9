// Every shortcut, in groups.

import type { ReactNode } from 'react'
import { useTongue } from '../hooks.js'
import { Popup } from './popup.js'

export function ShortcutsSheet(): ReactNode {
  const { words } = useTongue()
  const say = words.shortcuts
  const groups: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      say.looking,
      [
        ['F', say.flatten],
        ['0', say.fit],
        ['Ctrl + / −', say.zoom],
      ],
    ],
    [
      say.windows,
      [
        ['Ctrl `', say.next],
        ['M', say.moveByKeyboard],
        ['← → ↑ ↓', say.arrows],
        ['Enter', say.enter],
        ['Alt ← → ↑ ↓', say.resize],
        ['L', say.link],
        ['Delete', say.delete],
        ['I', say.inspect],
        ['Ctrl Z, Ctrl Shift Z', say.undo],
      ],
    ],
    [
      say.shell,
      [
        ['Ctrl K', say.palette],
        ['T', say.table],
        ['E', say.events],
        ['Esc', say.escape],
        ['?', say.help],
      ],
    ],
  ]
  return (
    <Popup className="shortcuts" title={say.title}>
      <div className="popup-body">
        {groups.map(([title, rows]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl className="facts">
              {rows.map(([keys, text]) => (
                <div key={keys}>
                  <dt>
                    <kbd className="key">{keys}</kbd>
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Popup>
  )
}
