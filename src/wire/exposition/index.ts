export { ExpositionError } from './exposition-error.ts'
export { roleInFamily } from './family-rules.ts'
export { type ExpositionFormat, expositionFormatOf } from './format.ts'
export {
  type ExpositionEntry,
  type ExpositionExemplar,
  type ExpositionOptions,
  ExpositionParser,
} from './parser.ts'
export { validateOpenMetrics } from './validate.ts'
