// What a node said to an actor that might come, in Russian: nodes speak English and say beside it what they mean. A point that
// is not known here, of a newer node, stays as it was said. Pure.

import type { Verdict, VerdictPoint } from '../../preload/records.js'

type Args = VerdictPoint['args']

const text = (args: Args, name: string): string => String(args[name] ?? '')
const number = (args: Args, name: string): number => Number(args[name] ?? 0)

const decimals = new Intl.NumberFormat('ru-RU', { maximumFractionDigits: 1 })

function size(bytes: number): string {
  if (bytes < 1_024) return `${bytes}\u2009Б`
  if (bytes < 1_048_576) return `${decimals.format(Math.round(bytes / 1_024))}\u2009КиБ`
  return `${decimals.format(bytes / 1_048_576)}\u2009МиБ`
}

/** As parts of the line on the nameplate. */
const parts: Readonly<Record<string, (args: Args) => string>> = {
  'bytes-here': () => 'байты на месте',
  'bytes-fetch': (args) => `байты ещё забрать (${size(number(args, 'bytes'))})`,
  links: (args) => `связей ${text(args, 'count')} из ${text(args, 'count')}`,
  'last-pause': (args) => `прошлая пауза ${text(args, 'ms')}\u2009мс`,
  'starts-empty': () => 'начнёт с пустой памятью',
  runs: () => 'уже работает здесь',
  full: () => 'нет места ещё для одного компонента',
  cordoned: () => 'закрыт для новых',
  handles: (args) => `пропали бы отданные ресурсы: ${text(args, 'count')}`,
  label: (args) => `нужна метка ${text(args, 'key')}=${text(args, 'value')}`,
  lacks: (args) => `нет ${text(args, 'interface')}`,
  'no-bytes': (args) => `не может получить ${text(args, 'image')}`,
  memory: (args) => `нужно ${size(number(args, 'needed'))} памяти, свободно ${size(number(args, 'free'))}`,
  gone: () => 'его больше нет',
  stale: () => 'с ним нет связи',
  foreign: () => 'узел wasmCloud не умеет забирать байты по ссылке tlos://',
  v2: () => 'это хост wasmCloud v2: он берёт нагрузки только от своего оператора',
  silent: () => 'он не ответил',
}

/** As rows of the card. */
const rows: Readonly<Record<string, (args: Args) => readonly [label: string, value: string]>> = {
  'state-exported': () => ['Память', 'едет с ним: сохраняется и загружается'],
  'state-snapshot': () => ['Память', 'едет с ним: снимок памяти'],
  'state-lost': () => ['Память', 'остаётся: начнёт с пустой'],
  'state-none': () => ['Память', 'ничего не хранит'],
  'bytes-here': () => ['Байты', 'на месте'],
  'bytes-fetch': (args) => ['Байты', `забрать, ${size(number(args, 'bytes'))}`],
  'last-pause': (args) => ['Прошлая пауза', `${text(args, 'ms')}\u2009мс`],
  'cable-inside': (args) => [`Кабель к ${text(args, 'target')}`, 'внутри процесса'],
  'cable-lattice': (args) => [`Кабель к ${text(args, 'target')}`, 'через lattice'],
}

const heads: Readonly<Record<Verdict['kind'], string>> = { accepts: 'примет', but: 'примет', refuses: 'отказ' }

/** The same verdict as it is shown in this language. */
export function localizeVerdict(verdict: Verdict, locale: 'en' | 'ru'): Verdict {
  if (locale === 'en') return verdict
  const said = verdict.points?.map(({ code, args }) => parts[code]?.(args))
  const isKnown = said !== undefined && said.length > 0 && said.every((part) => part !== undefined)
  return {
    ...verdict,
    summary: isKnown ? `${heads[verdict.kind]}: ${said.join(', ')}` : verdict.summary,
    details: verdict.details.map((row) => {
      if (row.point === undefined) return row
      const { code, args } = row.point
      const refusal = row.tone === 'bad' ? parts[code]?.(args) : undefined
      const [label, value] = refusal === undefined ? (rows[code]?.(args) ?? [row.label, row.value]) : ['Отказ', refusal]
      return { ...row, label, value }
    }),
  }
}
