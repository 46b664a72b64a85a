import { AppError } from '../../../core/index.ts'
import { compileTemplate, type Template, TemplateError } from '../template/index.ts'
import type { LineState, StageFunction } from './stage.ts'

export const TEMPLATE_ERROR = 'TemplateFormatErr'

/** `| line_format "{{.method}} {{.path}}"`. */
export function createLineFormat(text: string): StageFunction {
  let template: Template
  try {
    template = compileTemplate(text, 'line')
  } catch (reason) {
    throw new AppError('invalid', `invalid line template: ${AppError.from(reason).message}`, { cause: reason })
  }
  return (state) => {
    const result = runTemplate(template, state, { get: (name) => state.labels.get(name) })
    if ('problem' in result) state.labels.fail(TEMPLATE_ERROR, result.problem)
    else state.line = result.text
    return true
  }
}

/** What a template makes of a line and its labels, or what went wrong. */
export function runTemplate(
  template: Template,
  { line, timeNs }: LineState,
  labels: { get(name: string): string | undefined },
): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: template.execute({ line, timeNs, label: (name) => labels.get(name) }) }
  } catch (reason) {
    if (!(reason instanceof TemplateError)) throw reason
    return { problem: reason.message }
  }
}
