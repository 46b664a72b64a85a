export { fuzz, type FuzzReport, type FuzzTarget, Violation } from './fuzzer.ts'
export { FUZZ_TARGETS } from './targets.ts'
