import { AppError } from '../core/index.ts'

/** One thing that is wrong in a configuration file. */
export interface ConfigProblem {
  /** Where, as one would write it: `clusters.dev-uaenorth.collect.scrape[0].job`; empty for the file as a whole. */
  readonly path: string
  /** 1-based; absent where the file could not be read as far as that. */
  readonly line?: number
  readonly message: string
}

/** Everything that is wrong in one file, at once. The message lists all of it, one problem a line. */
export class ConfigError extends AppError {
  readonly file: string
  readonly problems: readonly ConfigProblem[]

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super('invalid', problems.map((problem) => renderProblem(file, problem)).join('\n'))
    this.name = 'ConfigError'
    this.file = file
    this.problems = problems
  }
}

/** `fleet.yaml:12: clusters.dev.region: is missing`, in the form that editors and terminals make clickable. */
export function renderProblem(file: string, problem: ConfigProblem): string {
  const place = problem.line === undefined ? file : `${file}:${String(problem.line)}`
  return problem.path === '' ? `${place}: ${problem.message}` : `${place}: ${problem.path}: ${problem.message}`
}

/** A path of keys and indexes as text. Keys that would be ambiguous are quoted. */
export function renderPath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${String(part)}]`
    else if (/^[\w-]+$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`
    else text += `["${String(part)}"]`
  }
  return text
}
