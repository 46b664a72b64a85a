export { DeadLetterBox, type LetterName, type LetterSummary } from './box.ts'
export { DEAD_LETTERS_DIR } from './layout.ts'
export type { DeadLetter, LetterHead, LetterOrigin } from './letter.ts'
export { createDeadLetterWriters, type DeadLetterWriter } from './writer.ts'
