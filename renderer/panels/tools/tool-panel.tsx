// Which panel of the lattice's tools is open.

import type { ReactNode } from 'react'
import { useInteraction } from '../hooks.js'
import { ApplicationsPanel } from './applications-panel.js'
import { CapturePanel } from './capture-panel.js'
import { ClaimsPanel } from './claims-panel.js'
import { ConfigsPanel } from './configs-panel.js'
import { PermitsPanel } from '../permits/permits-panel.js'
import { FormPanel } from './form-panel.js'
import { ManifestPanel } from './manifest-panel.js'
import { TrafficPanel } from './traffic-panel.js'

export function ToolPanel(): ReactNode {
  const tool = useInteraction((state) => state.tool)
  if (tool === undefined) return undefined
  const key = `${tool.name} ${tool.about}`
  switch (tool.name) {
    case 'applications':
      return <ApplicationsPanel key={key} opened={tool.about} />
    case 'configs':
      return <ConfigsPanel key={key} opened={tool.about} />
    case 'claims':
      return <ClaimsPanel key={key} />
    case 'capture':
      return <CapturePanel key={key} />
    case 'permits':
      return <PermitsPanel key={key} />
    case 'traffic':
      return <TrafficPanel key={key} componentId={tool.about} />
    case 'manifest':
      return <ManifestPanel key={key} />
    case 'run':
    case 'update':
    case 'scale':
    case 'invoke':
    case 'request':
    case 'provider':
    case 'label':
    case 'link':
    case 'config':
    case 'secret':
    case 'registry':
      return <FormPanel key={key} tool={{ ...tool, name: tool.name }} />
  }
}
