// Forms of what a lattice keeps by name: configurations, references to secrets, credentials of registries.

import type { Words } from '../i18n/en.js'
import { pairsText } from './fields.js'
import { ask, type FormSpec } from './form-spec.js'

export function configForm(about: string, words: Words): FormSpec {
  const { config, field } = words.tools
  return {
    title: config.formTitle,
    note: config.formNote,
    submit: config.submit,
    fields: [
      { name: 'name', label: field.name, kind: 'word', initial: about, isFixed: about !== '' },
      { name: 'values', label: field.values, kind: 'pairs', isOptional: true },
    ],
    load:
      about === ''
        ? undefined
        : async (shell) => {
            const outcome = await shell.call('config.read', about)
            if (!outcome.ok) return outcome
            if (outcome.value === null) {
              return { ok: false, failure: { code: 'not-found', message: config.gone, about } }
            }
            return { ok: true, value: { values: pairsText(outcome.value) } }
          },
    run: (shell, values) =>
      ask(
        shell,
        () => ({ title: config.done(values.text('name')) }),
        'config.put',
        values.text('name'),
        values.pairs('values'),
      ),
  }
}

export function secretForm(words: Words): FormSpec {
  const { config, field } = words.tools
  return {
    title: config.secretTitle,
    note: config.secretNote,
    submit: config.submit,
    fields: [
      { name: 'name', label: field.name, kind: 'word' },
      { name: 'backend', label: field.backend, kind: 'word', placeholder: 'nats-kv' },
      { name: 'key', label: field.secretKey, kind: 'text' },
      { name: 'field', label: field.secretField, kind: 'text', isOptional: true },
      { name: 'version', label: field.version, kind: 'text', isOptional: true },
      { name: 'policy', label: field.policy, kind: 'pairs', isOptional: true },
    ],
    run: (shell, values) =>
      ask(shell, () => ({ title: config.done(values.text('name')) }), 'secret.put', values.text('name'), {
        backend: values.text('backend'),
        key: values.text('key'),
        field: values.maybe('field'),
        version: values.maybe('version'),
        policyProperties: values.pairs('policy'),
      }),
  }
}

export function registryForm(words: Words): FormSpec {
  const { registry, field } = words.tools
  return {
    title: registry.title,
    note: registry.note,
    submit: registry.submit,
    fields: [
      { name: 'registry', label: field.registry, kind: 'text', placeholder: 'ghcr.io' },
      { name: 'user', label: field.user, kind: 'text', isOptional: true },
      { name: 'password', label: field.password, kind: 'secret', isOptional: true },
      { name: 'token', label: field.token, kind: 'secret', isOptional: true },
    ],
    run: (shell, values) =>
      ask(
        shell,
        (count) => ({
          title: count === 0 ? registry.nobody(values.text('registry')) : registry.done(count, values.text('registry')),
        }),
        'registry.put',
        values.text('registry'),
        {
          username: values.maybe('user'),
          password: values.maybe('password'),
          token: values.maybe('token'),
        },
      ),
  }
}
