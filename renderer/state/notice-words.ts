// What main and other nodes raised, in Russian: they speak English and say beside it what they mean. A notice that is not known
// here, of a newer node, stays as it was said; so does what the system or another program said itself (`detail`). Pure.

import type { FailureCode, Notice, SaidPoint } from '../../preload/records.js'

type Args = SaidPoint['args']
interface Said {
  readonly title: string
  readonly text: string
}

const word = (args: Args, name: string): string => String(args[name] ?? '')
/** The end of a text: what somebody else said, as it was said. */
const detail = (args: Args): string => (word(args, 'detail') === '' ? '' : ` Подробности: ${word(args, 'detail')}`)

/** What kind of failure it was; what exactly, main says itself, in English. */
const failureKinds: Readonly<Record<FailureCode, string>> = {
  refused: 'В этом отказано.',
  unreachable: 'Там никто не отвечает, или связи нет.',
  'timed-out': 'За отведённое время ответа не было.',
  'not-found': 'Того, что нужно для этого, нет.',
  conflict: 'Это уже есть, или кто-то успел раньше.',
  invalid: 'То, что было дано, для этого не годится.',
  'too-large': 'Это больше, чем можно.',
  unavailable: 'Сейчас это здесь невозможно.',
  trapped: 'Сбой внутри самого компонента.',
  cancelled: 'Это было отменено.',
  internal: 'Это ошибка самой оболочки.',
}

/** Subjects of the bus, with what may not be done with them. */
const subjectsOf = (args: Args): string =>
  [
    word(args, 'publish') === '' ? '' : `публиковать в ${word(args, 'publish')}`,
    word(args, 'subscribe') === '' ? '' : `подписываться на ${word(args, 'subscribe')}`,
    Number(args['more'] ?? 0) === 0 ? '' : `и ещё ${word(args, 'more')}`,
  ]
    .filter((part) => part !== '')
    .join(', ')

/** What becomes of the memory of an actor that failed, by how it is kept. */
const memoryLost: Readonly<Record<string, string>> = {
  exported: ' То, что было в памяти с последнего сохранения, пропало.',
  snapshot: ' То, что было в памяти, пропало.',
  none: '',
}

const lossText: Readonly<Record<string, (actor: string) => string>> = {
  exported: (actor) =>
    `То, что ${actor} держал в памяти с последнего сохранения, пропало. Здесь он продолжит с сохранённого, если оно есть.`,
  snapshot: (actor) => `То, что ${actor} держал в памяти, пропало. Его можно запустить здесь; он начнёт заново.`,
  none: (actor) => `${actor} можно запустить здесь; он начнёт заново.`,
  unknown: (actor) => `Если ${actor} держал что-то в памяти, оно пропало. Его можно запустить здесь.`,
}

const lostState = (args: Args, text: string): Said => ({ title: `${word(args, 'actor')}: память пропала`, text })

/** By the codes that `main` gives (`said`). */
const sayings: Readonly<Record<string, (args: Args) => Said>> = {
  failure: (args) => ({
    // Made where the deed was done, in the language of then.
    title: word(args, 'title'),
    text: `${Object.hasOwn(failureKinds, word(args, 'kind')) ? failureKinds[word(args, 'kind') as FailureCode] : ''}${detail(args)}`.trim(),
  }),
  'credentials-narrow': (args) => ({
    title: 'Сервер NATS разрешает не всё, что нужно оболочке',
    text: `С этими учётными данными нельзя: ${subjectsOf(args)}. Что на этом держится, работать не будет.`,
  }),
  'provider-not-started': (args) => ({
    title: `${word(args, 'provider')} разрешён, но не запустился`,
    text: detail(args).trim(),
  }),
  'server-down': (args) => ({
    title: 'Сервер NATS не работает',
    text: `Он завершился несколько раз подряд и больше не запускается сам.${detail(args)}`,
  }),
  'lattice-data': (args) => ({
    title: 'Данные lattice',
    text: `Часть их не читается; она отложена в сторону, и эта часть начата заново.${detail(args)}`,
  }),
  'node-not-started': (args) => ({
    title: `Местный узел «${word(args, 'name')}» не запустился`,
    text: detail(args).trim(),
  }),
  'first-actors': (args) => ({ title: 'Первые акторы не запустились', text: detail(args).trim() }),
  'file-unreadable': (args) => ({
    title: 'Файл оболочки не читается',
    text: `Он отложен в сторону, взят прежний или новый.${detail(args)}`,
  }),
  'stray-error': (args) => ({
    title: 'В оболочке случилась ошибка, которой она не ждала',
    text: `Она работает дальше; то, что делалось в этот миг, могло не произойти. Остальное есть в её журнале.${detail(args)}`,
  }),
  'not-opened': (args) => ({ title: `${word(args, 'file')} не открыт`, text: detail(args).trim() }),
  'actor-failed': (args) => {
    const where = word(args, 'host') === '' ? '' : ` на «${word(args, 'host')}»`
    const next =
      args['next'] === undefined
        ? ''
        : args['next'] === 'again'
          ? 'Он запускается заново.'
          : 'Он отказывал слишком часто и оставлен в покое.'
    return {
      title: `Сбой: ${word(args, 'actor')}${where}`,
      text: `${next}${memoryLost[word(args, 'stateKind')] ?? ''}${detail(args)}`.trim(),
    }
  },
  'actor-older': (args) =>
    lostState(
      args,
      `Его узел погиб. Он продолжает с сохранённого в ${word(args, 'since')}; то, что было потом, пропало.`,
    ),
  'actor-empty': (args) => lostState(args, 'Его узел погиб, а сохранено ничего не было. Он начинает с пустой памятью.'),
  'actor-begins-afresh': (args) =>
    lostState(args, `Он начинает заново: того, что было в памяти, когда его узел завершился, нет.${detail(args)}`),
  'actor-not-saved': (args) => lostState(args, `Его состояние не удалось сохранить.${detail(args)}`),
  'gone-with-node': (args) => ({
    title: `${word(args, 'actor')} пропал вместе с «${word(args, 'host')}»`,
    text: `«${word(args, 'host')}» был на связи в ${word(args, 'time')}. ${lossText[word(args, 'stateKind')]?.(word(args, 'actor')) ?? ''}`,
  }),
  granted: (args) => ({ title: `${word(args, 'actor')} теперь может: ${word(args, 'what')}`, text: 'Запущен заново.' }),
  taken: (args) => ({
    title: `${word(args, 'actor')} больше не может: ${word(args, 'what')}`,
    text: 'Запущен заново.',
  }),
}

/** Title and text of a notice in this language. */
export function noticeWords(notice: Pick<Notice, 'title' | 'text' | 'said'>, locale: 'en' | 'ru'): Said {
  const { title, text, said } = notice
  if (locale === 'en' || said === undefined || !Object.hasOwn(sayings, said.code)) return { title, text }
  return sayings[said.code]?.(said.args) ?? { title, text }
}
