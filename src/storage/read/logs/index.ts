export { createLogSource } from './log-source.ts'
