import type { Command } from 'commander'
import { deadLetterActionSchema, deadLettersSchema } from '../../contract/index.ts'
import { AppError } from '../../core/index.ts'
import { createHubClient, DEFAULT_HUB, type HubClient } from '../http.ts'
import { openLetters, type Target } from './local.ts'
import { type ListedLetter, renderLetter, renderLetters, toListed } from './render.ts'

interface WhereOptions {
  readonly state?: string
  readonly hub: string
}

interface ActOptions extends WhereOptions {
  readonly all?: true
}

const NAME = 'as list prints it: <consumer>/<id>, or <consumer> for all of its letters'

/** `fleetglass dead-letters`: what could never be delivered as it is; on a running hub, or in a state directory. */
export function registerDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('list, show, replay and discard what could not be delivered')
  const where = (command: Command): Command =>
    command
      .option('--state <dir>', 'the state directory of a hub or an edge, running or not')
      .option('--hub <url>', 'otherwise the address of a running hub', DEFAULT_HUB)

  where(letters.command('list').description('list dead letters, oldest records first'))
    .option('--json', 'print them as JSON')
    .action(async (options: WhereOptions & { readonly json?: true }) => {
      const { letters: found, damaged } = await list(options)
      if (options.json === true) process.stdout.write(`${JSON.stringify({ letters: found, damaged }, null, 2)}\n`)
      else process.stdout.write(`${renderLetters(found, damaged)}\n`)
    })

  letters
    .command('show')
    .description('show one letter; with --payload also what it holds, which may be personal data')
    .argument('<letter>', 'as list prints it: <consumer>/<id>')
    .requiredOption('--state <dir>', 'the state directory of the hub or edge that keeps it')
    .option('--payload', 'print the payload: decoded where that is possible, otherwise as hexadecimal bytes')
    .action(async (name: string, options: { readonly state: string; readonly payload?: true }) => {
      const letter = await openLetters(options.state).read(parseLetter(name))
      if (letter === undefined) throw new AppError('not_found', `there is no dead letter ${name}`)
      process.stdout.write(`${renderLetter(letter, options.payload === true)}\n`)
    })

  for (const [verb, description, past] of [
    ['replay', 'have letters delivered again, each once', 'to be delivered again'],
    ['discard', 'remove letters for good', 'discarded'],
  ] as const) {
    where(letters.command(verb).description(description))
      .argument('[letters...]', NAME)
      .option('--all', 'all letters')
      .action(async (names: readonly string[], options: ActOptions) => {
        const affected = await act(verb, names, options)
        process.stdout.write(`${String(affected)} ${affected === 1 ? 'letter' : 'letters'} ${past}\n`)
      })
  }
}

async function list({ state, hub }: WhereOptions): Promise<{ letters: readonly ListedLetter[]; damaged: number }> {
  if (state !== undefined) {
    const { letters, damaged } = await openLetters(state).list()
    return { letters: letters.map(toListed), damaged: damaged.length }
  }
  const { letters, damaged } = await createHubClient(hub).get('/api/v1/dead-letters', deadLettersSchema)
  return { letters, damaged }
}

async function act(verb: 'replay' | 'discard', names: readonly string[], options: ActOptions): Promise<number> {
  const targets = targetsOf(names, options.all === true)
  if (options.state === undefined) return await actOnHub(createHubClient(options.hub), verb, targets)
  const letters = openLetters(options.state)
  let affected = 0
  for (const target of targets) affected += await letters[verb](target)
  return affected
}

async function actOnHub(client: HubClient, verb: string, targets: readonly Target[]): Promise<number> {
  let affected = 0
  for (const target of targets) {
    const query = 'all' in target ? { all: 'true' } : { ...target }
    affected += (await client.post(`/api/v1/dead-letters/${verb}`, deadLetterActionSchema, { query })).affected
  }
  return affected
}

function targetsOf(names: readonly string[], all: boolean): readonly Target[] {
  if (all && names.length === 0) return [{ all: true }]
  if (all || names.length === 0) throw new AppError('invalid', 'name letters as list prints them, or say --all')
  return names.map((name) => (name.includes('/') ? parseLetter(name) : { consumer: name }))
}

function parseLetter(name: string): { readonly consumer: string; readonly id: string } {
  const [consumer, id, ...more] = name.split('/')
  if (consumer !== undefined && id !== undefined && id !== '' && more.length === 0) return { consumer, id }
  throw new AppError('invalid', `${name} is no letter: write it as list prints it, <consumer>/<id>`)
}
