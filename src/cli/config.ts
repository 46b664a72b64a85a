import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { ConfigError, type ConfigProblem, renderProblem } from '../config/index.ts'
import { AppError } from '../core/index.ts'
import { parseEdgeFile, parseFleetFile } from '../fleet/index.ts'

const EXIT_INVALID = 2

/** `fleetglass config check FILE`: everything that is wrong with a fleet file or an edge's file, at once. */
export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('look at configuration files')
    .command('check')
    .description('check a fleet file or the file of an edge; prints every problem and ends with 2 if there is one')
    .argument('<file>', 'the file')
    .action((file: string) => {
      const result = checkConfigFile(file, readText(file))
      if ('summary' in result) process.stdout.write(`${[...result.warnings, result.summary].join('\n')}\n`)
      else {
        process.stderr.write(`${result.problems.join('\n')}\n`)
        process.exitCode = EXIT_INVALID
      }
    })
}

type CheckResult =
  | { readonly problems: readonly string[] }
  | { readonly summary: string; readonly warnings: readonly string[] }

/** Tells by its keys what kind of file it is. `file` is how messages call it. */
export function checkConfigFile(file: string, text: string): CheckResult {
  try {
    return isEdgeFile(text) ? checkEdge(file, text) : checkFleet(file, text)
  } catch (reason) {
    if (!(reason instanceof ConfigError)) throw reason
    return { problems: reason.problems.map((problem) => renderProblem(file, problem)) }
  }
}

function checkFleet(file: string, text: string): CheckResult {
  const fleet = parseFleetFile(text, file)
  const warn = (problem: ConfigProblem): string =>
    renderProblem(file, { ...problem, message: `warning: ${problem.message}` })
  const clusters = fleet.identities.length
  const summary = `${file}: good, fleet ${fleet.name} with ${String(clusters)} ${clusters === 1 ? 'cluster' : 'clusters'}`
  return { summary, warnings: fleet.warnings.map(warn) }
}

function checkEdge(file: string, text: string): CheckResult {
  const edge = parseEdgeFile(text, file)
  const receivers = Object.keys(edge.receivers).join(', ')
  const summary = `${file}: good, edge of ${edge.identity.cluster} with ${receivers === '' ? 'no receivers' : receivers}`
  // Each receiver checks its own settings, with its own schema, when the edge starts.
  return { summary, warnings: [] }
}

/** Anything that is not clearly an edge's is judged as a fleet file, which people write more often. */
function isEdgeFile(text: string): boolean {
  try {
    const value: unknown = parse(text, { uniqueKeys: false, logLevel: 'silent' })
    return (
      typeof value === 'object' && value !== null && !('fleet' in value) && ('identity' in value || 'stateDir' in value)
    )
  } catch {
    return false
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (reason) {
    throw AppError.from(reason, 'not_found', `read ${file}`)
  }
}
