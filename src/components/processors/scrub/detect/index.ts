export { Matches } from './matches.ts'
export { Scanner } from './scanner.ts'
