import type { z } from 'zod'
import { describeIssue } from './describe-issue.ts'
import { knownKeysAt } from './json-schema.ts'
import { nearest } from './nearest.ts'
import { ConfigError, type ConfigProblem, renderPath } from './problems.ts'
import { isSecret } from './secret.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

export interface LoadConfigOptions {
  /** How messages call the file. */
  readonly file: string
  /** With it, every `{ env: NAME }` must name a variable that is set. Without it, this is left to whoever needs the secret. */
  readonly env?: NodeJS.ProcessEnv
}

/** The value of the YAML text by the schema, or one ConfigError with everything that is wrong, in the file's order. */
export function loadConfig<S extends z.ZodType>(schema: S, yamlText: string, options: LoadConfigOptions): z.output<S> {
  const source = readYaml(yamlText)
  if (source.value === undefined || source.value === null) {
    throw new ConfigError(
      options.file,
      source.problems.length > 0 ? source.problems : [{ path: '', message: 'the file is empty' }],
    )
  }
  const { value, problems } = checkConfig(schema, source, options.env)
  const all = [...source.problems, ...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  if (value === undefined || all.length > 0) throw new ConfigError(options.file, all)
  return value.data
}

/** A problem before it has a line. */
interface Finding {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

function checkConfig<S extends z.ZodType>(
  schema: S,
  source: YamlSource,
  env: NodeJS.ProcessEnv | undefined,
): { readonly value?: { readonly data: z.output<S> }; readonly problems: ConfigProblem[] } {
  const result = schema.safeParse(source.value, { error: describeIssue })
  if (!result.success) return { problems: locate(findIssues(schema, result.error.issues), source) }
  const problems = env === undefined ? [] : locate(findUnsetSecrets(result.data, env), source)
  return { value: { data: result.data }, problems }
}

function locate(findings: readonly Finding[], source: YamlSource | undefined): ConfigProblem[] {
  return findings.map(({ path, message }) => {
    const line = source?.lineOf(path)
    return { path: renderPath(path), ...(line === undefined ? {} : { line }), message }
  })
}

export interface ConfigPlace {
  readonly file: string
  /** Where in the file the value stands. */
  readonly prefix: readonly PropertyKey[]
  /** The file's text, for lines in the problems. */
  readonly yamlText?: string
}

/** Checks a part of a file that another schema passed through. Throws a ConfigError or returns the value. */
export function validateConfig<S extends z.ZodType>(schema: S, value: unknown, place: ConfigPlace): z.output<S> {
  const result = schema.safeParse(value, { error: describeIssue })
  if (result.success) return result.data
  const findings = findIssues(schema, result.error.issues)
  const source = place.yamlText === undefined ? undefined : readYaml(place.yamlText)
  const placed = findings.map(({ path, message }) => ({ path: [...place.prefix, ...path], message }))
  throw new ConfigError(place.file, locate(placed, source))
}

function findIssues(
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  prefix: readonly PropertyKey[] = [],
): Finding[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path]
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], message: describeUnknownKey(schema, path, key) }))
    }
    if (issue.code === 'invalid_union') return findIssues(schema, likeliestBranch(issue), path)
    if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ path, message: inner.message }))
    return [{ path, message: issue.message }]
  })
}

function describeUnknownKey(schema: z.ZodType, path: readonly PropertyKey[], key: string): string {
  const known = knownKeysAt(schema, path)
  const meant = nearest(key, known)
  if (meant !== undefined) return `unknown key: did you mean ${meant}?`
  return known.length === 0 ? 'unknown key' : `unknown key: known are ${known.join(', ')}`
}

/** Of the alternatives, the one that failed latest: the one whose own shape was met, if there is one. */
function likeliestBranch(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] {
  const depth = (branch: readonly z.core.$ZodIssue[]): number => Math.min(...branch.map((inner) => inner.path.length))
  const ranked = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length)
  const [best] = ranked
  const alike = ranked.filter((branch) => depth(branch) === 0 && branch.length === 1)
  if (best === undefined || (depth(best) === 0 && alike.length > 1)) {
    const messages = [...new Set(alike.map((branch) => branch[0]?.message ?? ''))].join(', or ')
    return [{ code: 'custom', path: [], message: messages === '' ? issue.message : messages }]
  }
  return best
}

function findUnsetSecrets(value: unknown, env: NodeJS.ProcessEnv, path: readonly PropertyKey[] = []): Finding[] {
  if (typeof value !== 'object' || value === null) return []
  if (isSecret(value)) {
    if (!('env' in value) || (env[value.env] ?? '') !== '') return []
    return [{ path, message: `the environment variable ${value.env} is not set` }]
  }
  const entries: [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries.flatMap(([key, inner]) => findUnsetSecrets(inner, env, [...path, key]))
}
