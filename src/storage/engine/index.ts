export { type EngineMessage, runEngineProgram } from './program.ts'
