import { AppError } from '../../../core/index.ts'
import { compileMatcher } from '../../matchers.ts'
import type { LabelChoice, LabelFormatItem } from '../ast.ts'
import { compileTemplate } from '../template/index.ts'
import { ERROR_DETAILS_LABEL, ERROR_LABEL, PARSED } from './label-set.ts'
import type { LineState, StageFunction } from './stage.ts'
import { runTemplate, TEMPLATE_ERROR } from './line-format.ts'

interface Choice {
  readonly name: string
  readonly test: ((value: string) => boolean) | undefined
}

function compileChoices(choices: readonly LabelChoice[]): Choice[] {
  return choices.map((choice) =>
    typeof choice === 'string'
      ? { name: choice, test: undefined }
      : { name: choice.name, test: compileMatcher(choice) },
  )
}

/** `| drop level, method="GET"`. */
export function createDropStage(choices: readonly LabelChoice[]): StageFunction {
  const compiled = compileChoices(choices)
  return (state) => {
    const { labels } = state
    for (const { name, test } of compiled) {
      if (name === ERROR_LABEL) {
        if (test === undefined || test(labels.error)) labels.forgetError()
      } else if (name === ERROR_DETAILS_LABEL) {
        if (test === undefined || test(labels.errorDetails)) labels.errorDetails = ''
      } else if (test === undefined || test(labels.get(name) ?? '')) {
        labels.delete(name)
      }
    }
    return true
  }
}

/** `| keep level, method="GET"`: errors stay, too. */
export function createKeepStage(choices: readonly LabelChoice[]): StageFunction {
  const compiled = compileChoices(choices)
  return ({ labels }) => {
    const dropped: string[] = []
    labels.forEach((name, value) => {
      if (!compiled.some((choice) => choice.name === name && choice.test?.(value) !== false)) dropped.push(name)
    })
    for (const name of dropped) labels.delete(name)
    return true
  }
}

/** `| label_format to=from, other="{{.template}}"`, one after the other. */
export function createLabelFormat(items: readonly LabelFormatItem[]): StageFunction {
  const names = new Set<string>()
  for (const { name } of items) {
    if (name === ERROR_LABEL) throw new AppError('invalid', `${name} cannot be formatted`)
    if (names.has(name)) {
      throw new AppError('invalid', `multiple label name '${name}' not allowed in a single format operation`)
    }
    names.add(name)
  }
  const actions = items.map(compileItem)
  return (state) => {
    // Templates of one stage all see the labels as they are when the first of them is run.
    let seen: Map<string, string> | undefined
    for (const action of actions) {
      seen = action(state, seen)
    }
    return true
  }
}

type Action = (state: LineState, seen: Map<string, string> | undefined) => Map<string, string> | undefined

function compileItem({ name, t, value }: LabelFormatItem): Action {
  if (t === 'rename') {
    return ({ labels }, seen) => {
      const text = labels.get(value)
      if (text === undefined) return seen
      labels.set(PARSED, name, text)
      labels.delete(value)
      return seen
    }
  }
  let template: ReturnType<typeof compileTemplate>
  try {
    template = compileTemplate(value, 'label')
  } catch (reason) {
    const { message } = AppError.from(reason)
    throw new AppError('invalid', `invalid template for label '${name}': ${message}`, { cause: reason })
  }
  return (state, before) => {
    const seen = before ?? labelMap(state)
    const result = runTemplate(template, state, seen)
    if ('problem' in result) state.labels.fail(TEMPLATE_ERROR, result.problem)
    else state.labels.set(PARSED, name, result.text)
    return seen
  }
}

function labelMap({ labels }: LineState): Map<string, string> {
  const map = new Map<string, string>()
  labels.forEach((name, value) => map.set(name, value))
  if (labels.error !== '') map.set(ERROR_LABEL, labels.error)
  if (labels.errorDetails !== '') map.set(ERROR_DETAILS_LABEL, labels.errorDetails)
  return map
}
