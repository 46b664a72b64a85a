import { runEngineProgram } from '../storage/engine/index.ts'

await runEngineProgram(process.argv.slice(2))
