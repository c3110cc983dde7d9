// The destructive deeds as questions, written once for the title bar, the inspector, the palette and the table. Pure.

import type { Question } from '../hooks.js'
import type { Words } from '../i18n/en.js'

export function stopQuestion(
  words: Words,
  actor: { readonly title: string; readonly hostName: string },
  deed: () => void,
): Question {
  return {
    title: words.confirm.stopActor(actor.title, actor.hostName),
    text: words.confirm.stopActorText,
    yes: words.inspector.stop,
    deed,
  }
}

export function restartQuestion(words: Words, name: string, deed: () => void): Question {
  return {
    title: words.confirm.restartActor(name),
    text: words.confirm.restartActorText,
    yes: words.inspector.restart,
    deed,
  }
}

export function stopNodeQuestion(words: Words, name: string, deed: () => void): Question {
  return { title: words.confirm.stopNode(name), text: words.confirm.stopNodeText, yes: words.inspector.stopNode, deed }
}

export function forgetQuestion(words: Words, name: string, deed: () => void): Question {
  return { title: words.confirm.forget(name), text: words.confirm.forgetText, yes: words.inspector.forget, deed }
}

export function uninstallQuestion(words: Words, name: string, deed: () => void): Question {
  return { title: words.confirm.uninstall(name), text: words.confirm.uninstallText, yes: words.form.remove, deed }
}

export function stopProviderQuestion(words: Words, id: string, deed: () => void): Question {
  const say = words.tools.provider
  return { title: `${say.stop(id)}?`, text: say.stopText, yes: say.stopYes, deed }
}

export function cutQuestion(words: Words, source: string, target: string, deed: () => void): Question {
  return { title: words.confirm.cut(source, target), text: words.confirm.cutText, yes: words.cable.cut, deed }
}

/** Of one source, or of the whole lattice. */
export function cutAllQuestion(words: Words, source: string | undefined, count: number, deed: () => void): Question {
  const say = words.tools.cutAll
  const title = source === undefined ? say.question(count) : say.questionFrom(source, count)
  return { title, text: source === undefined ? say.text : say.textFrom, yes: words.cable.cut, deed }
}
