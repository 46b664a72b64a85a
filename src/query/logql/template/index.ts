import { Execution } from './execute.ts'
import { isFunctionName, type TemplateContext } from './functions/index.ts'
import type { Action, Pipeline } from './nodes.ts'
import { parseTemplate } from './parse.ts'

export { TemplateError } from './template-error.ts'

/** A template that was read once and is run for each line. */
export interface Template {
  /** Throws TemplateError. It sees the line, its time and its labels, and nothing else. */
  execute(context: TemplateContext): string
}

const SHOWN = 20

/** Reads a template in Go's language with the functions of Loki. Throws AppError `invalid`. */
export function compileTemplate(template: string, name: string): Template {
  const actions = parseTemplate(template, name, isFunctionName)
  const where = (at: number, text: string): string => {
    const before = template.slice(0, at)
    const line = before.split('\n').length
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1))
    const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text
    return `template: ${name}:${String(line)}:${String(column)}: executing "${name}" at <${shown}>`
  }
  return { execute: (context) => new Execution(context, where).run(actions) }
}

/** The labels that a template may look at; undefined where it cannot be read. */
export function labelNamesOf(template: string): readonly string[] | undefined {
  try {
    return [...new Set(namesOfActions(parseTemplate(template, 'line', isFunctionName)))]
  } catch {
    return undefined
  }
}

function namesOfActions(actions: readonly Action[]): string[] {
  return actions.flatMap((action) => {
    if (action.kind === 'print') return namesOfPipeline(action.pipeline)
    if (!('pipeline' in action)) return []
    return [...namesOfPipeline(action.pipeline), ...namesOfActions(action.then), ...namesOfActions(action.otherwise)]
  })
}

function namesOfPipeline({ commands }: Pipeline): string[] {
  return commands.flatMap(({ operands }) =>
    operands.flatMap((operand) => {
      const path = 'path' in operand ? operand.path.slice(0, 1) : []
      return operand.kind === 'pipeline' ? [...namesOfPipeline(operand.pipeline), ...path] : [...path]
    }),
  )
}
