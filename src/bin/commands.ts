import { Command } from 'commander'
import { registerCommands } from '../cli/index.ts'
import { createInspector } from '../components/processors/scrub/index.ts'
import { packageDir, version } from './version.ts'

/** The command line. `hub` and `edge` stand here for the help; they are run before this is loaded. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const program = new Command('fleetglass')
    .description('Observability of many Kubernetes clusters in one hub, over mutual TLS.')
    .version(version)
    .showHelpAfterError()
  registerCommands(program, packageDir, createInspector)
  program.command('hub').description('run the hub (see hub --help)').allowUnknownOption()
  program.command('edge').description('run the edge of one cluster (see edge --help)').allowUnknownOption()
  await program.parseAsync([...argv])
}
