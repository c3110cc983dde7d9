// Every form of the lattice's tools: its fields, the call it makes and how a success is said. Those of what is kept by name
// are in forms-kept.ts; drawing and waiting are form-panel.tsx.

import type { Component, Failure, HostId } from '../../../preload/records.js'
import type { FormName, OpenTool } from '../../state/interaction.js'
import type { Words } from '../i18n/en.js'
import { type Field, pairsText, type Values } from './fields.js'
import { ask, asId, type FormSources, type FormSpec } from './form-spec.js'
import { configForm, registryForm, secretForm } from './forms-kept.js'

const asHost = (id: string): HostId => id as HostId // an option of the field, made from hosts

/** Undefined when what it is about is no more. */
export function formOf(tool: OpenTool & { readonly name: FormName }, from: FormSources): FormSpec | undefined {
  const { components, hosts } = from.lattice
  switch (tool.name) {
    case 'run':
      return runForm(tool.about, from)
    case 'provider':
      return providerForm(tool.about, from)
    case 'update': {
      const actor = components[tool.about]
      return actor === undefined ? undefined : updateForm(actor, from.words)
    }
    case 'scale': {
      const actor = components[tool.about]
      return actor === undefined ? undefined : scaleForm(actor, from.words)
    }
    case 'invoke':
      return invokeForm(tool.about, from.words)
    case 'request':
      return requestForm(tool.about, from.words)
    case 'label': {
      const host = hosts[tool.about]
      return host === undefined ? undefined : labelForm(host.id, host.friendlyName, from.words)
    }
    case 'link':
      return linkForm(tool.about, from)
    case 'config':
      return configForm(tool.about, from.words)
    case 'secret':
      return secretForm(from.words)
    case 'registry':
      return registryForm(from.words)
  }
}

function placeFields(about: string, { lattice, words }: FormSources): Field[] {
  const { field, form } = words.tools
  const hosts = Object.values(lattice.hosts).filter(({ liveness, v2 }) => liveness !== 'gone' && v2 === undefined)
  return [
    {
      name: 'host',
      label: field.host,
      kind: 'choice',
      initial: about,
      options: [['', form.anywhere], ...hosts.map(({ id, friendlyName }) => [id, friendlyName] as const)],
    },
    {
      name: 'constraints',
      label: field.constraints,
      kind: 'pairs',
      isOptional: true,
      placeholder: 'zone=home',
      when: { field: 'host', is: '' },
    },
  ]
}

function placeOf(values: Values) {
  const host = values.maybe('host')
  return host === undefined ? { constraints: values.pairs('constraints') } : { hostId: asHost(host), constraints: {} }
}

/** Nobody offered itself in an auction. */
const unplaced =
  ({ tools }: Words) =>
  (failure: Failure, values: Values): string | undefined => {
    if (failure.code !== 'not-found' || values.maybe('host') !== undefined) return undefined
    const labels = Object.entries(values.pairs('constraints')).map(([key, value]) => `${key}=${value}`)
    return tools.form.nobody(values.text('id'), labels.join(', '))
  }

function runForm(about: string, from: FormSources): FormSpec {
  const { run, field } = from.words.tools
  return {
    title: run.title,
    note: run.note,
    submit: run.submit,
    fields: [
      { name: 'id', label: field.id, kind: 'id' },
      { name: 'reference', label: field.reference, kind: 'text', placeholder: 'ghcr.io/owner/name:1.0' },
      ...placeFields(about, from),
      { name: 'count', label: field.count, kind: 'count', initial: '1' },
      { name: 'config', label: field.config, kind: 'names', isOptional: true },
      { name: 'annotations', label: field.annotations, kind: 'pairs', isOptional: true },
      { name: 'memory', label: field.memory, kind: 'count', isOptional: true },
      { name: 'seconds', label: field.seconds, kind: 'count', isOptional: true },
    ],
    trouble: unplaced(from.words),
    run: (shell, values) => {
      const limits = {
        ...(values.maybe('memory') === undefined ? {} : { max_memory_limit: values.text('memory') }),
        ...(values.maybe('seconds') === undefined ? {} : { max_execution_time: values.text('seconds') }),
      }
      return ask(
        shell,
        (hostId) => ({ title: run.done(values.text('id'), from.lattice.hosts[hostId]?.friendlyName ?? hostId) }),
        'component.run',
        {
          id: asId(values.text('id')),
          imageRef: values.text('reference'),
          count: values.count('count'),
          config: values.names('config'),
          annotations: values.pairs('annotations'),
          ...(Object.keys(limits).length === 0 ? {} : { limits }),
          ...placeOf(values),
        },
      )
    },
  }
}

function providerForm(about: string, from: FormSources): FormSpec {
  const { provider, field } = from.words.tools
  return {
    title: provider.title,
    note: provider.note,
    submit: provider.submit,
    fields: [
      { name: 'id', label: field.id, kind: 'id' },
      { name: 'reference', label: field.reference, kind: 'text', placeholder: 'wasmcloud+builtin://http-server' },
      ...placeFields(about, from),
      { name: 'config', label: field.config, kind: 'names', isOptional: true },
      { name: 'annotations', label: field.annotations, kind: 'pairs', isOptional: true },
    ],
    trouble: unplaced(from.words),
    run: (shell, values) =>
      ask(
        shell,
        (hostId) => ({ title: provider.done(values.text('id'), from.lattice.hosts[hostId]?.friendlyName ?? hostId) }),
        'provider.start',
        {
          id: asId(values.text('id')),
          imageRef: values.text('reference'),
          config: values.names('config'),
          annotations: values.pairs('annotations'),
          ...placeOf(values),
        },
      ),
  }
}

function updateForm(actor: Component, words: Words): FormSpec {
  const { update, field } = words.tools
  return {
    title: update.title(actor.id),
    note: update.note,
    submit: update.submit,
    fields: [
      { name: 'reference', label: field.newReference, kind: 'text', initial: actor.imageRef },
      {
        name: 'annotations',
        label: field.annotations,
        kind: 'pairs',
        isOptional: true,
        initial: pairsText(actor.annotations),
      },
    ],
    run: (shell, values) =>
      ask(
        shell,
        () => ({ title: update.done(actor.id) }),
        'component.update',
        actor.id,
        actor.hostId,
        values.text('reference'),
        values.pairs('annotations'),
      ),
  }
}

function scaleForm(actor: Component, words: Words): FormSpec {
  const { scale, field } = words.tools
  return {
    title: scale.title(actor.id),
    submit: scale.submit,
    fields: [{ name: 'count', label: field.count, kind: 'count', initial: String(actor.maxInstances) }],
    run: (shell, values) =>
      ask(
        shell,
        () => ({ title: scale.done(actor.id, values.text('count')) }),
        'component.scale',
        actor.id,
        actor.hostId,
        values.count('count'),
      ),
  }
}

function invokeForm(id: string, words: Words): FormSpec {
  const { invoke, field } = words.tools
  return {
    title: invoke.title(id),
    note: invoke.note,
    submit: invoke.submit,
    fields: [
      { name: 'target', label: field.invocation, kind: 'invocation', placeholder: 'example:hello/greeter@0.1.0.greet' },
    ],
    run: (shell, values) =>
      ask(shell, (text) => ({ title: invoke.done(id), text }), 'component.invoke', asId(id), values.text('target')),
  }
}

function requestForm(id: string, words: Words): FormSpec {
  const { request, invoke, field } = words.tools
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map((name) => [name, name] as const)
  return {
    title: request.title(id),
    note: request.note,
    submit: request.submit,
    fields: [
      { name: 'method', label: field.method, kind: 'choice', initial: 'GET', options: methods },
      { name: 'path', label: field.path, kind: 'path', initial: '/' },
      { name: 'authority', label: field.authority, kind: 'text', initial: 'localhost' },
      { name: 'headers', label: field.headers, kind: 'pairs', isOptional: true, placeholder: 'accept=text/plain' },
      { name: 'body', label: field.body, kind: 'text', isOptional: true },
    ],
    run: (shell, values) =>
      ask(
        shell,
        ({ status, headers, body }) => ({
          title: `${invoke.done(id)}: ${status}`,
          text: [...headers.map((pair) => pair.join(': ')), '', body].join('\n'),
        }),
        'component.request',
        asId(id),
        {
          method: values.text('method'),
          path: values.text('path'),
          authority: values.text('authority'),
          headers: values.pairs('headers'),
          body: values.text('body'),
        },
      ),
  }
}

function labelForm(hostId: HostId, name: string, words: Words): FormSpec {
  const { label, field } = words.tools
  return {
    title: label.title(name),
    note: label.note,
    submit: label.submit,
    fields: [
      { name: 'key', label: field.key, kind: 'text' },
      { name: 'value', label: field.value, kind: 'text', isOptional: true },
    ],
    run: (shell, values) =>
      ask(
        shell,
        () => ({ title: label.done(values.text('key'), name) }),
        'label.put',
        hostId,
        values.text('key'),
        values.text('value'),
      ),
  }
}

function linkForm(source: string, { words, lattice }: FormSources): FormSpec {
  const { link, field } = words.tools
  const ids = [
    ...new Set([...Object.values(lattice.components), ...Object.values(lattice.providers)].map((one) => one.id)),
  ]
  return {
    title: link.title,
    note: link.note,
    submit: link.submit,
    fields: [
      { name: 'source', label: field.source, kind: 'id', initial: source, placeholder: ids[0] },
      { name: 'target', label: field.target, kind: 'id', placeholder: ids[1] },
      { name: 'namespace', label: field.namespace, kind: 'word', placeholder: 'wasi' },
      { name: 'package', label: field.package, kind: 'word', placeholder: 'keyvalue' },
      { name: 'interfaces', label: field.interfaces, kind: 'names', placeholder: 'store atomics' },
      { name: 'name', label: field.linkName, kind: 'word', initial: 'default' },
      { name: 'sourceConfig', label: field.sourceConfig, kind: 'names', isOptional: true },
      { name: 'targetConfig', label: field.targetConfig, kind: 'names', isOptional: true },
    ],
    run: (shell, values) =>
      ask(shell, () => ({ title: link.done(values.text('source'), values.text('target')) }), 'link.put', {
        sourceId: values.text('source'),
        target: values.text('target'),
        name: values.text('name'),
        witNamespace: values.text('namespace'),
        witPackage: values.text('package'),
        interfaces: values.names('interfaces'),
        sourceConfig: values.names('sourceConfig'),
        targetConfig: values.names('targetConfig'),
      }),
  }
}
