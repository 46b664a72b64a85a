import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { resolveSecret, validateConfig } from '../../config/index.ts'
import { AppError } from '../../core/index.ts'
import { clusterScrubSchema, type ScrubSettings } from '../../fleet/index.ts'
import { readFleetFile } from '../fleet-file.ts'
import { readRequests } from './read-requests.ts'
import { type Inspect, type Inspected, renderInspected, renderSummary } from './render.ts'

/** Makes what shows the effect of rules; the program brings it, since commands know no components. */
export type CreateInspector = (settings: ScrubSettings, key: string | undefined) => Inspect

interface ScrubTestOptions {
  readonly fleet?: string
  readonly cluster?: string
  readonly profile?: string
  readonly rules?: string
  readonly showValues?: boolean
}

const FOUND = 1
const DEFAULT_RULES = ['email', 'us-ssn', 'credit-card', 'phone']

/** `fleetglass scrub test FILE`: what rules would do to the lines or requests of a file. Needs no hub. */
export function registerScrub(program: Command, createInspector: CreateInspector): void {
  program
    .command('scrub')
    .description('try rules for personal data')
    .command('test <file>')
    .description(
      'show what rules would do to a file of log lines, of JSON lines or of OTLP/JSON; - is standard input. ' +
        'Ends with 0 if there was nothing to do, 1 if there was, 2 if it could not be tried',
    )
    .option('--fleet <file>', 'take the rules from a fleet file: those of --cluster or --profile')
    .option('--cluster <name>', 'the cluster in the fleet file whose rules to take')
    .option('--profile <name>', 'the profile in the fleet file whose rules to take')
    .option(
      '--rules <rules>',
      `kinds with commas between, or a YAML file of rules (default: ${DEFAULT_RULES.join(',')})`,
    )
    .option('--show-values', 'print what was found, too')
    .action(async (file: string, options: ScrubTestOptions) => {
      const settings = readSettings(options)
      const inspect = createInspector(settings, await readKey(settings))
      const inspected: Inspected[] = []
      for (const { where, signal, payload } of readRequests(readText(file))) {
        const one = { where, ...inspect(signal, payload) }
        inspected.push(one)
        process.stdout.write(renderInspected(one, options.showValues === true))
      }
      process.stdout.write(renderSummary(inspected))
      if (inspected.some(({ texts }) => texts.length > 0)) process.exitCode = FOUND
    })
}

function readSettings({ fleet, cluster, profile, rules }: ScrubTestOptions): ScrubSettings {
  if (fleet === undefined) {
    if (cluster !== undefined || profile !== undefined)
      throw new AppError('invalid', '--cluster and --profile need --fleet FILE')
    return parseRules(rules)
  }
  if (rules !== undefined) throw new AppError('invalid', '--rules and --fleet: choose one')
  if ((cluster === undefined) === (profile === undefined)) {
    throw new AppError('invalid', '--fleet needs either --cluster NAME or --profile NAME')
  }
  const read = readFleetFile(fleet)
  if (profile !== undefined) {
    const settings = read.scrubProfiles.get(profile)
    if (settings === undefined) throw new AppError('not_found', `${fleet} has no scrub profile ${profile}`)
    return settings
  }
  if (cluster !== undefined && read.cluster(cluster) === undefined) {
    throw new AppError('not_found', `the fleet ${read.name} has no cluster ${cluster}`)
  }
  const settings = cluster === undefined ? undefined : read.scrub(cluster)
  if (settings === undefined) throw new AppError('not_found', `${fleet} has no scrub rules for ${cluster ?? ''}`)
  return settings
}

function parseRules(rules: string | undefined): ScrubSettings {
  const isFile = rules !== undefined && (/\.ya?ml$/.test(rules) || existsSync(rules))
  const value: unknown = isFile
    ? parse(readText(rules))
    : (rules?.split(',').map((kind) => kind.trim()) ?? DEFAULT_RULES)
  return validateConfig(clusterScrubSchema, value, { file: isFile ? rules : '--rules', prefix: [] })
}

/** Where the key is not at hand, one of this run shows as well what pseudonyms look like. */
async function readKey({ key, rules }: ScrubSettings): Promise<string | undefined> {
  if (!rules.some(({ action }) => action === 'pseudonym')) return undefined
  try {
    if (key !== undefined) return await resolveSecret(key)
    process.stderr.write('no key is named: pseudonyms are made with a key of this run\n')
  } catch (reason) {
    process.stderr.write(`${AppError.from(reason).message}: pseudonyms are made with a key of this run\n`)
  }
  return randomBytes(32).toString('hex')
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (reason) {
    throw AppError.from(reason, 'not_found', `read ${file}`)
  }
}
