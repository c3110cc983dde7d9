// What the providers that come with a tLOS node are called in Russian: nodes say their names in English. Others keep the name
// that whoever made them gave them. Pure.

import type { Provider } from '../../preload/records.js'

const russian: Readonly<Record<string, string>> = {
  'Key-value store': 'Ключи и значения',
  'Blob store': 'Хранилище файлов',
  Messaging: 'Обмен сообщениями',
  'HTTP server': 'Сервер HTTP',
}

export function providerName({ id, name }: Pick<Provider, 'id' | 'name'>, locale: 'en' | 'ru'): string {
  const given = name ?? id
  return locale === 'ru' && Object.hasOwn(russian, given) ? (russian[given] ?? given) : given
}
