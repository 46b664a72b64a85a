import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import { registerCommands } from '../cli/index.ts'

const packageDir = path.resolve(import.meta.dirname, '../..')

/** The command line. `hub` and `edge` stand here for the help; they are run before this is loaded. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const { version } = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8')) as { version: string }
  const program = new Command('fleetglass')
    .description('Observability of many Kubernetes clusters in one hub, over mutual TLS.')
    .version(version)
    .showHelpAfterError()
  registerCommands(program, packageDir)
  program.command('hub').description('run the hub (see hub --help)').allowUnknownOption()
  program.command('edge').description('run the edge of one cluster (see edge --help)').allowUnknownOption()
  await program.parseAsync([...argv])
}
