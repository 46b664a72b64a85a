import type { Command } from 'commander'
import { registerCert } from './cert.ts'
import { registerConfig } from './config.ts'
import { registerDeadLetters } from './dead-letters/index.ts'
import { registerGrafana } from './grafana/index.ts'
import { registerLedger } from './ledger.ts'
import { registerQuery } from './query.ts'
import { registerRender } from './render.ts'
import { type CreateInspector, registerScrub } from './scrub/index.ts'
import { registerStatus } from './status.ts'
import { registerUp } from './up/index.ts'
import { registerVerify } from './verify/index.ts'

/**
 * Every command but `hub` and `edge`. `packageDir` holds the examples that `up` runs by default; `createInspector` is
 * what `scrub test` shows rules with.
 */
export function registerCommands(program: Command, packageDir: string, createInspector: CreateInspector): void {
  registerUp(program, packageDir)
  registerStatus(program)
  registerLedger(program)
  registerDeadLetters(program)
  registerQuery(program)
  registerVerify(program)
  registerConfig(program)
  registerCert(program)
  registerRender(program)
  registerGrafana(program)
  registerScrub(program, createInspector)
}
