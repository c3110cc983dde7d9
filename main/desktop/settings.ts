// The files in which the desktop keeps what must outlive it: names, schemas, first values. The entry opens each with
// `openStateFile` and hands the parts what they keep; the parts know only `Kept`.

import * as v from 'valibot'
import { ChildRecords } from './children.js'
import { Ports } from './nats-config.js'
import { WindowPlace } from './window-place.js'

/** What a person arranged: saved as the renderer gives it. */
const Workspace = v.nullable(v.record(v.string(), v.unknown()))

const file = <T>(name: string, schema: v.GenericSchema<unknown, T>, initial: T) => ({ name, schema, initial })

export const stateFiles = {
  workspace: file('workspace', Workspace, null),
  window: file('window', v.nullable(WindowPlace), null),
  ports: file('nats-ports', v.nullable(Ports), null),
  children: file('children', ChildRecords, []),
}
