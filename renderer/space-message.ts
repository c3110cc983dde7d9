// What is said in the middle of the space when it cannot be drawn: why, and what the person can do.

import type { StageTrouble } from './view/stage.js'

const texts = {
  en: {
    'no-webgl':
      'The space cannot be drawn: this computer gave the shell no WebGL. Switch on hardware acceleration or update the graphics driver. Windows and the table (T) work without it.',
    'context-lost': 'The graphics driver was restarted. The space comes back as soon as the driver is ready.',
  },
  ru: {
    'no-webgl':
      'Пространство нельзя нарисовать: этот компьютер не дал оболочке WebGL. Включите аппаратное ускорение или обновите драйвер видеокарты. Окна и таблица (T) работают и без него.',
    'context-lost': 'Драйвер видеокарты перезапущен. Пространство вернётся, как только драйвер будет готов.',
  },
} as const

/** Says it, or takes it back with `context-restored`. */
export function sayOnSpace(
  space: HTMLElement,
  trouble: StageTrouble | { readonly text: string },
  locale: 'en' | 'ru',
): void {
  space.querySelector('.stage-message')?.remove()
  if (trouble === 'context-restored') return
  const message = document.createElement('p')
  message.className = 'stage-message'
  message.setAttribute('role', 'alert')
  message.textContent = typeof trouble === 'string' ? texts[locale][trouble] : trouble.text
  space.append(message)
}
